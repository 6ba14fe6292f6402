// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalVerifier} from "../../contracts/interfaces/ISignalVerifier.sol";
import {Artifacts} from "../../scripts/support/Artifacts.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {Test} from "../support/Test.sol";

/// @title Our verifier and snark-verifier's, written independently, give one answer
/// @notice snark-verifier's code reduces scalars, checks no lengths and knows no hint, so it stands behind canonical
/// checks here and gets the proof without its last word. Corrupted hints: circuits/tests/agreement.rs.
contract AgreementTest is Test {
    uint256 private constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;
    uint256 private constant Q = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47;
    uint256 private constant ENOUGH = 2_000_000;
    /// @dev Words of the proof that are scalars: after six points, before the last two.
    uint256 private constant FIRST_SCALAR = 12;
    uint256 private constant LAST_SCALAR = 21;
    /// @dev Public words stand on every second row of the circuit.
    uint256 private constant STRIDE = 2;

    address private ours;
    address private theirs;
    uint256 private accepted;
    uint256 private rejected;

    function setUp() public {
        ours = Artifacts.create("verifier", Fixtures.verifierCode());
        theirs = Artifacts.create("reference", vm.getCode("Halo2Verifier.sol:Halo2Verifier"));
    }

    function test_verify_HonestProofs_BothAccept() public {
        uint256 rounds = Fixtures.count();
        for (uint256 i = 0; i < rounds; ++i) {
            Fixtures.Proven memory s = Fixtures.round(i);
            _compare(s.publicInputs, s.proof);
        }
        vm.assertEq(accepted, rounds, "honest");
    }

    function test_verify_EveryProofWordReplaced_BothReject() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        uint256[9] memory fillings = [0, 1, R - 1, R, R + 1, Q - 1, Q, Q + 1, type(uint256).max];
        for (uint256 word = 0; word < s.proof.length / 32 - 1; ++word) {
            for (uint256 i = 0; i < fillings.length; ++i) {
                _compareWithWord(s, word, fillings[i]);
            }
            uint256 original = _word(s.proof, word);
            _compareWithWord(s, word, addmod(original, 1, R));
            unchecked {
                _compareWithWord(s, word, original + R);
                _compareWithWord(s, word, Q - original);
            }
        }
        vm.assertEq(accepted, 0, "corrupted");
        vm.assertGe(rejected, 300, "cases");
    }

    function test_verify_EveryInputReplaced_BothReject() public {
        Fixtures.Proven memory s = Fixtures.round(1);
        for (uint256 i = 0; i < s.publicInputs.length; ++i) {
            uint256 original = s.publicInputs[i];
            s.publicInputs[i] = original + 1;
            _compare(s.publicInputs, s.proof);
            s.publicInputs[i] = original ^ (1 << 60);
            _compare(s.publicInputs, s.proof);
            s.publicInputs[i] = original + R;
            _compare(s.publicInputs, s.proof);
            s.publicInputs[i] = original;
        }
        vm.assertEq(accepted, 0, "corrupted");
    }

    function test_verify_ProofOfAnotherStatement_BothReject() public {
        _compare(Fixtures.round(0).publicInputs, Fixtures.round(1).proof);
        _compare(Fixtures.round(1).publicInputs, Fixtures.fabricated(0).proof);
        vm.assertEq(accepted, 0, "corrupted");
    }

    function _compareWithWord(Fixtures.Proven memory s, uint256 word, uint256 value) private {
        uint256 original = _word(s.proof, word);
        if (value == original) return;
        _setWord(s.proof, word, value);
        _compare(s.publicInputs, s.proof);
        _setWord(s.proof, word, original);
    }

    function _compare(uint256[] memory inputs, bytes memory proof) private {
        (bool ok, bytes memory answer) =
            ours.call{gas: ENOUGH}(abi.encodeCall(ISignalVerifier.verify, (inputs, proof)));
        bool here = ok && abi.decode(answer, (bool));
        bool there = _canonical(inputs, proof);
        if (there) {
            (there,) = theirs.call{gas: ENOUGH}(abi.encodePacked(_rows(inputs), _withoutHint(proof)));
        }
        vm.assertEq(here ? 1 : 0, there ? 1 : 0, "verifiers disagree");
        if (here) ++accepted;
        else ++rejected;
    }

    /// @dev The circuit's instance column: the public words with the rows between them.
    function _rows(uint256[] memory inputs) private pure returns (uint256[] memory rows) {
        rows = new uint256[]((inputs.length - 1) * STRIDE + 1);
        for (uint256 i = 0; i < inputs.length; ++i) {
            rows[i * STRIDE] = inputs[i];
        }
    }

    function _withoutHint(bytes memory proof) private pure returns (bytes memory body) {
        body = new bytes(proof.length - 32);
        for (uint256 i = 0; i < body.length; ++i) {
            body[i] = proof[i];
        }
    }

    function _canonical(uint256[] memory inputs, bytes memory proof) private pure returns (bool) {
        for (uint256 i = 0; i < inputs.length; ++i) {
            if (inputs[i] >= R) return false;
        }
        uint256 words = proof.length / 32 - 1;
        for (uint256 i = 0; i < words; ++i) {
            bool scalar = i >= FIRST_SCALAR && i <= LAST_SCALAR;
            if (_word(proof, i) >= (scalar ? R : Q)) return false;
        }
        return true;
    }

    function _word(bytes memory data, uint256 index) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 0x20), mul(index, 0x20)))
        }
    }

    function _setWord(bytes memory data, uint256 index, uint256 word) private pure {
        assembly ("memory-safe") {
            mstore(add(add(data, 0x20), mul(index, 0x20)), word)
        }
    }
}
