// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalVerifier} from "../../contracts/interfaces/ISignalVerifier.sol";
import {Artifacts} from "../../scripts/support/Artifacts.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {Test} from "../support/Test.sol";

/// @title The generated verifier, called with whatever bytes an attacker likes
contract VerifierTest is Test {
    uint256 private constant ENOUGH = 1_000_000;
    /// @dev Selector, two offsets, length of the inputs.
    uint256 private constant HEAD = 4 + 96;

    address private verifier;
    Fixtures.Proven private round;

    function setUp() public {
        verifier = Artifacts.create("verifier", Fixtures.verifierCode());
        round = Fixtures.round(0);
    }

    function test_verify_EveryFixture_IsAccepted() public {
        uint256 rounds = Fixtures.count();
        for (uint256 i = 0; i < rounds; ++i) {
            Fixtures.Proven memory s = Fixtures.round(i);
            vm.assertTrue(_accepts(_call(s.publicInputs, s.proof)), "honest");
        }
        for (uint256 i = 0; i < 2; ++i) {
            Fixtures.Proven memory s = Fixtures.fabricated(i);
            vm.assertTrue(_accepts(_call(s.publicInputs, s.proof)), "invented, yet proven");
        }
    }

    function test_verify_RevertWhen_AnySampledCalldataBitFlipped() public {
        bytes memory call = _call(round.publicInputs, round.proof);
        for (uint256 i = 4; i < call.length; i += 7) {
            bytes1 original = call[i];
            call[i] = original ^ bytes1(uint8(1 << (i % 8)));
            vm.assertFalse(_accepts(call), "altered");
            call[i] = original;
        }
        vm.assertTrue(_accepts(call), "restored");
    }

    function test_verify_RevertWhen_CalldataTruncatedOrExtended() public {
        bytes memory call = _call(round.publicInputs, round.proof);
        vm.assertFalse(_accepts(_head(call, call.length - 1)), "one byte short");
        vm.assertFalse(_accepts(_head(call, call.length - 32)), "one word short");
        vm.assertFalse(_accepts(_head(call, 4)), "selector alone");
        vm.assertFalse(_accepts(""), "empty");
        vm.assertFalse(_accepts(bytes.concat(call, hex"00")), "one byte more");
        vm.assertFalse(_accepts(bytes.concat(call, bytes32(0))), "one word more");
    }

    function test_verify_RevertWhen_LengthsDiffer() public {
        bytes memory proof = round.proof;
        vm.assertFalse(_accepts(_call(round.publicInputs, bytes.concat(proof, hex"00"))), "long proof");
        vm.assertFalse(_accepts(_call(round.publicInputs, _head(proof, proof.length - 1))), "short proof");
        vm.assertFalse(_accepts(_call(round.publicInputs, "")), "no proof");
        vm.assertFalse(_accepts(_call(new uint256[](0), proof)), "no inputs");
        vm.assertFalse(_accepts(_call(new uint256[](round.publicInputs.length - 1), proof)), "few inputs");
        vm.assertFalse(_accepts(_call(new uint256[](round.publicInputs.length + 1), proof)), "many inputs");
    }

    /// @dev The same statement written with unusual but decodable ABI offsets.
    function test_verify_RevertWhen_OffsetsAreNotCanonical() public {
        bytes memory call = _call(round.publicInputs, round.proof);
        // A word of padding in front of both tails.
        bytes memory padded = bytes.concat(
            ISignalVerifier.verify.selector,
            bytes32(uint256(0x60)),
            bytes32(uint256(0x60) + 32 * (round.publicInputs.length + 1)),
            bytes32(0),
            _tail(call, HEAD - 32)
        );
        vm.assertFalse(_accepts(padded), "padded");
        // Both arguments at the same place.
        bytes memory overlapping = bytes.concat(call);
        overlapping[67] = overlapping[35];
        overlapping[66] = overlapping[34];
        vm.assertFalse(_accepts(overlapping), "overlapping");
    }

    function test_verify_RevertWhen_InputsOfAnotherRound() public {
        vm.assertFalse(_accepts(_call(Fixtures.round(1).publicInputs, round.proof)), "mixed");
        vm.assertFalse(_accepts(_call(round.publicInputs, Fixtures.round(1).proof)), "mixed");
    }

    /// @dev Out of gas, wherever it strikes, is a failure and never an acceptance.
    function test_verify_RunningOutOfGas_NeverAccepts() public view {
        bytes memory call = _call(round.publicInputs, round.proof);
        uint256 needed = 0;
        for (uint256 gas_ = 5000; gas_ < 400_000; gas_ += 5000) {
            (bool success, bytes memory answer) = verifier.staticcall{gas: gas_}(call);
            if (success) {
                vm.assertEq(answer, abi.encode(true), "all or nothing");
                if (needed == 0) needed = gas_;
            } else {
                vm.assertEq(needed, 0, "more gas never turns success into failure");
            }
        }
        vm.assertTrue(needed != 0, "enough at last");
    }

    function testFuzz_verify_RevertWhen_ProofIsNoise(bytes32 seed) public {
        bytes memory proof;
        for (uint256 i = 0; i < round.proof.length / 32; ++i) {
            // Below both moduli, so that only the mathematics can refuse it.
            proof = bytes.concat(proof, keccak256(abi.encode(seed, i)) >> 3);
        }
        vm.assertFalse(_accepts(_call(round.publicInputs, proof)), "noise");
    }

    function test_code_IsWithinTwelveKilobytes() public view {
        vm.assertLe(verifier.code.length, 12_288, "within 12 KB");
    }

    function _accepts(bytes memory call) private returns (bool) {
        (bool success, bytes memory answer) = verifier.call{gas: ENOUGH}(call);
        vm.assertTrue(!success || keccak256(answer) == keccak256(abi.encode(true)), "true or revert");
        return success;
    }

    function _call(uint256[] memory inputs, bytes memory proof) private pure returns (bytes memory) {
        return abi.encodeCall(ISignalVerifier.verify, (inputs, proof));
    }

    function _head(bytes memory data, uint256 length) private pure returns (bytes memory part) {
        part = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            part[i] = data[i];
        }
    }

    function _tail(bytes memory data, uint256 from) private pure returns (bytes memory part) {
        part = new bytes(data.length - from);
        for (uint256 i = 0; i < part.length; ++i) {
            part[i] = data[from + i];
        }
    }
}
