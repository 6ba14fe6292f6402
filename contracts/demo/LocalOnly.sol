// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

/// @title Refuses to exist anywhere but on a local chain
abstract contract LocalOnly {
    uint256 private constant LOCAL_CHAIN = 31_337;

    error NotLocalChain(uint256 got, uint256 want);

    constructor() {
        if (block.chainid != LOCAL_CHAIN) revert NotLocalChain(block.chainid, LOCAL_CHAIN);
    }
}
