// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {RefillingBudget} from "../../contracts/treasury/RefillingBudget.sol";
import {Test} from "../support/Test.sol";

/// @title One step of a budget, from every possible state
/// @notice Proved by `make analyse`, not run by forge, for every amount and a few waits (fuzz tests vary the wait). Steps
/// add up: with `used` at most the capacity before and after, any sequence of spendings stays within one capacity plus
/// what has refilled.
contract RefillingBudgetSymbolic is Test {
    using RefillingBudget for RefillingBudget.Budget;

    uint256 private constant CAPACITY = 1_000_000e6;
    uint256 private constant PERIOD = 1 days;
    uint256 private constant NOW = 1_700_000_000;

    RefillingBudget.Budget private budget;

    /// @dev What a step spends is at most what it adds to `used` plus what refilled since the last one.
    function check_spend_AStepCostsWhatItAddsPlusTheRefill(uint128 used, uint128 amount) external {
        vm.assume(used <= CAPACITY);
        uint64[5] memory waits = _waits();
        for (uint256 i = 0; i < waits.length; ++i) {
            _set(used, waits[i]);
            if (amount > budget.left(CAPACITY, PERIOD)) continue;
            budget.spend(amount, CAPACITY, PERIOD);
            vm.assertTrue(budget.used <= CAPACITY, "never above the capacity");
            vm.assertTrue(budget.updatedAt == NOW, "counted from now");
            uint256 refilled = CAPACITY * waits[i] / PERIOD;
            vm.assertTrue(uint256(amount) + used <= budget.used + refilled, "no more than has refilled");
        }
    }

    function check_left_OnlyGrowsWithTimeUpToTheCapacity(uint128 used) external {
        uint256 before = 0;
        uint64[5] memory waits = _waits();
        for (uint256 i = 0; i < waits.length; ++i) {
            _set(used, waits[i]);
            uint256 left = budget.left(CAPACITY, PERIOD);
            vm.assertTrue(left >= before, "waiting never costs");
            vm.assertTrue(left <= CAPACITY, "never more than full");
            before = left;
        }
    }

    /// @dev Ascending, up to longer than an empty budget takes to be full.
    function _waits() private pure returns (uint64[5] memory) {
        return [uint64(0), 12, 3601, 86_399, 31_536_000];
    }

    /// @dev As if the last step had been `elapsed` seconds ago.
    function _set(uint128 used, uint64 elapsed) private {
        vm.warp(NOW);
        budget = RefillingBudget.Budget({used: used, updatedAt: uint64(NOW - elapsed)});
    }
}
