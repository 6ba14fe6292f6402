// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {SignalConsumer} from "../../contracts/examples/SignalConsumer.sol";
import {ISignalOracle, Signal} from "../../contracts/interfaces/ISignalOracle.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {OracleTest} from "../support/OracleTest.sol";

contract RecordingConsumer is SignalConsumer {
    int64 public boughtAt;

    constructor(ISignalOracle oracle_, bytes4 modelId_, uint64 maxAge_)
        SignalConsumer(oracle_, modelId_, maxAge_)
    {}

    function _onBuy(int64 lastCloseE8) internal override {
        boughtAt = lastCloseE8;
    }
}

/// @title The example does what docs/integrating.md says it does
contract SignalConsumerTest is OracleTest {
    uint64 private constant FRESH = 180;

    RecordingConsumer private consumer;

    function setUp() public override {
        super.setUp();
        consumer = new RecordingConsumer(oracle, Fixtures.modelId(), FRESH);
    }

    function test_act_FreshBuy_HappensOnce() public {
        uint256 index = Fixtures.find(Signal.BUY, 0);
        _submitOnTime(index);
        consumer.act();
        vm.assertEq(int256(consumer.boughtAt()), int256(Fixtures.round(index).lastCloseE8), "the close");
        vm.expectPartialRevert(SignalConsumer.AlreadyUsed.selector);
        consumer.act();
    }

    function test_act_RevertWhen_NoRound() public {
        vm.expectRevert(ISignalOracle.NoDataPresent.selector);
        consumer.act();
    }

    function test_act_RevertWhen_Stale() public {
        uint256 index = Fixtures.find(Signal.BUY, 0);
        _submitOnTime(index);
        vm.warp(Fixtures.round(index).closeTime + FRESH + 1);
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.StaleSignal.selector, FRESH + 1, FRESH));
        consumer.act();
    }

    function test_act_RevertWhen_ModelFrozen() public {
        _submitOnTime(Fixtures.find(Signal.BUY, 0));
        vm.prank(guardian);
        gateway.freeze(Fixtures.modelId());
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.ModelFrozen.selector, Fixtures.modelId()));
        consumer.act();
    }

    function test_act_RevertWhen_AnotherModelSpoke() public {
        consumer = new RecordingConsumer(oracle, 0x01020304, FRESH);
        _submitOnTime(Fixtures.find(Signal.BUY, 0));
        vm.expectPartialRevert(SignalConsumer.WrongModel.selector);
        consumer.act();
    }

    function test_act_RevertWhen_SignalIsSell() public {
        _submitOnTime(Fixtures.find(Signal.SELL, 0));
        vm.expectRevert(abi.encodeWithSelector(SignalConsumer.NotABuy.selector, Signal.SELL));
        consumer.act();
    }
}
