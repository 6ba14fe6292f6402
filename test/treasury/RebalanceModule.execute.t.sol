// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";
import {Signal} from "../../contracts/interfaces/ISignalOracle.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {TreasuryTest} from "../support/TreasuryTest.sol";
import {Vm} from "../support/Vm.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title From a verified signal to a rebalanced treasury, nothing replaced
contract RebalanceModuleExecuteTest is TreasuryTest {
    function test_execute_Buy_MovesOneStepTowardTarget() public {
        uint80 id = _reach(Fixtures.find(Signal.BUY, 0));
        (uint256 value, uint256 before) = _valueAndAllocation();
        IRebalanceModule.Plan memory plan = module.preview(id);
        vm.assertEq(uint256(plan.guard), 0, "nothing blocks");
        vm.assertEq(plan.tokenIn, address(market.quote), "pays in quote");
        // Division leaves at most one unit per trade.
        vm.assertApproxEqRel(plan.tradeValue, value / 10, 1e12, "one step of 10 %");

        (uint256 baseBefore, uint256 quoteBefore) = module.balances();
        vm.prank(stranger);
        uint256 amountOut = module.execute(id);

        (uint256 baseAfter, uint256 quoteAfter) = module.balances();
        vm.assertEq(quoteBefore - quoteAfter, plan.amountIn, "spent exactly");
        vm.assertEq(baseAfter - baseBefore, amountOut, "received");
        vm.assertGe(amountOut, plan.minAmountOut, "at least the minimum");
        (uint256 valueAfter, uint256 allocationAfter) = _valueAndAllocation();
        vm.assertTrue(allocationAfter > before && allocationAfter <= 8000, "toward the target, not past it");
        vm.assertGe(allocationAfter, before + 990, "about one step");
        vm.assertLe(value - valueAfter, plan.tradeValue / 200 + 1, "lost at most the slippage");
        _assertNothingLeftBehind();
    }

    function test_execute_Sell_MovesOneStepTowardTarget() public {
        uint80 id = _reach(Fixtures.find(Signal.SELL, 0));
        uint256 before = _allocation();
        (uint256 baseBefore, uint256 quoteBefore) = module.balances();
        IRebalanceModule.Plan memory plan = module.preview(id);
        uint256 amountOut = module.execute(id);
        (uint256 baseAfter, uint256 quoteAfter) = module.balances();
        vm.assertEq(baseBefore - baseAfter, plan.amountIn, "spent exactly");
        vm.assertEq(quoteAfter - quoteBefore, amountOut, "received");
        uint256 allocationAfter = _allocation();
        vm.assertTrue(allocationAfter < before && allocationAfter >= 2000, "toward the target, not past it");
        vm.assertLe(allocationAfter, before - 990, "about one step");
        _assertNothingLeftBehind();
    }

    function test_execute_Emits_WhatHappened() public {
        uint80 id = _reach(Fixtures.find(Signal.BUY, 0));
        vm.recordLogs();
        module.execute(id);
        bytes32 topic = IRebalanceModule.Rebalanced.selector;
        vm.assertTrue(_emitted(topic, id), "Rebalanced with the round id");
        vm.assertEq(uint256(module.lastExecutedRound()), id, "round remembered");
        vm.assertEq(uint256(module.lastExecutedAt()), block.timestamp, "time remembered");
    }

    function test_execute_Hold_DoesNotTrade() public {
        uint80 id = _reach(Fixtures.find(Signal.HOLD, 0));
        (uint256 baseBefore, uint256 quoteBefore) = module.balances();
        _expectBlocked(id, IRebalanceModule.Guard.Hold);
        (uint256 baseAfter, uint256 quoteAfter) = module.balances();
        vm.assertTrue(baseBefore == baseAfter && quoteBefore == quoteAfter, "untouched");
    }

    function test_execute_RevertWhen_RoundExecutedBefore() public {
        uint80 id = _reach(Fixtures.find(Signal.BUY, 0));
        module.execute(id);
        vm.warp(block.timestamp + 61);
        _expectBlocked(id, IRebalanceModule.Guard.RoundExecuted, id, uint256(id) + 1);
    }

    function test_execute_ForeignAllowance_IsReplacedAndRemoved() public {
        // Somebody with the Safe's keys left an allowance for the router behind.
        vm.prank(market.safe);
        market.quote.approve(market.router, 1);
        uint80 id = _reach(Fixtures.find(Signal.BUY, 0));
        module.execute(id);
        _assertNothingLeftBehind();
    }

    function test_execute_RevertWhen_AllowanceSurvives() public {
        uint80 id = _reach(Fixtures.find(Signal.BUY, 0));
        vm.mockCall(
            address(market.quote),
            abi.encodeCall(IERC20.allowance, (market.safe, market.router)),
            abi.encode(uint256(7))
        );
        vm.expectRevert(abi.encodeWithSelector(IRebalanceModule.AllowanceLeft.selector, 7));
        module.execute(id);
    }

    function _assertNothingLeftBehind() private view {
        address[2] memory tokens = [address(market.base), address(market.quote)];
        for (uint256 i = 0; i < 2; ++i) {
            IERC20 token = IERC20(tokens[i]);
            vm.assertEq(token.allowance(market.safe, market.router), 0, "no allowance left");
            vm.assertEq(token.balanceOf(address(module)), 0, "the module holds nothing");
            vm.assertEq(token.balanceOf(market.router), 0, "the router holds nothing");
        }
    }

    function _emitted(bytes32 topic, uint80 id) private returns (bool) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            bool ours = logs[i].emitter == address(module) && logs[i].topics[0] == topic;
            if (ours && uint256(logs[i].topics[1]) == id) return true;
        }
        return false;
    }
}
