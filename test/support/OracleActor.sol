// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {Feed, ISignalOracle, Round, Submission} from "../../contracts/interfaces/ISignalOracle.sol";
import {ISignalVerifierGateway} from "../../contracts/interfaces/ISignalVerifierGateway.sol";
import {SignalVerifierGateway} from "../../contracts/oracle/SignalVerifierGateway.sol";
import {IDeployedOracle, OracleArtifact} from "../../scripts/support/OracleArtifact.sol";
import {MoodyVerifier} from "./MoodyVerifier.sol";
import {Test} from "./Test.sol";

/// @dev Everything anyone may try with an oracle and its gateway, in any order: submissions by any signers with any
/// verdict, other attestors, reports, routes, freezes, changed code, strangers. Writes down what must never happen.
contract OracleActor is Test {
    uint256 private constant POOL = 6;
    uint32 private constant TIMEFRAME = 60;
    address private constant GUARDIAN = address(0x6A2D);
    address private constant STRANGER = address(0x57A6);

    SignalVerifierGateway public immutable gateway;
    IDeployedOracle public immutable oracle;

    /// @dev Keys in ascending order of their addresses; any of them may be an attestor at some time.
    uint256[POOL] private _keys;
    bytes4[3] private _ids = [bytes4(0x00000001), 0x00000002, 0x00000003];

    mapping(bytes4 modelId => bytes32) private _routeWhenFrozen;
    mapping(uint80 roundId => bytes32) private _roundWhenAccepted;
    mapping(address attestor => bool) public removed;
    /// @dev What reports took from the set since it was last set.
    uint256 public reportedSinceSet;

    uint256 public accepted;
    uint256 public batches;
    bool public acceptedWithoutVerdict;
    bool public acceptedWithoutQuorum;
    bool public acceptedBelowThreshold;
    bool public countedRemoved;
    bool public acceptedFrozen;
    bool public acceptedOtherCode;
    bool public acceptedNonsense;
    bool public acceptedUntimely;
    bool public routedTwice;
    bool public strangerSucceeded;
    bool public readmitted;

    constructor(uint256[] memory keys) {
        gateway =
            new SignalVerifierGateway(address(this), GUARDIAN, new ISignalVerifierGateway.RouteConfig[](0));
        address[] memory attestors = new address[](3);
        for (uint256 i = 0; i < POOL; ++i) {
            _keys[i] = keys[i];
            if (i < 3) attestors[i] = vm.addr(keys[i]);
        }
        oracle = OracleArtifact.create(
            gateway,
            Feed({symbol: "BTC/USDT", timeframe: TIMEFRAME, windowValues: 31, classes: 3, maxAge: 600}),
            address(this),
            attestors,
            2
        );
        for (uint256 i = 0; i < 2; ++i) {
            _route(_ids[i]);
        }
    }

    /// @dev The usual way: everything in order, whoever the attestors are now.
    function submitHonestly(uint256 model, uint256 class, uint256 gap) external {
        vm.warp(vm.getBlockTimestamp() + bound(gap, 1, 200));
        _submit(_pick(model), _now(), class % 3, _present(oracle.threshold()), MoodyVerifier.Mood.Yes);
    }

    function submitWithVerdict(uint256 model, uint256 class, uint256 gap, uint256 mood) external {
        vm.warp(vm.getBlockTimestamp() + bound(gap, 1, 200));
        _submit(_pick(model), _now(), class % 3, _present(oracle.threshold()), MoodyVerifier.Mood(mood % 9));
    }

    /// @dev Any subset of the pool signs, attestors or not.
    function submitSignedByAnyone(uint256 model, uint256 class, uint256 gap, uint256 signers) external {
        vm.warp(vm.getBlockTimestamp() + bound(gap, 1, 200));
        _submit(_pick(model), _now(), class % 3, signers % (1 << POOL), MoodyVerifier.Mood.Yes);
    }

    /// @dev Everything in order but the class, which no schema has.
    function submitNonsense(uint256 model, uint256 class) external {
        vm.warp(vm.getBlockTimestamp() + 60);
        _submit(_pick(model), _now(), 3 + class % 3, _present(oracle.threshold()), MoodyVerifier.Mood.Yes);
    }

    /// @dev Everything in order but the time: any around now, on the grid or off it.
    function submitAnytime(uint256 model, uint256 class, uint256 shift) external {
        uint64 close = uint64(vm.getBlockTimestamp() + bound(shift, 0, 1500) - 1200);
        if (shift % 2 == 0) close = close / TIMEFRAME * TIMEFRAME;
        _submit(_pick(model), close, class % 3, _present(oracle.threshold()), MoodyVerifier.Mood.Yes);
    }

    /// @dev Up to four consecutive closes at once, one of them perhaps with a signer missing.
    function submitTogether(uint256 model, uint256 class, uint256 count, uint256 mood, uint256 spoilt)
        external
    {
        count = bound(count, 1, 4);
        vm.warp(vm.getBlockTimestamp() + TIMEFRAME * count);
        bytes4 id = _pick(model);
        uint256 quorum = _present(oracle.threshold());
        spoilt = bound(spoilt, 0, 8);
        mood = mood % 3 == 0 ? mood % 9 : 0;
        Submission[] memory batch = new Submission[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint64 close = _now() - uint64(TIMEFRAME * (count - 1 - i));
            batch[i] = _submission(id, close, class % 3, i == spoilt ? quorum & (quorum - 1) : quorum);
        }
        if (gateway.route(id).verifier != address(0)) _setMood(id, MoodyVerifier.Mood(mood));
        bool active = gateway.isActive(id);
        uint64 before = _latestClose();
        bool whole = oracle.threshold() <= oracle.attestors().length && spoilt >= count;
        vm.prank(STRANGER);
        try oracle.submitBatch{gas: 4_000_000}(batch) returns (uint80 roundId) {
            ++batches;
            for (uint256 i = 0; i < count; ++i) {
                _accepted(uint80(roundId + 1 + i - count), batch[i], class % 3);
            }
            if (MoodyVerifier.Mood(mood) != MoodyVerifier.Mood.Yes) acceptedWithoutVerdict = true;
            if (!active) acceptedFrozen = true;
            if (!whole) acceptedBelowThreshold = true;
            bool late = vm.getBlockTimestamp() - batch[0].closeTime > oracle.maxAge();
            if (late || batch[0].closeTime <= before) acceptedUntimely = true;
        } catch {}
    }

    function submitWithOtherCode(uint256 model, uint256 class) external {
        bytes4 id = _pick(model);
        address verifier = gateway.route(id).verifier;
        if (verifier == address(0)) return;
        bytes memory code = verifier.code;
        // Answers 1 to everything, but is not what was routed.
        vm.etch(verifier, hex"600160005260206000f3");
        vm.warp(vm.getBlockTimestamp() + 60);
        if (_send(id, _now(), class % 3, _present(oracle.threshold()))) acceptedOtherCode = true;
        vm.etch(verifier, code);
    }

    /// @dev Any subset of the pool, now and then with two of them swapped or one of them twice.
    function setAttestors(uint256 mask, uint8 threshold, uint256 twist) external {
        address[] memory next = _addressesOf(mask % (1 << POOL));
        if (next.length == 0) return;
        address last = next[next.length - 1];
        if (twist % 4 == 0) (next[0], next[next.length - 1]) = (last, next[0]);
        if (twist % 4 == 1) next[0] = last;
        try oracle.setAttestors(next, uint8(bound(threshold, 0, next.length + 1))) {
            reportedSinceSet = 0;
            for (uint256 i = 0; i < next.length; ++i) {
                if (removed[next[i]]) readmitted = true;
            }
        } catch {}
    }

    /// @dev Rare, so that sequences keep attestors.
    function report(uint256 who, uint256 dice) external {
        if (dice % 4 != 0) return;
        uint256 key = _keys[who % POOL];
        uint64 close = _now();
        try oracle.reportEquivocation(_word(key, close, 1), _word(key, close, 2)) {
            removed[vm.addr(key)] = true;
            ++reportedSinceSet;
        } catch {}
    }

    /// @dev Around either bound.
    function setMaxAge(uint32 maxAge) external {
        uint256 next = maxAge % 2 == 0 ? bound(maxAge, 0, 900) : bound(maxAge, 6 days, 8 days);
        try oracle.setMaxAge(uint32(next)) {} catch {}
    }

    function addRoute(uint256 model) external {
        bytes4 id = _pick(model);
        bool used = gateway.route(id).verifier != address(0);
        bool done = _route(id);
        if (used && done) routedTwice = true;
    }

    function freeze(uint256 model, uint256 dice) external {
        if (dice % 8 != 0) return;
        bytes4 id = _pick(model);
        vm.prank(GUARDIAN);
        try gateway.freeze(id) {
            _routeWhenFrozen[id] = keccak256(abi.encode(gateway.route(id)));
        } catch {}
    }

    function freezeByContradiction(uint256 model, uint256 dice) external {
        if (dice % 8 != 0) return;
        bytes4 id = _pick(model);
        if (gateway.route(id).verifier == address(0)) return;
        _setMood(id, MoodyVerifier.Mood.Yes);
        uint64 close = _now();
        ISignalVerifierGateway.ProvenStatement memory a =
            ISignalVerifierGateway.ProvenStatement(_inputs(close, 0), hex"01");
        ISignalVerifierGateway.ProvenStatement memory b =
            ISignalVerifierGateway.ProvenStatement(_inputs(close, 2), hex"01");
        try gateway.freezeByContradiction(id, a, b) {
            _routeWhenFrozen[id] = keccak256(abi.encode(gateway.route(id)));
        } catch {}
    }

    /// @dev Whoever is neither owner nor guardian tries what only they may do, and the guardian what only the owner may.
    function intrude(uint256 who, uint256 what) external {
        address caller = [STRANGER, GUARDIAN, vm.addr(_keys[who % POOL])][who % 3];
        bytes[8] memory calls = [
            abi.encodeCall(ISignalOracle.setMaxAge, (uint32(600))),
            abi.encodeCall(ISignalOracle.setAttestors, (_addressesOf(1), uint8(1))),
            abi.encodeWithSignature("transferOwnership(address)", caller),
            abi.encodeWithSignature("acceptOwnership()"),
            abi.encodeWithSignature("renounceOwnership()"),
            abi.encodeCall(ISignalVerifierGateway.freeze, (_ids[0])),
            abi.encodeCall(ISignalVerifierGateway.setGuardian, (caller)),
            abi.encodeCall(ISignalVerifierGateway.addRoute, (_config(0x00000009)))
        ];
        what = what % 11;
        bool atOracle = what < 5;
        address target = atOracle ? address(oracle) : address(gateway);
        bytes memory call = calls[atOracle ? what : what - 3];
        if (caller == GUARDIAN && bytes4(call) == ISignalVerifierGateway.freeze.selector) return;
        vm.prank(caller);
        (bool done,) = target.call(call);
        if (done) strangerSucceeded = true;
    }

    /// @dev Whether every frozen route is as it was in the moment it froze.
    function frozenRoutesUnchanged() external view returns (bool) {
        for (uint256 i = 0; i < 3; ++i) {
            bytes32 then_ = _routeWhenFrozen[_ids[i]];
            if (then_ != 0 && then_ != keccak256(abi.encode(gateway.route(_ids[i])))) return false;
            if (then_ != 0 && gateway.isActive(_ids[i])) return false;
        }
        return true;
    }

    /// @dev Whether every round is what it was in the moment it was accepted, and there are as many as were accepted.
    function roundsUnchanged() external view returns (bool) {
        for (uint80 id = 1; id <= oracle.latestRoundId(); ++id) {
            if (_roundWhenAccepted[id] != keccak256(abi.encode(oracle.round(id)))) return false;
        }
        return oracle.latestRoundId() == accepted;
    }

    function _submit(bytes4 id, uint64 close, uint256 class, uint256 signers, MoodyVerifier.Mood mood)
        private
    {
        if (gateway.route(id).verifier != address(0)) _setMood(id, mood);
        bool active = gateway.isActive(id);
        uint256 threshold = oracle.threshold();
        uint64 before = _latestClose();
        if (!_send(id, close, class, signers)) return;

        if (mood != MoodyVerifier.Mood.Yes) acceptedWithoutVerdict = true;
        if (!active) acceptedFrozen = true;
        if (class > 2) acceptedNonsense = true;
        if (close <= before || close % TIMEFRAME != 0 || close > vm.getBlockTimestamp()) {
            acceptedUntimely = true;
        } else if (vm.getBlockTimestamp() - close > oracle.maxAge()) {
            acceptedUntimely = true;
        }
        address[] memory list = _addressesOf(signers);
        if (list.length < threshold) acceptedBelowThreshold = true;
        for (uint256 i = 0; i < list.length; ++i) {
            if (!oracle.isAttestor(list[i])) acceptedWithoutQuorum = true;
            if (removed[list[i]]) countedRemoved = true;
        }
    }

    function _send(bytes4 id, uint64 close, uint256 class, uint256 signers) private returns (bool) {
        Submission memory submission = _submission(id, close, class, signers);
        vm.prank(STRANGER);
        try oracle.submit{gas: 1_000_000}(submission) returns (uint80 roundId) {
            _accepted(roundId, submission, class);
            return true;
        } catch {
            return false;
        }
    }

    function _accepted(uint80 roundId, Submission memory submission, uint256 class) private {
        ++accepted;
        Round memory r = oracle.round(roundId);
        if (
            uint256(r.class) != class || r.modelId != submission.modelId
                || r.closeTime != submission.closeTime || r.lastCloseE8 != submission.lastCloseE8
                || r.acceptedAt != vm.getBlockTimestamp()
        ) {
            acceptedNonsense = true;
        }
        _roundWhenAccepted[roundId] = keccak256(abi.encode(r));
    }

    /// @dev Signed by a mask of the pool.
    function _submission(bytes4 id, uint64 close, uint256 class, uint256 signers)
        private
        view
        returns (Submission memory)
    {
        uint256[] memory inputs = _inputs(close, class);
        bytes32 digest = oracle.attestationDigest(close, 1e8, keccak256(abi.encode(inputs[1])));
        bytes memory attestations;
        for (uint256 i = 0; i < POOL; ++i) {
            if (signers >> i & 1 == 0) continue;
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keys[i], digest);
            attestations = bytes.concat(attestations, abi.encodePacked(r, s, v));
        }
        return Submission(id, close, 1e8, hex"01", inputs, attestations);
    }

    function _latestClose() private view returns (uint64) {
        return oracle.latestRoundId() == 0 ? 0 : oracle.latestSignalUnsafe().closeTime;
    }

    /// @dev Binding, one packed word, logits with the class's logit on top, class.
    function _inputs(uint64 close, uint256 class) private view returns (uint256[] memory inputs) {
        inputs = new uint256[](4);
        inputs[0] = oracle.bindingOf(close, 1e8);
        inputs[1] = uint256(keccak256(abi.encode(close))) >> 8;
        inputs[2] = class < 3 ? uint256(1) << (64 * class) : 1;
        inputs[3] = class;
    }

    function _word(uint256 key, uint64 close, uint256 inputs)
        private
        view
        returns (ISignalOracle.Attestation memory)
    {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, oracle.attestationDigest(close, 1e8, bytes32(inputs)));
        return ISignalOracle.Attestation(close, 1e8, bytes32(inputs), abi.encodePacked(r, s, v));
    }

    /// @dev The first `count` of the present attestors, as a mask over the pool.
    function _present(uint256 count) private view returns (uint256 mask) {
        for (uint256 i = 0; i < POOL && count > 0; ++i) {
            if (!oracle.isAttestor(vm.addr(_keys[i]))) continue;
            mask |= 1 << i;
            --count;
        }
    }

    function _addressesOf(uint256 mask) private view returns (address[] memory list) {
        uint256 count = 0;
        for (uint256 i = 0; i < POOL; ++i) {
            count += mask >> i & 1;
        }
        list = new address[](count);
        count = 0;
        for (uint256 i = 0; i < POOL; ++i) {
            if (mask >> i & 1 == 1) list[count++] = vm.addr(_keys[i]);
        }
    }

    function _route(bytes4 id) private returns (bool) {
        ISignalVerifierGateway.RouteConfig memory config = _config(id);
        try gateway.addRoute(config) {
            return true;
        } catch {
            return false;
        }
    }

    function _config(bytes4 id) private returns (ISignalVerifierGateway.RouteConfig memory) {
        address verifier = address(new MoodyVerifier());
        return ISignalVerifierGateway.RouteConfig(
            id, verifier, 1, ISignalVerifierGateway.Schema(31, 3, TIMEFRAME), verifier.codehash
        );
    }

    function _setMood(bytes4 id, MoodyVerifier.Mood mood) private {
        MoodyVerifier(gateway.route(id).verifier).setMood(mood);
    }

    /// @dev The last close on the grid.
    function _now() private view returns (uint64) {
        return uint64(vm.getBlockTimestamp() / TIMEFRAME * TIMEFRAME);
    }

    function _pick(uint256 model) private view returns (bytes4) {
        return _ids[model % 3];
    }
}
