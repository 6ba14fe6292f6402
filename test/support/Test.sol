// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {VM, Vm} from "./Vm.sol";

/// @title Base of the forge tests
abstract contract Test {
    /// @dev forge looks for this name.
    bool public constant IS_TEST = true;

    Vm internal constant vm = VM;

    /// @dev Runs a constructor so that the contract ends up at a chosen address.
    function deployCodeTo(bytes memory initCode, address where) internal {
        vm.etch(where, initCode);
        (bool success, bytes memory runtime) = where.call("");
        vm.assertTrue(success, "constructor reverted");
        vm.etch(where, runtime);
    }

    /// @dev Maps a fuzzed value into [min, max].
    function bound(uint256 value, uint256 min, uint256 max) internal pure returns (uint256) {
        uint256 size = max - min;
        return size == type(uint256).max ? value : min + value % (size + 1);
    }
}
