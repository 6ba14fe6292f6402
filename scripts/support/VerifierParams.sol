// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {VM} from "../../test/support/Vm.sol";
import {Narrow} from "./Narrow.sol";

/// @title What stands in params.json beside a generated verifier
library VerifierParams {
    uint256 private constant LOCAL_CHAIN = 31_337;

    struct Params {
        bytes4 modelId;
        bytes32 verifyingKeyDigest;
        uint32 proofLength;
        uint16 inputs;
        uint8 classes;
        string srsKind;
        string srsSha256;
        string artifact;
    }

    error ModelIdMismatch(bytes4 got, bytes4 want);
    error DevelopmentSrsOnPublicChain(uint256 chainId);
    error UnknownSrsKind(string got);

    /// @notice Reads `directory`/params.json and refuses what must never be deployed.
    function read(string memory directory) internal view returns (Params memory p) {
        string memory json = VM.readFile(string.concat(directory, "/params.json"));
        p.modelId = bytes4(VM.parseJsonBytes(json, ".modelId"));
        p.verifyingKeyDigest = VM.parseJsonBytes32(json, ".verifyingKeyDigest");
        p.proofLength = Narrow.toUint32("proofLength", VM.parseJsonUint(json, ".proofLength"));
        p.inputs = Narrow.toUint16("inputs", VM.parseJsonUint(json, ".inputs"));
        p.classes = Narrow.toUint8("classes", VM.parseJsonUint(json, ".classes"));
        p.srsKind = VM.parseJsonString(json, ".srs.kind");
        p.srsSha256 = VM.parseJsonString(json, ".srs.sha256");
        // VERIFIER_ARTIFACT names a verifier that was compiled from elsewhere.
        p.artifact = VM.envOr("VERIFIER_ARTIFACT", string.concat(directory, "/Verifier.sol:Verifier"));
        // A model id is the head of the verifying-key digest.
        if (p.modelId != bytes4(p.verifyingKeyDigest)) {
            revert ModelIdMismatch(p.modelId, bytes4(p.verifyingKeyDigest));
        }
        requireSrs(p.srsKind, block.chainid);
    }

    /// @notice Reverts for a development SRS on any chain but the local one: its secret is known, so anyone could
    /// prove anything.
    function requireSrs(string memory kind, uint256 chainId) internal pure {
        bytes32 got = keccak256(bytes(kind));
        if (got == keccak256("ceremony")) return;
        if (got != keccak256("development")) revert UnknownSrsKind(kind);
        if (chainId != LOCAL_CHAIN) revert DevelopmentSrsOnPublicChain(chainId);
    }
}
