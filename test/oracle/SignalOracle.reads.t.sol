// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {AggregatorV3Interface} from "../../contracts/interfaces/AggregatorV3Interface.sol";
import {ISignalOracle, Round, Signal} from "../../contracts/interfaces/ISignalOracle.sol";
import {SignalAggregatorV3} from "../../contracts/oracle/SignalAggregatorV3.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {OracleTest} from "../support/OracleTest.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @title What consumers see, directly and through Chainlink's interface
contract SignalOracleReadsTest is OracleTest {
    SignalAggregatorV3 private aggregator;

    function setUp() public override {
        super.setUp();
        aggregator = new SignalAggregatorV3(oracle);
    }

    function test_reads_RevertWhen_NoRoundYet() public {
        vm.expectRevert(ISignalOracle.NoDataPresent.selector);
        oracle.latestSignalUnsafe();
        vm.expectRevert(ISignalOracle.NoDataPresent.selector);
        oracle.signalNoOlderThan(type(uint64).max);
        vm.expectRevert(ISignalOracle.NoDataPresent.selector);
        oracle.round(1);
        vm.expectRevert(ISignalOracle.NoDataPresent.selector);
        oracle.round(0);
        vm.expectRevert(ISignalOracle.NoDataPresent.selector);
        aggregator.latestRoundData();
        vm.expectRevert(ISignalOracle.NoDataPresent.selector);
        aggregator.getRoundData(1);
    }

    function test_trySignal_NoRoundYet_IsFalse() public view {
        (bool ok,) = oracle.trySignal(type(uint64).max);
        vm.assertFalse(ok, "nothing to serve");
    }

    function test_round_RevertWhen_ZeroOrAfterLatest() public {
        _submitOnTime(0);
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.UnknownRound.selector, 0, 1));
        oracle.round(0);
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.UnknownRound.selector, 2, 1));
        oracle.round(2);
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.UnknownRound.selector, type(uint80).max, 1));
        oracle.round(type(uint80).max);
    }

    function testFuzz_signalNoOlderThan_AgeBoundary(uint64 age, uint64 maxAge) public {
        age = uint64(bound(age, 5, 365 days));
        maxAge = uint64(bound(maxAge, 0, 366 days));
        _submitOnTime(0);
        vm.warp(Fixtures.round(0).closeTime + age);
        (bool ok, Round memory latest) = oracle.trySignal(maxAge);
        vm.assertTrue(ok == (age <= maxAge), "fresh exactly up to maxAge");
        vm.assertEq(uint256(latest.closeTime), Fixtures.round(0).closeTime, "round");
        if (!ok) {
            vm.expectRevert(abi.encodeWithSelector(ISignalOracle.StaleSignal.selector, uint256(age), maxAge));
        }
        oracle.signalNoOlderThan(maxAge);
    }

    function test_trySignal_AgeAtLimit_IsServed() public {
        _submitOnTime(0);
        vm.warp(Fixtures.round(0).closeTime + MAX_AGE);
        (bool ok,) = oracle.trySignal(MAX_AGE);
        vm.assertTrue(ok, "exactly as old as allowed");
        oracle.signalNoOlderThan(MAX_AGE);
        (ok,) = oracle.trySignal(MAX_AGE - 1);
        vm.assertFalse(ok, "a second older than allowed");
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.StaleSignal.selector, MAX_AGE, MAX_AGE - 1));
        oracle.signalNoOlderThan(MAX_AGE - 1);
    }

    function test_signalNoOlderThan_RevertWhen_ModelFrozenAfterAcceptance() public {
        _submitOnTime(0);
        bytes4 modelId = Fixtures.modelId();
        vm.prank(guardian);
        gateway.freeze(modelId);
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.ModelFrozen.selector, modelId));
        oracle.signalNoOlderThan(type(uint64).max);
        (bool ok,) = oracle.trySignal(type(uint64).max);
        vm.assertFalse(ok, "not served");
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.ModelFrozen.selector, modelId));
        aggregator.latestRoundData();
        // History stays readable.
        vm.assertEq(uint256(oracle.latestSignalUnsafe().closeTime), Fixtures.round(0).closeTime, "unsafe");
        aggregator.getRoundData(1);
    }

    function test_aggregator_EverySignal_MapsToItsAnswer() public {
        uint256 rounds = Fixtures.count();
        for (uint256 i = 0; i < rounds; ++i) {
            uint80 id = _submitOnTime(i);
            Round memory r = oracle.round(id);
            (uint80 round, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredIn) =
                aggregator.latestRoundData();
            vm.assertEq(answer, int256(uint256(r.class)) - 1, "SELL -1, HOLD 0, BUY 1");
            vm.assertEq(startedAt, r.closeTime, "started at the close");
            vm.assertEq(updatedAt, r.acceptedAt, "updated at acceptance");
            vm.assertTrue(round == id && answeredIn == id, "round id");
        }
        (uint80 past, int256 first,,,) = aggregator.getRoundData(1);
        vm.assertEq(uint256(past), 1, "past round");
        vm.assertEq(first, int256(uint256(oracle.round(1).class)) - 1, "past answer");
    }

    function test_aggregator_RevertWhen_RoundUnknown() public {
        _submitOnTime(0);
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.UnknownRound.selector, 2, 1));
        aggregator.getRoundData(2);
    }

    function test_aggregator_Describes_Itself() public view {
        AggregatorV3Interface asFeed = aggregator;
        vm.assertEq(asFeed.description(), "VeriRegime BTC/USDT", "description");
        vm.assertEq(uint256(asFeed.decimals()), 0, "decimals");
        vm.assertEq(asFeed.version(), 1, "version");
    }

    function test_supportsInterface_OracleAndERC165() public view {
        vm.assertTrue(oracle.supportsInterface(type(ISignalOracle).interfaceId), "oracle");
        vm.assertTrue(oracle.supportsInterface(type(IERC165).interfaceId), "erc165");
        vm.assertFalse(oracle.supportsInterface(0xffffffff), "never");
    }
}
