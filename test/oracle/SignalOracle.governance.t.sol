// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {Feed, ISignalOracle} from "../../contracts/interfaces/ISignalOracle.sol";
import {ISignalVerifierGateway} from "../../contracts/interfaces/ISignalVerifierGateway.sol";
import {OracleArtifact} from "../../scripts/support/OracleArtifact.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {OracleTest} from "../support/OracleTest.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

/// @title Who may change what, and the end of a lying attestor
contract SignalOracleGovernanceTest is OracleTest {
    function test_setAttestors_RevertWhen_NotOwner() public {
        address[] memory list = _addresses(keys);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        oracle.setAttestors(list, 1);
    }

    function test_setAttestors_RevertWhen_ThresholdIsZeroOrAboveCount() public {
        address[] memory list = _addresses(keys);
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.BadThreshold.selector, 0, 3));
        oracle.setAttestors(list, 0);
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.BadThreshold.selector, 4, 3));
        oracle.setAttestors(list, 4);
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.BadThreshold.selector, 1, 0));
        oracle.setAttestors(new address[](0), 1);
    }

    function test_setAttestors_RevertWhen_DuplicateUnsortedOrZero() public {
        address[] memory list = _addresses(keys);
        list[1] = list[0];
        vm.expectRevert(
            abi.encodeWithSelector(ISignalOracle.AttestorsNotAscending.selector, 1, list[0], list[0])
        );
        oracle.setAttestors(list, 2);
        list[0] = address(0);
        vm.expectRevert(
            abi.encodeWithSelector(ISignalOracle.AttestorsNotAscending.selector, 0, address(0), address(0))
        );
        oracle.setAttestors(list, 2);
    }

    function test_setAttestors_MoreThan32_Reverts() public {
        address[] memory list = new address[](33);
        for (uint256 i = 0; i < 33; ++i) {
            list[i] = address(uint160(i + 1));
        }
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.TooManyAttestors.selector, 33, 32));
        oracle.setAttestors(list, 2);
        address[] memory most = new address[](32);
        for (uint256 i = 0; i < 32; ++i) {
            most[i] = list[i];
        }
        oracle.setAttestors(most, 32);
        vm.assertEq(oracle.attestors().length, 32, "as many as are allowed, all of them needed");
    }

    function test_setAttestors_Replaces_WholeSet() public {
        address[] memory next = new address[](1);
        next[0] = address(0xA77E);
        vm.expectEmit(address(oracle));
        emit ISignalOracle.AttestorsSet(next, 1);
        oracle.setAttestors(next, 1);
        vm.assertFalse(oracle.isAttestor(vm.addr(keys[0])), "old one is out");
        vm.assertTrue(oracle.isAttestor(next[0]), "new one is in");
        vm.assertEq(oracle.attestors().length, 1, "list");
        vm.assertEq(uint256(oracle.threshold()), 1, "threshold");
    }

    function test_setMaxAge_OutOfBounds_Reverts() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                ISignalOracle.MaxAgeOutOfBounds.selector, uint32(59), uint32(60), uint32(7 days)
            )
        );
        oracle.setMaxAge(59);
        vm.expectPartialRevert(ISignalOracle.MaxAgeOutOfBounds.selector);
        oracle.setMaxAge(uint32(7 days) + 1);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        oracle.setMaxAge(60);
        vm.expectEmit(address(oracle));
        emit ISignalOracle.MaxAgeSet(MAX_AGE, 60);
        oracle.setMaxAge(60);
        vm.assertEq(uint256(oracle.maxAge()), 60, "set");
        oracle.setMaxAge(uint32(7 days));
        vm.assertEq(uint256(oracle.maxAge()), 7 days, "a week is the most");
    }

    function test_transferOwnership_NeedsTwoSteps() public {
        oracle.transferOwnership(stranger);
        vm.assertEq(oracle.owner(), address(this), "not yet");
        vm.assertEq(oracle.pendingOwner(), stranger, "until it accepts");
        vm.prank(stranger);
        oracle.acceptOwnership();
        vm.assertEq(oracle.owner(), stranger, "now");
    }

    function test_renounceOwnership_IsBlocked() public {
        vm.expectRevert(ISignalOracle.RenounceBlocked.selector);
        oracle.renounceOwnership();
    }

    function test_constructor_RevertWhen_FeedIsMeaningless() public {
        Feed memory feed = _feed();
        feed.timeframe = 0;
        vm.expectPartialRevert(ISignalOracle.BadFeed.selector);
        OracleArtifact.create(gateway, feed, address(this), _addresses(keys), 2);
        feed = _feed();
        (feed.timeframe, feed.maxAge) = (uint32(1 days) + 1, uint32(2 days));
        vm.expectPartialRevert(ISignalOracle.BadFeed.selector);
        OracleArtifact.create(gateway, feed, address(this), _addresses(keys), 2);
        feed.timeframe = uint32(1 days);
        OracleArtifact.create(gateway, feed, address(this), _addresses(keys), 2);
        feed = _feed();
        feed.windowValues = 0;
        vm.expectPartialRevert(ISignalOracle.BadFeed.selector);
        OracleArtifact.create(gateway, feed, address(this), _addresses(keys), 2);
        uint8[3] memory classes = [0, 1, 4];
        for (uint256 i = 0; i < classes.length; ++i) {
            feed = _feed();
            feed.classes = classes[i];
            vm.expectPartialRevert(ISignalOracle.BadFeed.selector);
            OracleArtifact.create(gateway, feed, address(this), _addresses(keys), 2);
        }
        vm.expectRevert(ISignalOracle.ZeroAddress.selector);
        OracleArtifact.create(ISignalVerifierGateway(address(0)), _feed(), address(this), _addresses(keys), 2);
    }

    function test_reportEquivocation_TwoDigestsForOneClose_RemovesAtOnceAndForGood() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes memory attestations = _attest(s);
        ISignalOracle.Attestation memory a = _attestation(keys[0], s.closeTime, 100, "a");
        ISignalOracle.Attestation memory b = _attestation(keys[0], s.closeTime, 100, "b");
        address liar = vm.addr(keys[0]);

        vm.prank(stranger);
        vm.expectEmit(address(oracle));
        emit ISignalOracle.AttestorEquivocated(liar, s.closeTime, stranger);
        oracle.reportEquivocation(a, b);

        vm.assertFalse(oracle.isAttestor(liar), "removed");
        vm.assertTrue(oracle.isBanned(liar), "banned");
        address[] memory left = oracle.attestors();
        vm.assertEq(left.length, 2, "two left");
        vm.assertTrue(left[0] < left[1] && left[0] != liar && left[1] != liar, "list stays ascending");

        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.NotAttestor.selector, liar));
        _submit(s, attestations);
        address[] memory again = _addresses(keys);
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.AttestorBanned.selector, liar));
        oracle.setAttestors(again, 2);
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.NotAttestor.selector, liar));
        oracle.reportEquivocation(a, b);
    }

    function test_reportEquivocation_SameInputsAnotherPrice_RemovesToo() public {
        oracle.reportEquivocation(_attestation(keys[2], 600, 100, "a"), _attestation(keys[2], 600, 101, "a"));
        vm.assertFalse(oracle.isAttestor(vm.addr(keys[2])), "removed");
    }

    function test_reportEquivocation_BelowThreshold_StopsTheOracle() public {
        for (uint256 i = 0; i < 2; ++i) {
            oracle.reportEquivocation(
                _attestation(keys[i], 600, 100, "a"), _attestation(keys[i], 600, 100, "b")
            );
        }
        vm.assertEq(oracle.attestors().length, 1, "one left");
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes memory attestations = _attest(s);
        vm.expectPartialRevert(ISignalOracle.NotAttestor.selector);
        _submit(s, attestations);
    }

    function test_reportEquivocation_RevertWhen_DigestsEqual() public {
        ISignalOracle.Attestation memory a = _attestation(keys[0], 600, 100, "a");
        vm.expectRevert(ISignalOracle.NotEquivocation.selector);
        oracle.reportEquivocation(a, a);
    }

    function test_reportEquivocation_RevertWhen_CloseTimesDiffer() public {
        ISignalOracle.Attestation memory a = _attestation(keys[0], 600, 100, "a");
        ISignalOracle.Attestation memory b = _attestation(keys[0], 660, 100, "b");
        vm.expectRevert(ISignalOracle.NotEquivocation.selector);
        oracle.reportEquivocation(a, b);
    }

    function test_reportEquivocation_RevertWhen_TwoSigners() public {
        ISignalOracle.Attestation memory a = _attestation(keys[0], 600, 100, "a");
        ISignalOracle.Attestation memory b = _attestation(keys[1], 600, 100, "b");
        vm.expectRevert(
            abi.encodeWithSelector(
                ISignalOracle.DifferentSigners.selector, vm.addr(keys[0]), vm.addr(keys[1])
            )
        );
        oracle.reportEquivocation(a, b);
    }

    function test_reportEquivocation_RevertWhen_SignatureForged() public {
        ISignalOracle.Attestation memory a = _attestation(keys[0], 600, 100, "a");
        ISignalOracle.Attestation memory b = _attestation(keys[0], 600, 100, "b");
        b.signature = a.signature;
        vm.expectPartialRevert(ISignalOracle.DifferentSigners.selector);
        oracle.reportEquivocation(a, b);
        b.signature = new bytes(64);
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.MalformedSignature.selector, 1));
        oracle.reportEquivocation(a, b);
    }

    function test_reportEquivocation_RevertWhen_SignerIsNoAttestor() public {
        ISignalOracle.Attestation memory a = _attestation(0xA11CE, 600, 100, "a");
        ISignalOracle.Attestation memory b = _attestation(0xA11CE, 600, 100, "b");
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.NotAttestor.selector, vm.addr(0xA11CE)));
        oracle.reportEquivocation(a, b);
    }

    function _attestation(uint256 key, uint64 closeTime, int64 close, bytes32 inputs)
        private
        view
        returns (ISignalOracle.Attestation memory)
    {
        return ISignalOracle.Attestation({
            closeTime: closeTime,
            lastCloseE8: close,
            inputsDigest: inputs,
            signature: _sign(key, oracle.attestationDigest(closeTime, close, inputs))
        });
    }
}
