// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {Signal, Submission} from "../../contracts/interfaces/ISignalOracle.sol";
import {VM} from "./Vm.sol";

/// @title Real proofs made by the product's prover
/// @notice Reads test/fixtures/rounds.json (signals) and regimes.json (regimes). The proofs are bound to chain 31337 and to a
/// fixed oracle address.
library Fixtures {
    string private constant PATH = "test/fixtures/rounds.json";
    string private constant REGIMES = "test/fixtures/regimes.json";

    struct Proven {
        bytes4 modelId;
        uint64 closeTime;
        int64 lastCloseE8;
        bytes proof;
        uint256[] publicInputs;
        Signal signal;
    }

    function oracle() internal view returns (address) {
        return VM.parseJsonAddress(VM.readFile(PATH), ".oracle");
    }

    function modelId() internal view returns (bytes4) {
        return bytes4(VM.parseJsonBytes(VM.readFile(PATH), ".modelId"));
    }

    /// @dev Creation code of the generated verifier.
    function verifierCode() internal view returns (bytes memory) {
        return VM.getCode(VM.parseJsonString(VM.readFile(PATH), ".verifier"));
    }

    /// @dev Proofs about the market's candles, consecutive minutes.
    function round(uint256 index) internal view returns (Proven memory) {
        return _read(PATH, string.concat(".rounds[", VM.toString(index), "]"));
    }

    /// @dev Proofs of the model that answers LOW or HIGH; `signal` is the number of the class.
    function regime(uint256 index) internal view returns (Proven memory) {
        return _read(REGIMES, string.concat(".rounds[", VM.toString(index), "]"));
    }

    /// @dev Creation code of that model's generated verifier.
    function regimeVerifierCode() internal view returns (bytes memory) {
        return VM.getCode(VM.parseJsonString(VM.readFile(REGIMES), ".verifier"));
    }

    /// @dev Another proof of the first round.
    function again() internal view returns (Proven memory) {
        return _read(PATH, ".again[0]");
    }

    /// @dev Valid proofs over invented inputs.
    function fabricated(uint256 index) internal view returns (Proven memory) {
        return _read(PATH, string.concat(".fabricated[", VM.toString(index), "]"));
    }

    /// @dev A round as the oracle takes it.
    function submission(Proven memory s, bytes memory attestations)
        internal
        pure
        returns (Submission memory)
    {
        return Submission({
            modelId: s.modelId,
            closeTime: s.closeTime,
            lastCloseE8: s.lastCloseE8,
            proof: s.proof,
            publicInputs: s.publicInputs,
            attestations: attestations
        });
    }

    /// @dev How many rounds there are.
    function count() internal view returns (uint256 rounds) {
        string memory json = VM.readFile(PATH);
        while (VM.keyExistsJson(json, string.concat(".rounds[", VM.toString(rounds), "]"))) ++rounds;
    }

    /// @dev Index of the first BUY or SELL at or after `from`.
    function findTrade(uint256 from) internal view returns (uint256 index) {
        index = from;
        while (round(index).signal == Signal.HOLD) ++index;
    }

    /// @dev Index of the first round at or after `from` with a given signal.
    function find(Signal signal, uint256 from) internal view returns (uint256 index) {
        string memory json = VM.readFile(PATH);
        index = from;
        while (
            VM.parseJsonUint(json, string.concat(".rounds[", VM.toString(index), "].signal"))
                != uint256(signal)
        ) ++index;
    }

    function _read(string memory path, string memory node) private view returns (Proven memory s) {
        string memory json = VM.readFile(path);
        s.modelId = bytes4(VM.parseJsonBytes(json, ".modelId"));
        s.closeTime = uint64(VM.parseJsonUint(json, string.concat(node, ".closeTime")));
        s.lastCloseE8 = int64(VM.parseJsonInt(json, string.concat(node, ".lastCloseE8")));
        s.proof = VM.parseJsonBytes(json, string.concat(node, ".proof"));
        s.publicInputs = VM.parseJsonUintArray(json, string.concat(node, ".publicInputs"));
        s.signal = Signal(VM.parseJsonUint(json, string.concat(node, ".signal")));
    }
}
