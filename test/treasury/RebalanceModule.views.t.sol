// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {TreasuryTest} from "../support/TreasuryTest.sol";

/// @title What the module says about itself
contract RebalanceModuleViewsTest is TreasuryTest {
    function test_bounds_AreThoseOfTheConstructor() public view {
        vm.assertEq(abi.encode(module.bounds()), abi.encode(_bounds()), "every field");
    }
}
