// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalOracle, Round, Submission} from "../../contracts/interfaces/ISignalOracle.sol";
import {ISignalVerifierGateway} from "../../contracts/interfaces/ISignalVerifierGateway.sol";
import {SignalVerifierGateway} from "../../contracts/oracle/SignalVerifierGateway.sol";
import {Artifacts} from "../../scripts/support/Artifacts.sol";
import {DeploymentConfig} from "../../scripts/support/DeploymentConfig.sol";
import {IDeployedOracle, OracleArtifact} from "../../scripts/support/OracleArtifact.sol";
import {VerifierParams} from "../../scripts/support/VerifierParams.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {OracleTest} from "../support/OracleTest.sol";
import {Bundle} from "./Bundle.sol";

/// @title Replays a past round without a chain
/// @notice Rebuilds the oracle of a bundle at its address, around the committed verifier, and submits the round
/// again. Whatever disagrees is named: by the oracle's own typed error, or by `Disagrees` with the bundle's field.
///
///   BUNDLE=target/round-3.json npx forge test --match-path test/replay/Replay.t.sol
///
/// Environment: BUNDLE (a file under target/, deployments/ or test/; without it a fixture round is replayed),
/// SYMBOL, TIMEFRAME and WINDOW_VALUES as for scripts/Deploy.s.sol, VERIFIER_DIR (default
/// contracts/verifiers/<model id>).
contract ReplayTest is OracleTest {
    string private constant BUNDLES = "test/replay/bundles/";
    string private constant COPY = "target/test-bundle.json";
    uint256 private constant SIGNATURE_LENGTH = 65;

    /// @notice `field` of the bundle says `got`, the rest of it says `want`.
    error Disagrees(string field, bytes32 got, bytes32 want);

    function test_replay_Bundle_Agrees() public {
        string memory path = vm.envOr("BUNDLE", string(""));
        this.replay(Bundle.parse(bytes(path).length == 0 ? _fixtureBundle() : vm.readFile(path)));
    }

    function test_replay_CommittedBundles_Agree() public {
        string memory index = vm.readFile(string.concat(BUNDLES, "index.json"));
        uint256 count = 0;
        uint256 clean = vm.snapshotState();
        for (; vm.keyExistsJson(index, _entry(count, "")); ++count) {
            string memory bundle = vm.parseJsonString(index, _entry(count, ".bundle"));
            this.replayListed(index, count, vm.readFile(string.concat(BUNDLES, bundle)));
            // Every round gets an oracle of its own.
            vm.revertToState(clean);
        }
        vm.assertGe(count, 10, "ten real rounds");
    }

    /// @dev A lone bundle cannot prove where it was found nor which candles it was made from; the committed list says
    /// it for the committed ones.
    function test_replay_RevertWhen_CommittedBundleNamesAnotherRoundTransactionOrCandles() public {
        string memory index = vm.readFile(string.concat(BUNDLES, "index.json"));
        string memory bundle =
            vm.readFile(string.concat(BUNDLES, vm.parseJsonString(index, _entry(0, ".bundle"))));
        string memory otherRound = _with(bundle, "round", "2");
        vm.expectRevert(abi.encodeWithSelector(Disagrees.selector, "round", 2, 1));
        this.replayListed(index, 0, otherRound);
        string memory otherTx = _with(bundle, "tx", _word(1));
        vm.expectRevert(abi.encodeWithSelector(Disagrees.selector, "tx", 1, Bundle.parse(bundle).tx));
        this.replayListed(index, 0, otherTx);
        string memory otherCandles = _with(bundle, "candles", _word(1));
        vm.expectRevert(
            abi.encodeWithSelector(Disagrees.selector, "candles", 1, Bundle.parse(bundle).candles)
        );
        this.replayListed(index, 0, otherCandles);
    }

    /// @dev Every field of the format, each altered alone; a new field without a case here fails.
    function test_replay_RevertWhen_AnyFieldIsTampered() public {
        string memory bundle = _fixtureBundle();
        string[] memory fields = vm.parseJsonKeys(bundle, "$");
        uint256 located = 0;
        for (uint256 i = 0; i < fields.length; ++i) {
            if (_is(fields[i], "round") || _is(fields[i], "tx") || _is(fields[i], "candles")) {
                ++located; // see the test above
            } else if (_is(fields[i], "stored") || _is(fields[i], "event")) {
                string[] memory inner = vm.parseJsonKeys(bundle, string.concat(".", fields[i]));
                for (uint256 j = 0; j < inner.length; ++j) {
                    string memory field = string.concat(fields[i], ".", inner[j]);
                    _expectNamed(bundle, field, _otherAnnounced(inner[j]), field);
                }
            } else {
                _tamper(bundle, fields[i]);
            }
        }
        vm.assertEq(located, 3, "round, tx and candles");
    }

    function test_replay_RevertWhen_AnyPublicInputIsTampered() public {
        string memory bundle = _fixtureBundle();
        uint256 last = Bundle.parse(bundle).publicInputs.length - 1;
        for (uint256 i = 0; i <= last; ++i) {
            Bundle.Evidence memory e = Bundle.parse(bundle);
            e.publicInputs[i] ^= 1;
            if (i == 0) vm.expectPartialRevert(ISignalOracle.BindingMismatch.selector);
            else if (i < last - 1) vm.expectPartialRevert(Disagrees.selector);
            else if (i == last - 1) vm.expectPartialRevert(ISignalVerifierGateway.ProofRejected.selector);
            else vm.expectPartialRevert(ISignalOracle.ClassNotArgmax.selector);
            this.replay(e);
        }
    }

    function test_replay_RevertWhen_ProofTampered() public {
        Bundle.Evidence memory e = _fixture();
        e.proof[e.proof.length - 1] ^= 0x01;
        vm.expectRevert(abi.encodeWithSelector(ISignalVerifierGateway.ProofRejected.selector, e.modelId));
        this.replay(e);
    }

    /// @dev External, so that a test can expect its revert as a whole.
    function replayListed(string calldata index, uint256 i, string calldata json) external {
        Bundle.Evidence memory e = Bundle.parse(json);
        _same("round", bytes32(e.round), bytes32(vm.parseJsonUint(index, _entry(i, ".round"))));
        _same("tx", e.tx, vm.parseJsonBytes32(index, _entry(i, ".tx")));
        _same("candles", e.candles, vm.parseJsonBytes32(index, _entry(i, ".candles")));
        this.replay(e);
    }

    function replay(Bundle.Evidence memory e) external {
        _sameAnnouncements(e);
        vm.chainId(e.chainId);
        vm.warp(e.closeTime);
        IDeployedOracle again = _rebuild(e);
        _sameDigest(again, e);
        uint80 id = again.submit(
            Submission(e.modelId, e.closeTime, e.lastCloseE8, e.proof, e.publicInputs, e.attestations)
        );
        Round memory r = again.round(id);
        _same("stored.class", bytes32(e.stored.class), bytes32(uint256(r.class)));
        _same("event.class", bytes32(e.announced.class), bytes32(uint256(r.class)));
        _same("close_time", bytes32(uint256(e.closeTime)), bytes32(uint256(r.closeTime)));
    }

    function _tamper(string memory bundle, string memory field) private {
        if (_is(field, "chain_id")) {
            _expect(bundle, field, "1", ISignalOracle.BindingMismatch.selector);
        } else if (_is(field, "oracle")) {
            _expect(bundle, field, _address(0xBEEF), ISignalOracle.BindingMismatch.selector);
        } else if (_is(field, "proof")) {
            _expect(bundle, field, '"0x00"', ISignalVerifierGateway.WrongProofLength.selector);
        } else if (_is(field, "attestations")) {
            _expect(bundle, field, '"0x00"', ISignalOracle.WrongAttestationsLength.selector);
        } else if (_is(field, "attestors")) {
            string memory two = string.concat("[", _address(1), ",", _address(2), "]");
            _expect(bundle, field, two, ISignalOracle.NotAttestor.selector);
        } else if (_is(field, "threshold")) {
            _expect(bundle, field, "1", ISignalOracle.WrongAttestationsLength.selector);
        } else if (_is(field, "public_inputs")) {
            _expect(bundle, field, string.concat("[", _word(1), "]"), ISignalOracle.WrongInputCount.selector);
        } else if (_is(field, "inputs_digest")) {
            _expectNamed(bundle, field, _word(1), field);
        } else {
            // model_id, close_time, last_close_e8: the calldata's copy of what storage and event say, too
            _expectNamed(bundle, field, _otherAnnounced(field), field);
        }
    }

    function _otherAnnounced(string memory field) private pure returns (string memory) {
        if (_is(field, "model_id")) return '"0x00000001"';
        if (_is(field, "close_time")) return "60";
        if (_is(field, "last_close_e8")) return "7";
        vm.assertTrue(_is(field, "class"), string.concat("no tampering is known for ", field));
        return "3";
    }

    function _expect(string memory bundle, string memory field, string memory value, bytes4 selector)
        private
    {
        Bundle.Evidence memory e = Bundle.parse(_with(bundle, field, value));
        vm.expectPartialRevert(selector);
        this.replay(e);
    }

    /// @dev Expects `Disagrees` with this very name.
    function _expectNamed(string memory bundle, string memory field, string memory value, string memory name)
        private
    {
        try this.replay(Bundle.parse(_with(bundle, field, value))) {
            vm.assertTrue(false, string.concat("unnoticed: ", field));
        } catch (bytes memory reason) {
            vm.assertEq(bytes32(bytes4(reason)), bytes32(Disagrees.selector), field);
            vm.assertEq(this.nameOf(reason), name, "named");
        }
    }

    function nameOf(bytes calldata reason) external pure returns (string memory name) {
        (name,,) = abi.decode(reason[4:], (string, bytes32, bytes32));
    }

    function _with(string memory json, string memory field, string memory value)
        private
        returns (string memory)
    {
        vm.createDir("target", true);
        vm.writeFile(COPY, json);
        vm.writeJson(value, COPY, string.concat(".", field));
        return vm.readFile(COPY);
    }

    /// @dev Storage, event and calldata say the same; of three, the odd one is named.
    function _sameAnnouncements(Bundle.Evidence memory e) private pure {
        _odd("model_id", bytes32(e.modelId), bytes32(e.stored.modelId), bytes32(e.announced.modelId));
        _odd(
            "close_time",
            bytes32(uint256(e.closeTime)),
            bytes32(uint256(e.stored.closeTime)),
            bytes32(uint256(e.announced.closeTime))
        );
        _odd(
            "last_close_e8",
            bytes32(uint256(uint64(e.lastCloseE8))),
            bytes32(uint256(uint64(e.stored.lastCloseE8))),
            bytes32(uint256(uint64(e.announced.lastCloseE8)))
        );
    }

    function _odd(string memory field, bytes32 call, bytes32 stored, bytes32 announced) private pure {
        if (stored == announced) _same(field, call, stored);
        else if (call == announced) _same(string.concat("stored.", field), stored, call);
        else _same(string.concat("event.", field), announced, call);
    }

    /// @dev Where inputs and digest disagree, the signatures tell which of them was altered.
    function _sameDigest(IDeployedOracle again, Bundle.Evidence memory e) private view {
        if (e.publicInputs.length < 4) return; // the oracle names the count
        bytes32 digest = _inputsDigest(e.publicInputs);
        if (digest == e.inputsDigest) return;
        bool signed = e.attestations.length >= SIGNATURE_LENGTH
            && again.isAttestor(
                _signer(again.attestationDigest(e.closeTime, e.lastCloseE8, e.inputsDigest), e.attestations)
            );
        if (signed) revert Disagrees("public_inputs", digest, e.inputsDigest);
        revert Disagrees("inputs_digest", e.inputsDigest, digest);
    }

    function _signer(bytes32 digest, bytes memory attestations) private pure returns (address) {
        bytes32 r;
        bytes32 s;
        assembly ("memory-safe") {
            r := mload(add(attestations, 0x20))
            s := mload(add(attestations, 0x40))
        }
        return ecrecover(digest, uint8(attestations[64]), r, s);
    }

    function _is(string memory a, string memory b) private pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }

    function _entry(uint256 i, string memory field) private pure returns (string memory) {
        return string.concat(".rounds[", vm.toString(i), "]", field);
    }

    function _address(uint160 account) private pure returns (string memory) {
        return string.concat('"', vm.toString(address(account)), '"');
    }

    function _word(uint256 value) private pure returns (string memory) {
        return string.concat('"', vm.toString(abi.encode(value)), '"');
    }

    function _rebuild(Bundle.Evidence memory e) private returns (IDeployedOracle again) {
        string memory directory = vm.envOr(
            "VERIFIER_DIR", string.concat("contracts/verifiers/", vm.toString(abi.encodePacked(e.modelId)))
        );
        VerifierParams.Params memory params = VerifierParams.read(directory);
        _same("model_id", bytes32(e.modelId), bytes32(params.modelId));
        address rebuilt = Artifacts.create(params.artifact, vm.getCode(params.artifact));
        SignalVerifierGateway routes =
            new SignalVerifierGateway(address(this), guardian, _routes(params.modelId, rebuilt));
        deployCodeTo(
            OracleArtifact.initCode(
                routes, DeploymentConfig.feed(params), address(this), e.attestors, e.threshold
            ),
            e.oracle
        );
        again = IDeployedOracle(e.oracle);
        // A fresh oracle, wherever the code was run before.
        vm.assertEq(uint256(again.latestRoundId()), 0, "nothing submitted yet");
    }

    function _same(string memory field, bytes32 got, bytes32 want) private pure {
        if (got != want) revert Disagrees(field, got, want);
    }

    function _fixture() private returns (Bundle.Evidence memory) {
        return Bundle.parse(_fixtureBundle());
    }

    /// @dev A bundle in the binary's format around a fixture round.
    function _fixtureBundle() private returns (string memory) {
        Fixtures.Proven memory s = Fixtures.round(0);
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
        vm.serializeBytes32("bundle", "tx", bytes32(uint256(7)));
        vm.serializeUint("bundle", "round", 1);
        vm.serializeBytes32("bundle", "candles", bytes32(uint256(8)));
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
