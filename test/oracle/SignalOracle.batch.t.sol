// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalOracle, Round, Submission} from "../../contracts/interfaces/ISignalOracle.sol";
import {ISignalVerifierGateway} from "../../contracts/interfaces/ISignalVerifierGateway.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {OracleTest} from "../support/OracleTest.sol";

/// @title Several windows in one transaction, whose proofs share one pairing check
contract SignalOracleBatchTest is OracleTest {
    uint256 private constant COUNT = 4;

    function setUp() public override {
        super.setUp();
        vm.warp(Fixtures.round(COUNT - 1).closeTime + 5);
    }

    function test_submitBatch_ValidWindows_BecomeTheRoundsThatSubmitMakes() public {
        Submission[] memory batch = _batch();
        for (uint256 i = 0; i < COUNT; ++i) {
            vm.expectEmit(address(oracle));
            emit ISignalOracle.SignalAccepted(
                uint80(i + 1),
                batch[i].modelId,
                uint8(Fixtures.round(i).signal),
                batch[i].closeTime,
                _inputsDigest(batch[i].publicInputs),
                batch[i].lastCloseE8,
                address(this)
            );
        }
        uint256 state = vm.snapshotState();
        vm.assertEq(uint256(oracle.submitBatch(batch)), COUNT, "last round");
        bytes32[] memory together = _rounds();
        vm.revertToState(state);
        for (uint256 i = 0; i < COUNT; ++i) {
            oracle.submit(batch[i]);
        }
        bytes32[] memory alone = _rounds();
        for (uint256 i = 0; i < COUNT; ++i) {
            vm.assertEq(together[i], alone[i], "the same round");
        }
    }

    function test_submitBatch_OfOne_IsASubmission() public {
        vm.assertEq(uint256(oracle.submitBatch(_prefix(1))), 1, "round 1");
        vm.assertEq(uint256(oracle.latestSignalUnsafe().closeTime), Fixtures.round(0).closeTime, "stored");
    }

    function test_submitBatch_ThenSubmit_GoesOn() public {
        oracle.submitBatch(_prefix(COUNT - 1));
        vm.assertEq(uint256(_submit(Fixtures.round(COUNT - 1))), COUNT, "next round");
        Submission[] memory again = _batch();
        vm.expectPartialRevert(ISignalOracle.CloseTimeNotAfterLatest.selector);
        oracle.submitBatch(again);
    }

    function test_submitBatch_RevertWhen_Empty() public {
        vm.expectRevert(ISignalOracle.EmptyBatch.selector);
        oracle.submitBatch(new Submission[](0));
    }

    function test_submitBatch_RevertWhen_AnyProofIsInvalid() public {
        for (uint256 i = 0; i < COUNT; ++i) {
            for (uint256 part = 0; part < 3; ++part) {
                Submission[] memory batch = _batch();
                bytes memory proof = batch[i].proof;
                // A commitment, an evaluation, the last opening point.
                proof[[uint256(31), 415, 831][part]] ^= 0x01;
                _expectRejected(batch);
            }
            Submission[] memory mirrored = _batch();
            _mirrorLastPoint(mirrored[i].proof);
            _expectRejected(mirrored);
        }
    }

    function test_submitBatch_RevertWhen_ProofsAreSwapped() public {
        Submission[] memory batch = _batch();
        (batch[0].proof, batch[1].proof) = (batch[1].proof, batch[0].proof);
        _expectRejected(batch);
    }

    function test_submitBatch_RevertWhen_AnotherClassIsClaimed() public {
        Submission[] memory batch = _batch();
        uint256[] memory inputs = batch[2].publicInputs;
        // Logits that the class would follow from: only the proof speaks against them.
        uint256 class = (inputs[18] + 1) % 3;
        (inputs[17], inputs[18]) = (uint256(type(uint64).max) << (64 * class), class);
        _expectRejected(batch);
    }

    function test_submitBatch_RevertWhen_InputsAreFabricated() public {
        Fixtures.Proven memory invented = Fixtures.fabricated(0);
        uint256 index = 0;
        while (Fixtures.round(index).closeTime != invented.closeTime) ++index;
        vm.warp(invented.closeTime + 5);
        Submission[] memory batch = new Submission[](1);
        // The attestations that honest nodes gave for this very minute.
        batch[0] = Fixtures.submission(invented, _attest(Fixtures.round(index)));
        vm.expectRevert();
        oracle.submitBatch(batch);
        vm.assertEq(uint256(oracle.latestRoundId()), 0, "nothing written");
    }

    function test_submitBatch_RevertWhen_OneWindowLacksAttestations() public {
        Submission[] memory batch = _batch();
        batch[COUNT - 1].attestations = "";
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.WrongAttestationsLength.selector, 0, 130));
        oracle.submitBatch(batch);
        vm.assertEq(uint256(oracle.latestRoundId()), 0, "nothing written");
    }

    function test_submitBatch_RevertWhen_OutOfOrderOrTwice() public {
        Submission[] memory batch = _batch();
        (batch[1], batch[2]) = (batch[2], batch[1]);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISignalOracle.CloseTimeNotAfterLatest.selector, batch[2].closeTime, batch[1].closeTime
            )
        );
        oracle.submitBatch(batch);
        batch = _batch();
        batch[1] = batch[0];
        vm.expectPartialRevert(ISignalOracle.CloseTimeNotAfterLatest.selector);
        oracle.submitBatch(batch);
    }

    function test_submitBatch_RevertWhen_OldestIsTooOld() public {
        Submission[] memory batch = _batch();
        vm.warp(batch[0].closeTime + MAX_AGE + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISignalOracle.CloseTimeTooOld.selector, batch[0].closeTime, block.timestamp - MAX_AGE
            )
        );
        oracle.submitBatch(batch);
    }

    function test_submitBatch_RevertWhen_ModelsAreMixed() public {
        Submission[] memory batch = _batch();
        batch[2].modelId = 0x11223344;
        vm.expectRevert(
            abi.encodeWithSelector(ISignalOracle.MixedModels.selector, bytes4(0x11223344), batch[0].modelId)
        );
        oracle.submitBatch(batch);
    }

    function test_submitBatch_RevertWhen_ModelFrozen() public {
        gateway.freeze(Fixtures.modelId());
        Submission[] memory batch = _batch();
        vm.expectRevert(
            abi.encodeWithSelector(ISignalVerifierGateway.RouteIsFrozen.selector, Fixtures.modelId())
        );
        oracle.submitBatch(batch);
    }

    function _expectRejected(Submission[] memory batch) private {
        vm.expectRevert(
            abi.encodeWithSelector(ISignalVerifierGateway.ProofRejected.selector, Fixtures.modelId())
        );
        oracle.submitBatch{gas: 8 * ENOUGH}(batch);
        vm.assertEq(uint256(oracle.latestRoundId()), 0, "nothing written");
    }

    function _rounds() private view returns (bytes32[] memory list) {
        list = new bytes32[](COUNT);
        for (uint256 i = 0; i < COUNT; ++i) {
            Round memory r = oracle.round(uint80(i + 1));
            list[i] = keccak256(abi.encode(r));
        }
    }

    function _batch() private view returns (Submission[] memory) {
        return _prefix(COUNT);
    }
}
