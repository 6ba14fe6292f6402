// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {Round, Signal} from "../../contracts/interfaces/ISignalOracle.sol";

/// @dev Test double: signals at will, for the treasury's invariants. The oracle's own tests use real proofs.
contract StubOracle {
    uint80 public latestRoundId;
    mapping(uint80 => Round) private _rounds;

    function push(Signal signal, uint256 closeE8) external {
        _rounds[++latestRoundId] = Round({
            closeTime: uint64(block.timestamp),
            acceptedAt: uint64(block.timestamp),
            class: uint8(signal),
            modelId: 0x01020304,
            lastCloseE8: int64(uint64(closeE8))
        });
    }

    function round(uint80 id) external view returns (Round memory) {
        return _rounds[id];
    }

    function classes() external pure returns (uint8) {
        return 3;
    }

    function isModelActive(bytes4) external pure returns (bool) {
        return true;
    }
}
