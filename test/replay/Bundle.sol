// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {VM} from "../support/Vm.sol";

/// @title One round's evidence, as `veriregime audit --write-bundle` writes it
library Bundle {
    struct Announced {
        bytes4 modelId;
        uint64 closeTime;
        uint256 class;
        int64 lastCloseE8;
    }

    struct Evidence {
        uint256 chainId;
        address oracle;
        bytes32 tx;
        uint256 round;
        Announced stored;
        Announced announced;
        bytes32 inputsDigest;
        bytes4 modelId;
        uint64 closeTime;
        int64 lastCloseE8;
        uint256[] publicInputs;
        bytes proof;
        bytes attestations;
        address[] attestors;
        uint8 threshold;
        bytes32 candles;
    }

    /// @notice Reads a bundle's text.
    function parse(string memory json) internal pure returns (Evidence memory e) {
        e.chainId = VM.parseJsonUint(json, ".chain_id");
        e.oracle = VM.parseJsonAddress(json, ".oracle");
        e.tx = VM.parseJsonBytes32(json, ".tx");
        e.round = VM.parseJsonUint(json, ".round");
        e.stored = _announced(json, ".stored");
        e.announced = _announced(json, ".event");
        e.inputsDigest = VM.parseJsonBytes32(json, ".inputs_digest");
        e.modelId = bytes4(VM.parseJsonBytes(json, ".model_id"));
        e.closeTime = uint64(VM.parseJsonUint(json, ".close_time"));
        e.lastCloseE8 = int64(VM.parseJsonInt(json, ".last_close_e8"));
        e.publicInputs = VM.parseJsonUintArray(json, ".public_inputs");
        e.proof = VM.parseJsonBytes(json, ".proof");
        e.attestations = VM.parseJsonBytes(json, ".attestations");
        e.attestors = VM.parseJsonAddressArray(json, ".attestors");
        e.threshold = uint8(VM.parseJsonUint(json, ".threshold"));
        e.candles = VM.parseJsonBytes32(json, ".candles");
    }

    function _announced(string memory json, string memory node) private pure returns (Announced memory a) {
        a.modelId = bytes4(VM.parseJsonBytes(json, string.concat(node, ".model_id")));
        a.closeTime = uint64(VM.parseJsonUint(json, string.concat(node, ".close_time")));
        a.class = VM.parseJsonUint(json, string.concat(node, ".class"));
        a.lastCloseE8 = int64(VM.parseJsonInt(json, string.concat(node, ".last_close_e8")));
    }
}
