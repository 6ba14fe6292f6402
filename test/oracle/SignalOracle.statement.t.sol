// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {Feed, ISignalOracle} from "../../contracts/interfaces/ISignalOracle.sol";
import {ISignalVerifierGateway} from "../../contracts/interfaces/ISignalVerifierGateway.sol";
import {OracleArtifact} from "../../scripts/support/OracleArtifact.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {OracleTest} from "../support/OracleTest.sol";

/// @title What is proven must be what is claimed
contract SignalOracleStatementTest is OracleTest {
    uint256 private constant LOGITS = 17;
    uint256 private constant CLASS = 18;

    function test_submit_RevertWhen_AnySampledProofByteAltered() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes memory attestations = _attest(s);
        for (uint256 i = 0; i < s.proof.length; i += 41) {
            bytes1 original = s.proof[i];
            s.proof[i] = original ^ 0x01;
            vm.expectRevert(abi.encodeWithSelector(ISignalVerifierGateway.ProofRejected.selector, s.modelId));
            _submit(s, attestations);
            s.proof[i] = original;
        }
        _submit(s, attestations);
    }

    function test_submit_RevertWhen_ProofOfAnotherRound() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes memory attestations = _attest(s);
        s.proof = Fixtures.round(1).proof;
        vm.expectRevert(abi.encodeWithSelector(ISignalVerifierGateway.ProofRejected.selector, s.modelId));
        _submit(s, attestations);
    }

    function test_submit_RevertWhen_ProofLengthDiffers() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes memory attestations = _attest(s);
        bytes memory proof = s.proof;
        s.proof = bytes.concat(proof, hex"00");
        vm.expectRevert(
            abi.encodeWithSelector(
                ISignalVerifierGateway.WrongProofLength.selector, proof.length + 1, proof.length
            )
        );
        _submit(s, attestations);
        s.proof = "";
        vm.expectRevert(
            abi.encodeWithSelector(ISignalVerifierGateway.WrongProofLength.selector, 0, proof.length)
        );
        _submit(s, attestations);
    }

    /// @dev Signed by the quorum, in range, yet not what was proven: the proof system itself must refuse.
    function test_submit_RevertWhen_AnyPackedInputAltered() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        for (uint256 i = 1; i < LOGITS; ++i) {
            s.publicInputs[i] ^= 1;
            bytes memory attestations = _attest(s);
            vm.expectRevert(abi.encodeWithSelector(ISignalVerifierGateway.ProofRejected.selector, s.modelId));
            _submit(s, attestations);
            s.publicInputs[i] ^= 1;
        }
    }

    function test_submit_RevertWhen_LogitsAltered() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        // Raise the winner: the argmax stays, the statement does not.
        s.publicInputs[LOGITS] += 1 << (64 * uint256(s.signal));
        bytes memory attestations = _attest(s);
        vm.expectRevert(abi.encodeWithSelector(ISignalVerifierGateway.ProofRejected.selector, s.modelId));
        _submit(s, attestations);
    }

    function test_submit_RevertWhen_ClassAltered() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes memory attestations = _attest(s);
        uint256 honest = s.publicInputs[CLASS];
        s.publicInputs[CLASS] = (honest + 1) % 3;
        vm.expectRevert(
            abi.encodeWithSelector(ISignalOracle.ClassNotArgmax.selector, (honest + 1) % 3, honest)
        );
        _submit(s, attestations);
        s.publicInputs[CLASS] = 3;
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.ClassOutOfRange.selector, 3));
        _submit(s, attestations);
    }

    /// @dev x and x + r are the same scalar: the second writing must never be accepted.
    function test_submit_RevertWhen_AnyInputPlusGroupOrder() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        for (uint256 i = 0; i < s.publicInputs.length; ++i) {
            s.publicInputs[i] += R;
            bytes memory attestations = _attest(s);
            vm.expectPartialRevert(_rangeError(i));
            _submit(s, attestations);
            s.publicInputs[i] -= R;
        }
        _submit(s);
    }

    function test_submit_RevertWhen_PackedWordHas249Bits() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        s.publicInputs[1] = 1 << 248;
        bytes memory attestations = _attest(s);
        vm.expectRevert(
            abi.encodeWithSelector(ISignalOracle.PackedWordOutOfRange.selector, 1, 1 << 248, 1 << 248)
        );
        _submit(s, attestations);
    }

    function test_submit_RevertWhen_UnusedByteOfLastWordSet() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        // 496 = 16 * 31: of the shipped window the last word is full, and only its highest byte is unused.
        s.publicInputs[16] |= 1 << 248;
        bytes memory attestations = _attest(s);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISignalOracle.PackedWordOutOfRange.selector, 16, s.publicInputs[16], 1 << 248
            )
        );
        _submit(s, attestations);
        // 480 = 15 * 31 + 15: of a window without context it uses 15 bytes.
        Feed memory feed = _feed();
        feed.windowValues = 480;
        oracle = OracleArtifact.create(gateway, feed, address(this), _addresses(keys), 2);
        s.publicInputs[0] = oracle.bindingOf(s.closeTime, s.lastCloseE8);
        s.publicInputs[16] = 1 << 120;
        attestations = _attest(s);
        vm.expectRevert(
            abi.encodeWithSelector(ISignalOracle.PackedWordOutOfRange.selector, 16, 1 << 120, 1 << 120)
        );
        _submit(s, attestations);
    }

    function test_submit_RevertWhen_LogitsHaveMoreThan192Bits() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        uint256 altered = s.publicInputs[LOGITS] | (1 << 192);
        s.publicInputs[LOGITS] = altered;
        bytes memory attestations = _attest(s);
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.LogitsOutOfRange.selector, altered));
        _submit(s, attestations);
    }

    function test_submit_RevertWhen_InputCountDiffers() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes memory attestations = _attest(s);
        s.publicInputs = new uint256[](18);
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.WrongInputCount.selector, 18, 19));
        _submit(s, attestations);
        s.publicInputs = new uint256[](20);
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.WrongInputCount.selector, 20, 19));
        _submit(s, attestations);
    }

    function test_submit_RevertWhen_LastCloseIsNotTheBoundOne() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        s.lastCloseE8 += 1;
        bytes memory attestations = _attest(s);
        vm.expectPartialRevert(ISignalOracle.BindingMismatch.selector);
        _submit(s, attestations);
    }

    function test_submit_RevertWhen_LastCloseNotPositive() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes memory attestations = _attest(s);
        s.lastCloseE8 = 0;
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.LastCloseNotPositive.selector, int64(0)));
        _submit(s, attestations);
        s.lastCloseE8 = -1;
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.LastCloseNotPositive.selector, int64(-1)));
        _submit(s, attestations);
    }

    function test_submit_RevertWhen_ProofIsForAnotherChain() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        vm.chainId(11_155_111);
        bytes memory attestations = _attest(s);
        vm.expectPartialRevert(ISignalOracle.BindingMismatch.selector);
        _submit(s, attestations);
    }

    function test_submit_RevertWhen_ProofIsForAnotherOracle() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        oracle = OracleArtifact.create(gateway, _feed(), address(this), _addresses(keys), 2);
        bytes memory attestations = _attest(s);
        vm.expectPartialRevert(ISignalOracle.BindingMismatch.selector);
        _submit(s, attestations);
    }

    function test_submit_RevertWhen_ModelUnknown() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes memory attestations = _attest(s);
        s.modelId = 0x01020304;
        vm.expectRevert(abi.encodeWithSelector(ISignalVerifierGateway.RouteUnknown.selector, s.modelId));
        _submit(s, attestations);
    }

    function test_submit_RevertWhen_RouteFrozen() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes memory attestations = _attest(s);
        vm.prank(guardian);
        gateway.freeze(s.modelId);
        vm.expectRevert(abi.encodeWithSelector(ISignalVerifierGateway.RouteIsFrozen.selector, s.modelId));
        _submit(s, attestations);
    }

    function test_isAcceptable_GoodSubmission_SaysSoAndChangesNothing() public view {
        Fixtures.Proven memory s = Fixtures.round(0);
        (bool ok, bytes memory reason) = oracle.isAcceptable(Fixtures.submission(s, _attest(s)));
        vm.assertTrue(ok, "acceptable");
        vm.assertEq(reason.length, 0, "no reason");
        vm.assertEq(uint256(oracle.latestRoundId()), 0, "nothing stored");
    }

    function test_isAcceptable_BadSubmission_GivesTheTypedReason() public view {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes memory attestations = _attest(s);
        s.proof[7] ^= 0x80;
        (bool ok, bytes memory reason) = oracle.isAcceptable(Fixtures.submission(s, attestations));
        vm.assertFalse(ok, "not acceptable");
        vm.assertEq(
            reason, abi.encodeWithSelector(ISignalVerifierGateway.ProofRejected.selector, s.modelId), "reason"
        );
    }

    function _rangeError(uint256 index) private pure returns (bytes4) {
        if (index == 0) return ISignalOracle.BindingMismatch.selector;
        if (index == LOGITS) return ISignalOracle.LogitsOutOfRange.selector;
        if (index == CLASS) return ISignalOracle.ClassOutOfRange.selector;
        return ISignalOracle.PackedWordOutOfRange.selector;
    }
}
