// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {RefillingBudget} from "../../contracts/treasury/RefillingBudget.sol";
import {Test} from "../support/Test.sol";

/// @title A budget refills steadily and never beyond its capacity
contract RefillingBudgetTest is Test {
    using RefillingBudget for RefillingBudget.Budget;

    RefillingBudget.Budget private budget;

    function test_left_Untouched_IsTheCapacity() public view {
        vm.assertEq(budget.left(100, 1000), 100, "full");
    }

    function test_spend_ThenTime_RefillsSteadily() public {
        vm.warp(1_000_000);
        budget.spend(100, 100, 1000);
        vm.assertEq(budget.left(100, 1000), 0, "empty");
        vm.warp(1_000_250);
        vm.assertEq(budget.left(100, 1000), 25, "a quarter");
        vm.warp(1_000_999);
        vm.assertEq(budget.left(100, 1000), 99, "almost");
        vm.warp(1_005_000);
        vm.assertEq(budget.left(100, 1000), 100, "never more than full");
    }

    function test_left_CapacityCutBelowUse_IsZero() public {
        vm.warp(1_000_000);
        budget.spend(80, 100, 1000);
        vm.assertEq(budget.left(50, 1000), 0, "nothing left, no underflow");
    }

    /// @dev Greedy spending across any number of steps: never above capacity plus refill.
    function testFuzz_spend_Greedy_StaysWithinCapacityPlusRefill(uint16[8] memory waits) public {
        vm.warp(1_000_000);
        uint256 spent = 0;
        uint256 elapsed = 0;
        for (uint256 i = 0; i < waits.length; ++i) {
            elapsed += waits[i];
            vm.warp(1_000_000 + elapsed);
            uint256 available = budget.left(1e12, 3600);
            budget.spend(available, 1e12, 3600);
            spent += available;
        }
        vm.assertLe(spent, 1e12 + 1e12 * elapsed / 3600, "capacity plus refill");
    }
}
