// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalVerifier} from "../../contracts/interfaces/ISignalVerifier.sol";
import {ISignalVerifierGateway} from "../../contracts/interfaces/ISignalVerifierGateway.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {
    AcceptingVerifier,
    BombVerifier,
    BurningVerifier,
    RevertingAccumulator,
    SplitVerifier
} from "../support/HostileVerifiers.sol";
import {OracleTest} from "../support/OracleTest.sol";

/// @title Statements that share a pairing check, at the gateway and at the verifier
contract SignalVerifierGatewayBatchTest is OracleTest {
    bytes4 private constant OTHER = 0xaabbccdd;
    uint256 private constant COUNT = 3;

    function test_verifyBatch_FixtureProofs_Pass() public view {
        gateway.verifyBatch(Fixtures.modelId(), _schema(), _statements());
    }

    function test_verifyBatch_SameStatementTwice_Passes() public view {
        ISignalVerifierGateway.ProvenStatement[] memory twice =
            new ISignalVerifierGateway.ProvenStatement[](2);
        twice[0] = _statements()[0];
        twice[1] = twice[0];
        gateway.verifyBatch(Fixtures.modelId(), _schema(), twice);
    }

    function test_verifyBatch_RevertWhen_Empty() public {
        vm.expectRevert(ISignalVerifierGateway.EmptyBatch.selector);
        gateway.verifyBatch(Fixtures.modelId(), _schema(), new ISignalVerifierGateway.ProvenStatement[](0));
    }

    function test_verifyBatch_RevertWhen_RouteUnknownFrozenOrOfAnotherSchema() public {
        ISignalVerifierGateway.ProvenStatement[] memory statements = _statements();
        bytes4 modelId = Fixtures.modelId();
        vm.expectRevert(abi.encodeWithSelector(ISignalVerifierGateway.RouteUnknown.selector, OTHER));
        gateway.verifyBatch(OTHER, _schema(), statements);
        ISignalVerifierGateway.Schema memory other = _schema();
        other.timeframe = 300;
        vm.expectRevert(
            abi.encodeWithSelector(ISignalVerifierGateway.SchemaMismatch.selector, modelId, _schema(), other)
        );
        gateway.verifyBatch(modelId, other, statements);
        gateway.freeze(modelId);
        vm.expectRevert(abi.encodeWithSelector(ISignalVerifierGateway.RouteIsFrozen.selector, modelId));
        gateway.verifyBatch(modelId, _schema(), statements);
    }

    function test_verifyBatch_RevertWhen_AnyShapeIsWrong() public {
        ISignalVerifierGateway.ProvenStatement[] memory statements = _statements();
        bytes4 modelId = Fixtures.modelId();
        statements[1].proof = bytes.concat(statements[1].proof, bytes1(0));
        vm.expectRevert(abi.encodeWithSelector(ISignalVerifierGateway.WrongProofLength.selector, 865, 864));
        gateway.verifyBatch(modelId, _schema(), statements);
        statements = _statements();
        statements[2].publicInputs = new uint256[](18);
        vm.expectRevert(abi.encodeWithSelector(ISignalVerifierGateway.WrongInputCount.selector, 18, 19));
        gateway.verifyBatch(modelId, _schema(), statements);
    }

    function test_verifyBatch_RevertWhen_AnyPublicInputPlusGroupOrder() public {
        ISignalVerifierGateway.ProvenStatement[] memory statements = _statements();
        for (uint256 i = 0; i < 19; ++i) {
            statements[1].publicInputs[i] += R;
            vm.expectRevert(
                abi.encodeWithSelector(ISignalVerifierGateway.ProofRejected.selector, Fixtures.modelId())
            );
            gateway.verifyBatch{gas: COUNT * ENOUGH}(Fixtures.modelId(), _schema(), statements);
            statements[1].publicInputs[i] -= R;
        }
    }

    function test_verifyBatch_RevertWhen_AccumulatorHasNotFourWords() public {
        bytes[4] memory answers = [bytes(""), new bytes(96), new bytes(127), new bytes(160)];
        for (uint256 i = 0; i < answers.length; ++i) {
            _expectFailure(
                bytes4(uint32(i + 1)), address(new SplitVerifier(answers[i], abi.encode(uint256(1))))
            );
        }
        SplitVerifier willing = new SplitVerifier(new bytes(128), abi.encode(uint256(1)));
        gateway.addRoute(_route(OTHER, address(willing)));
        gateway.verifyBatch(OTHER, _schema(), _statements());
    }

    function test_verifyBatch_RevertWhen_AccumulatorIsWhatAFailedCallLeft() public {
        _expectFailure(OTHER, address(new RevertingAccumulator()));
    }

    function test_verifyBatch_RevertWhen_CodeChanged() public {
        ISignalVerifierGateway.ProvenStatement[] memory statements = _statements();
        bytes4 modelId = Fixtures.modelId();
        bytes32 want = verifier.codehash;
        vm.etch(verifier, type(AcceptingVerifier).runtimeCode);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISignalVerifierGateway.WrongCodehash.selector, verifier, verifier.codehash, want
            )
        );
        gateway.verifyBatch(modelId, _schema(), statements);
    }

    function test_verifyBatch_RevertWhen_DecisionIsAnythingButOne() public {
        bytes[5] memory answers = [
            bytes(""),
            abi.encode(uint256(0)),
            abi.encode(uint256(2)),
            abi.encodePacked(uint8(1)),
            abi.encode(uint256(1), uint256(1))
        ];
        for (uint256 i = 0; i < answers.length; ++i) {
            _expectFailure(bytes4(uint32(i + 1)), address(new SplitVerifier(new bytes(128), answers[i])));
        }
        _expectFailure(0x00000011, address(new BurningVerifier()));
        _expectFailure(0x00000012, address(new BombVerifier()));
    }

    function test_verifyBatch_RunningOutOfGas_NeverAccepts() public {
        bytes memory call = abi.encodeCall(
            ISignalVerifierGateway.verifyBatch, (Fixtures.modelId(), _schema(), _statements())
        );
        (bool done,) = address(gateway).call(call);
        vm.assertTrue(done, "with enough gas");
        ISignalVerifierGateway.ProvenStatement[] memory undecided = _statements();
        _mirrorLastPoint(undecided[0].proof);
        bytes[2] memory spoilt = [
            abi.encodeCall(ISignalVerifierGateway.verifyBatch, (Fixtures.modelId(), _schema(), _spoilt())),
            abi.encodeCall(ISignalVerifierGateway.verifyBatch, (Fixtures.modelId(), _schema(), undecided))
        ];
        for (uint256 gas_ = 50_000; gas_ < 900_000; gas_ += 17_000) {
            for (uint256 i = 0; i < 2; ++i) {
                (done,) = address(gateway).call{gas: gas_}(spoilt[i]);
                vm.assertFalse(done, "an invalid batch, with any gas");
            }
        }
    }

    /// @dev What `accumulate` takes and the pairing refuses, wherever it stands: each accumulator reaches `decide`.
    function test_verifyBatch_RevertWhen_OnlyThePairingSpeaksAgainstAProof() public {
        for (uint256 i = 0; i < COUNT; ++i) {
            ISignalVerifierGateway.ProvenStatement[] memory statements = _statements();
            _mirrorLastPoint(statements[i].proof);
            ISignalVerifier(verifier).accumulate(statements[i].publicInputs, statements[i].proof);
            vm.expectRevert(
                abi.encodeWithSelector(ISignalVerifierGateway.ProofRejected.selector, Fixtures.modelId())
            );
            gateway.verifyBatch{gas: COUNT * ENOUGH}(Fixtures.modelId(), _schema(), statements);
        }
    }

    function test_decide_RevertWhen_EmptyOrAccumulatorsAreAltered() public {
        ISignalVerifier judge = ISignalVerifier(verifier);
        uint256[4][] memory accumulators = new uint256[4][](COUNT);
        for (uint256 i = 0; i < COUNT; ++i) {
            Fixtures.Proven memory s = Fixtures.round(i);
            accumulators[i] = judge.accumulate(s.publicInputs, s.proof);
        }
        vm.assertTrue(judge.decide(accumulators), "as accumulated");
        vm.expectRevert();
        judge.decide(new uint256[4][](0));
        // Points of one in the place of another's: valid points, false equations.
        (accumulators[0][0], accumulators[0][1], accumulators[1][0], accumulators[1][1]) =
        (accumulators[1][0], accumulators[1][1], accumulators[0][0], accumulators[0][1]);
        vm.expectRevert();
        judge.decide{gas: COUNT * ENOUGH}(accumulators);
    }

    function _expectFailure(bytes4 modelId, address hostile) private {
        gateway.addRoute(_route(modelId, hostile));
        vm.expectRevert(abi.encodeWithSelector(ISignalVerifierGateway.ProofRejected.selector, modelId));
        gateway.verifyBatch{gas: COUNT * ENOUGH}(modelId, _schema(), _statements());
    }

    function _spoilt() private view returns (ISignalVerifierGateway.ProvenStatement[] memory statements) {
        statements = _statements();
        statements[COUNT - 1].proof[415] ^= 0x01;
    }

    function _statements() private view returns (ISignalVerifierGateway.ProvenStatement[] memory list) {
        list = new ISignalVerifierGateway.ProvenStatement[](COUNT);
        for (uint256 i = 0; i < COUNT; ++i) {
            Fixtures.Proven memory s = Fixtures.round(i);
            list[i] = ISignalVerifierGateway.ProvenStatement(s.publicInputs, s.proof);
        }
    }
}
