// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalVerifierGateway} from "../../contracts/interfaces/ISignalVerifierGateway.sol";
import {SignalVerifierGateway} from "../../contracts/oracle/SignalVerifierGateway.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {
    AcceptingVerifier,
    BombVerifier,
    BurningVerifier,
    RawVerifier,
    WritingVerifier
} from "../support/HostileVerifiers.sol";
import {OracleTest} from "../support/OracleTest.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

/// @title Routes: added slowly, stopped at once, never reused
contract SignalVerifierGatewayTest is OracleTest {
    bytes4 private constant OTHER = 0xaabbccdd;

    function test_verify_FixtureProof_Passes() public view {
        Fixtures.Proven memory s = Fixtures.round(0);
        gateway.verify(s.modelId, _schema(), s.publicInputs, s.proof);
    }

    function test_verify_RevertWhen_InputPlusGroupOrder() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        for (uint256 i = 0; i < s.publicInputs.length; ++i) {
            s.publicInputs[i] += R;
            _expectRejected(s);
            s.publicInputs[i] -= R;
        }
    }

    function test_verify_RevertWhen_AnyWordOfTheProofIsReplaced() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        uint256[7] memory values = [uint256(0), 1, R - 1, R, R + 1, Q, type(uint256).max];
        for (uint256 word = 0; word < s.proof.length / 32; ++word) {
            bytes memory proof = s.proof;
            uint256 original = _word(proof, word);
            // Seven values in each of thirty words.
            for (uint256 i = 0; i < values.length; ++i) {
                if (values[i] == original) continue;
                _setWord(proof, word, values[i]);
                _expectRejected(s);
            }
            _setWord(proof, word, original);
        }
        gateway.verify(s.modelId, _schema(), s.publicInputs, s.proof);
    }

    /// @dev s and s + r are the same scalar, x and x + q the same coordinate: one writing only.
    function test_verify_RevertWhen_AnyWordOfTheProofPlusModulus() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        for (uint256 word = 0; word < s.proof.length / 32; ++word) {
            uint256 original = _word(s.proof, word);
            _setWord(s.proof, word, original + R);
            _expectRejected(s);
            _setWord(s.proof, word, original + Q);
            _expectRejected(s);
            _setWord(s.proof, word, original);
        }
    }

    function test_verify_RevertWhen_InputCountDiffers() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        vm.expectRevert(abi.encodeWithSelector(ISignalVerifierGateway.WrongInputCount.selector, 20, 19));
        gateway.verify(s.modelId, _schema(), new uint256[](20), s.proof);
    }

    function test_verify_RevertWhen_VerifierAnswersAnythingButOne() public {
        bytes[5] memory answers = [
            bytes(""),
            abi.encode(uint256(0)),
            abi.encode(uint256(2)),
            abi.encodePacked(uint8(1)),
            abi.encode(uint256(1), uint256(1))
        ];
        for (uint256 i = 0; i < answers.length; ++i) {
            _expectFailure(bytes4(uint32(i + 1)), address(new RawVerifier(answers[i], false)));
        }
        gateway.addRoute(_route(OTHER, address(new RawVerifier(abi.encode(uint256(1)), false))));
        Fixtures.Proven memory s = Fixtures.round(0);
        gateway.verify(OTHER, _schema(), s.publicInputs, s.proof);
    }

    function test_verify_RevertWhen_VerifierRevertsBurnsBombsOrWrites() public {
        _expectFailure(0x00000001, address(new RawVerifier(abi.encode(uint256(1)), true)));
        _expectFailure(0x00000002, address(new BurningVerifier()));
        _expectFailure(0x00000003, address(new BombVerifier()));
        _expectFailure(0x00000004, address(new WritingVerifier()));
    }

    function test_verify_RevertWhen_CodeChanged() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes32 want = verifier.codehash;
        vm.etch(verifier, type(AcceptingVerifier).runtimeCode);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISignalVerifierGateway.WrongCodehash.selector, verifier, verifier.codehash, want
            )
        );
        gateway.verify(s.modelId, _schema(), s.publicInputs, s.proof);
        vm.etch(verifier, "");
        vm.expectPartialRevert(ISignalVerifierGateway.WrongCodehash.selector);
        gateway.verify(s.modelId, _schema(), s.publicInputs, s.proof);
    }

    function test_addRoute_RevertWhen_NotOwner() public {
        ISignalVerifierGateway.RouteConfig memory config = _route(OTHER, verifier);
        for (uint256 i = 0; i < 2; ++i) {
            address caller = i == 0 ? stranger : guardian;
            vm.prank(caller);
            vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, caller));
            gateway.addRoute(config);
        }
    }

    function test_addRoute_RevertWhen_ModelIdUsedBefore() public {
        bytes4 modelId = Fixtures.modelId();
        ISignalVerifierGateway.RouteConfig memory config = _route(modelId, verifier);
        vm.expectRevert(abi.encodeWithSelector(ISignalVerifierGateway.RouteExists.selector, modelId));
        gateway.addRoute(config);
        gateway.freeze(modelId);
        vm.expectRevert(abi.encodeWithSelector(ISignalVerifierGateway.RouteExists.selector, modelId));
        gateway.addRoute(config);
    }

    function test_addRoute_RevertWhen_Misshapen() public {
        ISignalVerifierGateway.RouteConfig memory config = _route(0x00000000, verifier);
        vm.expectRevert(ISignalVerifierGateway.ZeroModelId.selector);
        gateway.addRoute(config);
        config = _route(OTHER, address(0));
        vm.expectRevert(ISignalVerifierGateway.ZeroAddress.selector);
        gateway.addRoute(config);
        config = _route(OTHER, stranger);
        vm.expectPartialRevert(ISignalVerifierGateway.WrongCodehash.selector);
        gateway.addRoute(config);
        config = _route(OTHER, verifier);
        config.codehash = keccak256("other code");
        vm.expectPartialRevert(ISignalVerifierGateway.WrongCodehash.selector);
        gateway.addRoute(config);
        config = _route(OTHER, verifier);
        config.proofLength = 0;
        vm.expectPartialRevert(ISignalVerifierGateway.BadProofLength.selector);
        gateway.addRoute(config);
        ISignalVerifierGateway.Schema[5] memory meaningless = [
            ISignalVerifierGateway.Schema(0, 3, 60),
            ISignalVerifierGateway.Schema(496, 3, 0),
            ISignalVerifierGateway.Schema(496, 0, 60),
            ISignalVerifierGateway.Schema(496, 1, 60),
            ISignalVerifierGateway.Schema(496, 4, 60)
        ];
        for (uint256 i = 0; i < meaningless.length; ++i) {
            config = _route(OTHER, verifier);
            config.schema = meaningless[i];
            vm.expectRevert(abi.encodeWithSelector(ISignalVerifierGateway.BadSchema.selector, meaningless[i]));
            gateway.addRoute(config);
        }
    }

    function test_freeze_Guardian_StopsForGood() public {
        bytes4 modelId = Fixtures.modelId();
        vm.assertTrue(gateway.isActive(modelId), "active");
        vm.prank(guardian);
        vm.expectEmit(address(gateway));
        emit ISignalVerifierGateway.RouteFrozen(modelId, guardian);
        gateway.freeze(modelId);
        vm.assertFalse(gateway.isActive(modelId), "frozen");
        vm.assertTrue(gateway.route(modelId).frozen, "recorded");
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(ISignalVerifierGateway.RouteIsFrozen.selector, modelId));
        gateway.freeze(modelId);
    }

    function test_freeze_RevertWhen_StrangerOrUnknownRoute() public {
        bytes4 modelId = Fixtures.modelId();
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(ISignalVerifierGateway.NotGuardian.selector, stranger, guardian)
        );
        gateway.freeze(modelId);
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(ISignalVerifierGateway.RouteUnknown.selector, OTHER));
        gateway.freeze(OTHER);
    }

    function test_freezeByContradiction_TwoClassesForOneWindow_Freezes() public {
        gateway.addRoute(_route(OTHER, address(new AcceptingVerifier())));
        ISignalVerifierGateway.ProvenStatement memory a = _statement();
        ISignalVerifierGateway.ProvenStatement memory b = _statement();
        b.publicInputs[18] = (b.publicInputs[18] + 1) % 3;
        vm.prank(stranger);
        vm.expectEmit(address(gateway));
        emit ISignalVerifierGateway.ExploitProven(OTHER, a.publicInputs[18], b.publicInputs[18], stranger);
        gateway.freezeByContradiction(OTHER, a, b);
        vm.assertFalse(gateway.isActive(OTHER), "frozen by a stranger with proof");
        vm.expectRevert(abi.encodeWithSelector(ISignalVerifierGateway.RouteIsFrozen.selector, OTHER));
        gateway.freezeByContradiction(OTHER, a, b);
    }

    function test_freezeByContradiction_RevertWhen_NoRealConflict() public {
        gateway.addRoute(_route(OTHER, address(new AcceptingVerifier())));
        ISignalVerifierGateway.ProvenStatement memory a = _statement();
        ISignalVerifierGateway.ProvenStatement memory b = _statement();
        vm.expectRevert(ISignalVerifierGateway.NoContradiction.selector);
        gateway.freezeByContradiction(OTHER, a, b);
        b.publicInputs[18] = (b.publicInputs[18] + 1) % 3;
        for (uint256 i = 0; i < 17; ++i) {
            b.publicInputs[i] ^= 1;
            vm.expectRevert(ISignalVerifierGateway.NoContradiction.selector);
            gateway.freezeByContradiction(OTHER, a, b);
            b.publicInputs[i] ^= 1;
        }
    }

    function test_freezeByContradiction_RevertWhen_OneProofIsInvalid() public {
        ISignalVerifierGateway.ProvenStatement memory a = _statement();
        ISignalVerifierGateway.ProvenStatement memory b = _statement();
        b.publicInputs[18] = (b.publicInputs[18] + 1) % 3;
        bytes4 modelId = Fixtures.modelId();
        bytes memory rejected = abi.encodeWithSelector(ISignalVerifierGateway.ProofRejected.selector, modelId);
        vm.expectRevert(rejected);
        gateway.freezeByContradiction(modelId, a, b);
        vm.expectRevert(rejected);
        gateway.freezeByContradiction(modelId, b, a);
    }

    function test_setGuardian_OwnerOnlyAndNeverZero() public {
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, guardian));
        gateway.setGuardian(stranger);
        vm.expectRevert(ISignalVerifierGateway.ZeroAddress.selector);
        gateway.setGuardian(address(0));
        vm.expectEmit(address(gateway));
        emit ISignalVerifierGateway.GuardianSet(guardian, stranger);
        gateway.setGuardian(stranger);
        vm.assertEq(gateway.guardian(), stranger, "set");
    }

    function test_transferOwnership_NeedsTwoSteps() public {
        gateway.transferOwnership(stranger);
        vm.assertEq(gateway.owner(), address(this), "not yet");
        vm.assertEq(gateway.pendingOwner(), stranger, "until it accepts");
        vm.prank(stranger);
        gateway.acceptOwnership();
        vm.assertEq(gateway.owner(), stranger, "now");
    }

    function test_constructor_RevertWhen_GuardianIsZero() public {
        vm.expectRevert(ISignalVerifierGateway.ZeroAddress.selector);
        new SignalVerifierGateway(address(this), address(0), new ISignalVerifierGateway.RouteConfig[](0));
    }

    function test_addRoute_StoresWhatItWasGivenAndEmits() public {
        ISignalVerifierGateway.RouteConfig memory config = _route(OTHER, address(new AcceptingVerifier()));
        config.schema = ISignalVerifierGateway.Schema(31, 2, 300);
        vm.expectEmit(address(gateway));
        emit ISignalVerifierGateway.RouteAdded(
            OTHER, config.verifier, config.codehash, config.proofLength, config.schema
        );
        gateway.addRoute(config);
        ISignalVerifierGateway.Route memory stored = gateway.route(OTHER);
        ISignalVerifierGateway.Route memory want = ISignalVerifierGateway.Route({
            verifier: config.verifier,
            proofLength: config.proofLength,
            frozen: false,
            windowValues: 31,
            classes: 2,
            timeframe: 300,
            codehash: config.codehash
        });
        vm.assertEq(abi.encode(stored), abi.encode(want), "the route");
        vm.assertTrue(gateway.isActive(OTHER), "open at once");
    }

    function test_renounceOwnership_IsBlocked() public {
        vm.expectRevert(ISignalVerifierGateway.RenounceBlocked.selector);
        gateway.renounceOwnership();
    }

    function _statement() private view returns (ISignalVerifierGateway.ProvenStatement memory) {
        Fixtures.Proven memory s = Fixtures.round(0);
        return ISignalVerifierGateway.ProvenStatement({publicInputs: s.publicInputs, proof: s.proof});
    }

    function _expectFailure(bytes4 modelId, address hostile) private {
        Fixtures.Proven memory s = Fixtures.round(0);
        gateway.addRoute(_route(modelId, hostile));
        vm.expectRevert(abi.encodeWithSelector(ISignalVerifierGateway.ProofRejected.selector, modelId));
        gateway.verify{gas: ENOUGH}(modelId, _schema(), s.publicInputs, s.proof);
    }

    function _expectRejected(Fixtures.Proven memory s) private {
        vm.expectRevert(abi.encodeWithSelector(ISignalVerifierGateway.ProofRejected.selector, s.modelId));
        gateway.verify{gas: ENOUGH}(s.modelId, _schema(), s.publicInputs, s.proof);
    }

    function _word(bytes memory data, uint256 index) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(data, add(0x20, mul(index, 0x20))))
        }
    }

    function _setWord(bytes memory data, uint256 index, uint256 word) private pure {
        assembly ("memory-safe") {
            mstore(add(data, add(0x20, mul(index, 0x20))), word)
        }
    }
}
