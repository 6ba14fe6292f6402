// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title A budget that refills at a steady rate
/// @notice Empty, it takes `period` seconds to be full again. Any window of length `period` therefore sees at most
/// twice the capacity, and a window of n periods at most n + 1 capacities.
library RefillingBudget {
    struct Budget {
        uint128 used;
        uint64 updatedAt;
    }

    /// @notice What can be spent now.
    function left(Budget memory budget, uint256 capacity, uint256 period) internal view returns (uint256) {
        uint256 used = usedNow(budget, capacity, period);
        return used >= capacity ? 0 : capacity - used;
    }

    /// @notice Records spending; the caller has checked that it fits.
    function spend(Budget storage budget, uint256 amount, uint256 capacity, uint256 period) internal {
        budget.used = SafeCast.toUint128(usedNow(budget, capacity, period) + amount);
        budget.updatedAt = uint64(block.timestamp);
    }

    function usedNow(Budget memory budget, uint256 capacity, uint256 period) private view returns (uint256) {
        uint256 refilled = Math.mulDiv(capacity, block.timestamp - budget.updatedAt, period);
        return refilled >= budget.used ? 0 : budget.used - refilled;
    }
}
