// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

/// @title Marks a contract as a forge script
abstract contract Script {
    /// @dev forge looks for this name.
    bool public constant IS_SCRIPT = true;
}
