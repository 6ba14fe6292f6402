// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {TickPrice} from "../../contracts/treasury/TickPrice.sol";
import {Test} from "../support/Test.sol";

/// @title The average tick rounds toward minus infinity
/// @notice Proved by `make analyse`, not run by forge. Division by an arbitrary period is beyond the solvers: a power
/// of two covers every pair of readings, a minute every sum of 24 bits.
contract TickPriceSymbolic is Test {
    function check_mean_EveryPairOfReadings(int56 earlier, int56 later) external pure {
        _check(earlier, later, 4096);
    }

    function check_mean_EverySmallSumOverAMinute(int24 sum) external pure {
        _check(0, sum, 60);
    }

    /// @dev floor(sum / period) is the one integer t with t * period <= sum < (t + 1) * period.
    function _check(int56 earlier, int56 later, uint32 period) private pure {
        int256 tick = TickPrice.mean(earlier, later, period);
        int256 sum = int256(later) - int256(earlier);
        int256 p = int256(uint256(period));
        unchecked {
            vm.assertTrue(tick * p <= sum && sum < (tick + 1) * p, "the floor");
        }
    }
}
