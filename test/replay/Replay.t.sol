// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalOracle, Round} from "../../contracts/interfaces/ISignalOracle.sol";
import {ISignalVerifierGateway} from "../../contracts/interfaces/ISignalVerifierGateway.sol";
import {SignalOracle} from "../../contracts/oracle/SignalOracle.sol";
import {SignalVerifierGateway} from "../../contracts/oracle/SignalVerifierGateway.sol";
import {Artifacts} from "../../scripts/support/Artifacts.sol";
import {DeploymentConfig} from "../../scripts/support/DeploymentConfig.sol";
import {VerifierParams} from "../../scripts/support/VerifierParams.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {OracleTest} from "../support/OracleTest.sol";
import {Bundle} from "./Bundle.sol";

/// @title Replays a past round without a chain
/// @notice Rebuilds the oracle of a bundle at its address, around the committed verifier, and submits the round
/// again. Whatever disagrees is named: by the oracle's own typed error, or by `Disagrees`.
///
///   BUNDLE=target/round-3.json npx forge test --match-path test/replay/Replay.t.sol
///
/// Environment: BUNDLE (a file under target/, deployments/ or test/; without it a fixture round is replayed),
/// SYMBOL, TIMEFRAME and WINDOW_VALUES as for scripts/Deploy.s.sol, VERIFIER_DIR (default
/// contracts/verifiers/<model id>).
contract ReplayTest is OracleTest {
    error Disagrees(string field, bytes32 got, bytes32 want);

    function test_replay_Bundle_Agrees() public {
        string memory path = vm.envOr("BUNDLE", string(""));
        this.replay(Bundle.parse(bytes(path).length == 0 ? _fixtureBundle() : vm.readFile(path)));
    }

    function test_replay_RevertWhen_PriceTampered() public {
        Bundle.Evidence memory e = _fixture();
        e.lastCloseE8 += 1;
        vm.expectPartialRevert(ISignalOracle.BindingMismatch.selector);
        this.replay(e);
    }

    function test_replay_RevertWhen_InputsTampered() public {
        Bundle.Evidence memory e = _fixture();
        e.publicInputs[3] ^= 1;
        vm.expectRevert();
        this.replay(e);
    }

    function test_replay_RevertWhen_ProofTampered() public {
        Bundle.Evidence memory e = _fixture();
        e.proof[e.proof.length - 1] ^= 0x01;
        vm.expectRevert(abi.encodeWithSelector(ISignalVerifierGateway.ProofRejected.selector, e.modelId));
        this.replay(e);
    }

    function test_replay_RevertWhen_ModelTampered() public {
        Bundle.Evidence memory e = _fixture();
        e.modelId = 0x00000001;
        // No such verifier is committed.
        vm.expectRevert();
        this.replay(e);
    }

    function test_replay_RevertWhen_AttestorsTampered() public {
        Bundle.Evidence memory e = _fixture();
        e.attestors[0] = address(1);
        vm.expectPartialRevert(ISignalOracle.NotAttestor.selector);
        this.replay(e);
    }

    function test_replay_RevertWhen_StoredClassTampered() public {
        Bundle.Evidence memory e = _fixture();
        e.stored.class = (e.stored.class + 1) % 3;
        vm.expectRevert(
            abi.encodeWithSelector(Disagrees.selector, "stored.class", e.announced.class, e.stored.class)
        );
        this.replay(e);
    }

    function test_replay_RevertWhen_EventTampered() public {
        Bundle.Evidence memory e = _fixture();
        e.announced.closeTime += 60;
        vm.expectRevert(
            abi.encodeWithSelector(
                Disagrees.selector, "event.close_time", uint256(e.closeTime), uint256(e.announced.closeTime)
            )
        );
        this.replay(e);
    }

    function test_replay_RevertWhen_InputsDigestTampered() public {
        Bundle.Evidence memory e = _fixture();
        bytes32 honest = e.inputsDigest;
        e.inputsDigest ^= bytes32(uint256(1));
        vm.expectRevert(abi.encodeWithSelector(Disagrees.selector, "inputs_digest", honest, e.inputsDigest));
        this.replay(e);
    }

    /// @dev External, so that a test can expect its revert as a whole.
    function replay(Bundle.Evidence memory e) external {
        vm.chainId(e.chainId);
        vm.warp(e.closeTime);
        SignalOracle again = _rebuild(e);
        (, bytes32 digest) =
            again.validate(e.modelId, e.closeTime, e.lastCloseE8, e.proof, e.publicInputs, e.attestations);
        _same("inputs_digest", digest, e.inputsDigest);
        uint80 id =
            again.submit(e.modelId, e.closeTime, e.lastCloseE8, e.proof, e.publicInputs, e.attestations);
        Round memory r = again.round(id);
        _sameRound("stored", r, e.stored);
        _sameRound("event", r, e.announced);
    }

    function _rebuild(Bundle.Evidence memory e) private returns (SignalOracle again) {
        string memory directory = vm.envOr(
            "VERIFIER_DIR", string.concat("contracts/verifiers/", vm.toString(abi.encodePacked(e.modelId)))
        );
        VerifierParams.Params memory params = VerifierParams.read(directory);
        _same("model_id", bytes32(e.modelId), bytes32(params.modelId));
        address rebuilt = Artifacts.create(params.artifact, vm.getCode(params.artifact));
        SignalVerifierGateway routes =
            new SignalVerifierGateway(address(this), guardian, _routes(params.modelId, rebuilt));
        deployCodeTo(
            abi.encodePacked(
                type(SignalOracle).creationCode,
                abi.encode(routes, DeploymentConfig.feed(), address(this), e.attestors, e.threshold)
            ),
            e.oracle
        );
        again = SignalOracle(e.oracle);
        // A fresh oracle, wherever the code was run before.
        vm.assertEq(uint256(again.latestRoundId()), 0, "nothing submitted yet");
    }

    function _sameRound(string memory where, Round memory r, Bundle.Announced memory a) private pure {
        _same(string.concat(where, ".model_id"), bytes32(r.modelId), bytes32(a.modelId));
        _same(
            string.concat(where, ".close_time"), bytes32(uint256(r.closeTime)), bytes32(uint256(a.closeTime))
        );
        _same(string.concat(where, ".class"), bytes32(uint256(r.signal)), bytes32(a.class));
        bytes32 close = bytes32(uint256(uint64(r.lastCloseE8)));
        _same(string.concat(where, ".last_close_e8"), close, bytes32(uint256(uint64(a.lastCloseE8))));
    }

    function _same(string memory field, bytes32 got, bytes32 want) private pure {
        if (got != want) revert Disagrees(field, got, want);
    }

    function _fixture() private returns (Bundle.Evidence memory) {
        return Bundle.parse(_fixtureBundle());
    }

    /// @dev A bundle in the binary's format around a fixture round.
    function _fixtureBundle() private returns (string memory) {
        Fixtures.Submission memory s = Fixtures.round(0);
        bytes32[] memory words = new bytes32[](s.publicInputs.length);
        for (uint256 i = 0; i < words.length; ++i) {
            words[i] = bytes32(s.publicInputs[i]);
        }
        vm.serializeUint("announced", "close_time", s.closeTime);
        vm.serializeUint("announced", "class", uint256(s.signal));
        vm.serializeUint("announced", "last_close_e8", uint64(s.lastCloseE8));
        string memory announced = vm.serializeBytes("announced", "model_id", abi.encodePacked(s.modelId));
        vm.serializeString("bundle", "stored", announced);
        vm.serializeString("bundle", "event", announced);
        vm.serializeUint("bundle", "chain_id", block.chainid);
        vm.serializeAddress("bundle", "oracle", address(oracle));
        vm.serializeBytes32("bundle", "inputs_digest", _inputsDigest(s.publicInputs));
        vm.serializeBytes("bundle", "model_id", abi.encodePacked(s.modelId));
        vm.serializeUint("bundle", "close_time", s.closeTime);
        vm.serializeUint("bundle", "last_close_e8", uint64(s.lastCloseE8));
        vm.serializeBytes32("bundle", "public_inputs", words);
        vm.serializeBytes("bundle", "proof", s.proof);
        vm.serializeBytes("bundle", "attestations", _attest(s));
        vm.serializeAddress("bundle", "attestors", _addresses(keys));
        return vm.serializeUint("bundle", "threshold", 2);
    }
}
