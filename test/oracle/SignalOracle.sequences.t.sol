// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {Round} from "../../contracts/interfaces/ISignalOracle.sol";
import {SignalAggregatorV3} from "../../contracts/oracle/SignalAggregatorV3.sol";
import {OracleActor} from "../support/OracleActor.sol";
import {OracleTest} from "../support/OracleTest.sol";

/// @title What holds whatever attestors, governance, models and strangers do, in any order
contract SignalOracleSequences is OracleTest {
    OracleActor private actor;
    SignalAggregatorV3 private aggregator;

    function setUp() public override {
        vm.warp(1_700_000_000);
        actor = new OracleActor(_sortedKeys(6));
        oracle = actor.oracle();
        gateway = actor.gateway();
        aggregator = new SignalAggregatorV3(oracle);
    }

    function invariant_SignalIsInRange() public view {
        vm.assertFalse(actor.acceptedNonsense(), "a class of the schema, stored as submitted");
        for (uint80 id = 1; id <= oracle.latestRoundId(); ++id) {
            Round memory r = oracle.round(id);
            vm.assertLe(uint256(r.class), 2, "SELL, HOLD or BUY");
            vm.assertTrue(r.modelId != bytes4(0) && r.lastCloseE8 > 0, "of a model, at a price");
        }
    }

    function invariant_AcceptedImpliesTheVerifierSaidYesInTheSameTransaction() public view {
        vm.assertFalse(actor.acceptedWithoutVerdict(), "the single word 1, now");
        vm.assertFalse(actor.acceptedOtherCode(), "from the code that was routed");
    }

    function invariant_AFrozenRouteNeverChangesAndAddsNothing() public view {
        vm.assertTrue(actor.frozenRoutesUnchanged(), "not a bit of it");
        vm.assertFalse(actor.acceptedFrozen(), "no round");
    }

    function invariant_AModelIdIsRoutedOnce() public view {
        vm.assertFalse(actor.routedTwice(), "never again");
    }

    function invariant_EveryRoundHasAQuorumOfPresentAttestors() public view {
        vm.assertFalse(actor.acceptedWithoutQuorum(), "attestors only");
        vm.assertFalse(actor.acceptedBelowThreshold(), "as many as needed");
    }

    function invariant_ARemovedAttestorNeverCountsAgain() public view {
        vm.assertFalse(actor.countedRemoved(), "not in a quorum");
        vm.assertFalse(actor.readmitted(), "not in a new set");
        address[] memory list = oracle.attestors();
        for (uint256 i = 0; i < list.length; ++i) {
            vm.assertFalse(actor.removed(list[i]), "not in the list");
        }
    }

    /// @dev Governance cannot ask for more than there are; only reports take attestors away without asking it.
    function invariant_QuorumIsNeverAboveTheAttestorCount() public view {
        uint256 threshold = oracle.threshold();
        vm.assertGe(threshold, 1, "never none");
        vm.assertLe(threshold, oracle.attestors().length + actor.reportedSinceSet(), "never more than set");
    }

    function invariant_AttestorListAscendsAndMatchesTheFlags() public view {
        address[] memory list = oracle.attestors();
        address previous = address(0);
        for (uint256 i = 0; i < list.length; ++i) {
            vm.assertTrue(list[i] > previous, "ascending");
            vm.assertTrue(oracle.isAttestor(list[i]) && !oracle.isBanned(list[i]), "flagged");
            previous = list[i];
        }
        uint256 flagged = 0;
        uint256[] memory pool = _sortedKeys(6);
        for (uint256 i = 0; i < pool.length; ++i) {
            if (oracle.isAttestor(vm.addr(pool[i]))) ++flagged;
        }
        vm.assertEq(flagged, list.length, "no flag without an entry");
    }

    function invariant_RoundsAreNeverRewritten() public view {
        vm.assertTrue(actor.roundsUnchanged(), "as accepted, and no others");
    }

    function invariant_AcceptedRoundsAreTimely() public view {
        vm.assertFalse(actor.acceptedUntimely(), "on the grid, after the latest, not too old");
    }

    function invariant_MaxAgeStaysWithinItsBounds() public view {
        vm.assertGe(oracle.maxAge(), oracle.timeframe(), "at least a candle");
        vm.assertLe(oracle.maxAge(), 7 days, "at most a week");
    }

    function invariant_OnlyOwnerAndGuardianChangeTheRules() public view {
        vm.assertFalse(actor.strangerSucceeded(), "no stranger, no attestor");
        vm.assertEq(oracle.owner(), address(actor), "same owner");
        vm.assertEq(gateway.owner(), address(actor), "same owner of the routes");
    }

    function invariant_EveryReadTellsTheSameLatestRound() public view {
        (bool fresh, Round memory tried) = oracle.trySignal(600);
        uint80 id = oracle.latestRoundId();
        if (id == 0) {
            vm.assertFalse(fresh, "nothing is not fresh");
            return;
        }
        Round memory latest = oracle.latestSignalUnsafe();
        vm.assertEq(abi.encode(tried), abi.encode(latest), "trySignal");
        vm.assertEq(abi.encode(oracle.round(id)), abi.encode(latest), "round");
        bool good = gateway.isActive(latest.modelId) && vm.getBlockTimestamp() - latest.closeTime <= 600;
        vm.assertEq(fresh ? 1 : 0, good ? uint256(1) : 0, "fresh and not frozen");
        try oracle.signalNoOlderThan(600) returns (Round memory served) {
            vm.assertTrue(good, "served only when good");
            vm.assertEq(abi.encode(served), abi.encode(latest), "signalNoOlderThan");
        } catch {
            vm.assertFalse(good, "refused only when not");
        }
        (, int256 answer,,,) = aggregator.getRoundData(id);
        vm.assertEq(answer, int256(uint256(latest.class)) - 1, "aggregator");
    }

    /// @dev forge calls this to know whom to fuzz.
    function targetContracts() external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(actor);
    }
}
