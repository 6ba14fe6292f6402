// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {DemoToken} from "../../contracts/demo/DemoToken.sol";
import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";
import {ISignalOracle, Signal} from "../../contracts/interfaces/ISignalOracle.sol";
import {RebalanceModule} from "../../contracts/treasury/RebalanceModule.sol";
import {LocalMarket} from "../../scripts/support/LocalMarket.sol";
import {SafeOwner} from "../../scripts/support/SafeOwner.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {HookToken} from "../support/HookToken.sol";
import {FeeToken, TetherLike} from "../support/TetherLike.sol";
import {TreasuryTest} from "../support/TreasuryTest.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title Tokens with habits, decimals and orders of their own
contract RebalanceModuleTokensTest is TreasuryTest {
    function test_execute_TetherWithoutReturnValues_Works() public {
        uint80 id = _marketWith(_demo(8), DemoToken(address(new TetherLike())), 1e6);
        module.execute(id);
        vm.assertGe(_allocation(), 5900, "bought");
    }

    function test_execute_TetherWithForeignAllowance_Works() public {
        uint80 id = _marketWith(_demo(8), DemoToken(address(new TetherLike())), 1e6);
        vm.prank(market.safe);
        TetherLike(address(market.quote)).approve(market.router, 5);
        module.execute(id);
        vm.assertEq(market.quote.allowance(market.safe, market.router), 0, "and gone");
    }

    function test_execute_TetherAsBase_IsSoldAndBought() public {
        uint256 state = vm.snapshotState();
        _around(DemoToken(address(new TetherLike())), _demo(18), 1e18);
        module.execute(_reach(Fixtures.find(Signal.SELL, 0)));
        vm.assertLe(_allocation(), 4100, "sold");
        vm.assertEq(market.base.allowance(market.safe, market.router), 0, "no allowance left");
        vm.revertToState(state);
        uint80 id = _marketWith(DemoToken(address(new TetherLike())), _demo(18), 1e18);
        module.execute(id);
        vm.assertGe(_allocation(), 5900, "bought");
    }

    function test_execute_EighteenDecimals_BothTokenOrders_Work() public {
        bool[2] memory seen;
        for (uint256 i = 0; i < 8 && !(seen[0] && seen[1]); ++i) {
            uint256 state = vm.snapshotState();
            DemoToken base = _demo(18);
            DemoToken quote = _demo(18);
            // The order of two addresses is a coin toss: choose it.
            if ((address(base) < address(quote)) == (i % 2 == 0)) (base, quote) = (quote, base);
            seen[address(base) < address(quote) ? 0 : 1] = true;
            uint80 id = _marketWith(base, quote, 1e18);
            module.execute(id);
            uint256 allocation = _allocation();
            vm.assertTrue(allocation > 5900 && allocation < 6020, "one step");
            bool[2] memory remembered = seen;
            vm.revertToState(state);
            seen = remembered;
        }
        vm.assertTrue(seen[0] && seen[1], "both orders");
    }

    function test_execute_RevertWhen_TokenTakesAFee() public {
        uint80 id = _marketWith(_demo(8), _demo(6), 1e6);
        // The quote token turns out to burn on transfer: the pool receives less than it is owed.
        vm.etch(address(market.quote), type(FeeToken).runtimeCode);
        FeeToken(address(market.quote)).mint(market.safe, 600_000e6);
        IRebalanceModule.Plan memory plan = module.preview(id);
        vm.assertEq(uint256(plan.guard), 0, "nothing can tell beforehand");
        vm.expectPartialRevert(IRebalanceModule.SafeCallFailed.selector);
        module.execute(id);
    }

    /// @dev The swap itself goes well: only the balances tell what arrived.
    function test_execute_RevertWhen_TokenBoughtTakesAFee() public {
        uint80 id = _marketWith(_demo(6), _demo(6), 1e6);
        uint256 pooled = market.base.balanceOf(market.pool);
        vm.etch(address(market.base), type(FeeToken).runtimeCode);
        FeeToken(address(market.base)).mint(market.pool, pooled);
        vm.assertEq(uint256(module.preview(id).guard), 0, "nothing can tell beforehand");
        vm.expectPartialRevert(IRebalanceModule.ReceivedTooLittle.selector);
        module.execute(id);
    }

    function test_execute_Sell_SixEightAndEighteenDecimals_EveryPair_Works() public {
        uint8[3] memory decimals = [6, 8, 18];
        for (uint256 i = 0; i < 9; ++i) {
            uint256 state = vm.snapshotState();
            _around(_demo(decimals[i / 3]), _demo(decimals[i % 3]), 10 ** decimals[i % 3]);
            uint80 id = _reach(Fixtures.find(Signal.SELL, 0));
            IRebalanceModule.Plan memory plan = module.preview(id);
            uint256 received = module.execute(id);
            vm.assertGe(received, plan.minAmountOut, "at least the minimum");
            uint256 allocation = _allocation();
            vm.assertTrue(allocation > 3980 && allocation < 4100, "one step");
            vm.revertToState(state);
        }
    }

    function test_execute_SixEightAndEighteenDecimals_EveryPair_Works() public {
        uint8[3] memory decimals = [6, 8, 18];
        for (uint256 i = 0; i < 9; ++i) {
            uint256 state = vm.snapshotState();
            uint80 id = _marketWith(_demo(decimals[i / 3]), _demo(decimals[i % 3]), 10 ** decimals[i % 3]);
            IRebalanceModule.Plan memory plan = module.preview(id);
            uint256 received = module.execute(id);
            vm.assertGe(received, plan.minAmountOut, "at least the minimum");
            uint256 allocation = _allocation();
            vm.assertTrue(allocation > 5900 && allocation < 6020, "one step");
            vm.revertToState(state);
        }
    }

    function test_execute_RevertWhen_TokenReentersAndInsists() public {
        (HookToken token, uint80 id) = _hooked();
        token.arm(module, id, true);
        vm.expectPartialRevert(IRebalanceModule.SafeCallFailed.selector);
        module.execute(id);
        vm.assertEq(uint256(module.lastExecutedRound()), 0, "as before");
    }

    function test_execute_TokenReentersInVain_TradesOnce() public {
        (HookToken token, uint80 id) = _hooked();
        IRebalanceModule.Plan memory plan = module.preview(id);
        (, uint256 before) = module.balances();
        token.arm(module, id, false);
        module.execute(id);
        vm.assertFalse(token.reentered(), "refused inside");
        // Read-only reentrancy: whoever looks in the middle sees the round as executed already.
        vm.assertEq(
            uint256(token.seenGuard()), uint256(IRebalanceModule.Guard.RoundExecuted), "seen from inside"
        );
        (, uint256 later) = module.balances();
        vm.assertEq(before - later, plan.amountIn, "spent once");
    }

    function test_execute_RevertWhen_BalanceShrinksOnTheWay() public {
        (HookToken token, uint80 id) = _hooked();
        token.setShrink(1);
        uint256 amountIn = module.preview(id).amountIn;
        vm.expectRevert(
            abi.encodeWithSelector(IRebalanceModule.SpentWrongAmount.selector, amountIn + 1, amountIn)
        );
        module.execute(id);
    }

    function test_execute_RevertWhen_TokenBlacklistsTheSafe_OtherTokenWithdrawable() public {
        (HookToken token, uint80 id) = _hooked();
        token.refuse(market.safe);
        (uint256 turnover, uint256 loss) = module.budgetsLeft();
        vm.expectPartialRevert(IRebalanceModule.SafeCallFailed.selector);
        module.execute(id);
        (uint256 turnoverAfter, uint256 lossAfter) = module.budgetsLeft();
        vm.assertTrue(turnover == turnoverAfter && loss == lossAfter, "nothing charged");
        SafeOwner.call(
            market.safe, address(this), address(market.base), abi.encodeCall(IERC20.transfer, (stranger, 1e8))
        );
        vm.assertEq(market.base.balanceOf(stranger), 1e8, "the rest is not held up");
        token.refuse(address(0));
        module.execute(id);
    }

    function test_execute_RevertWhen_ApproveAnswersAnythingButTrue() public {
        (HookToken token, uint80 id) = _hooked();
        bytes[5] memory answers =
            [abi.encode(false), abi.encode(uint256(2)), bytes(hex"01"), abi.encode(1, 1), new bytes(31)];
        for (uint256 i = 0; i < answers.length; ++i) {
            token.answerApprovalWith(answers[i]);
            vm.expectRevert(
                abi.encodeWithSelector(IRebalanceModule.SafeCallFailed.selector, address(token), answers[i])
            );
            module.execute(id);
        }
        token.answerApprovalWith("");
        module.execute(id);
    }

    /// @dev A quote token with hooks, a BUY ready.
    function _hooked() private returns (HookToken token, uint80 id) {
        token = new HookToken(6);
        id = _marketWith(_demo(8), DemoToken(address(token)), 1e6);
    }

    function _demo(uint8 decimals) private returns (DemoToken) {
        return new DemoToken("Token", "TOK", decimals);
    }

    /// @dev The same treasury around other tokens; returns a BUY round ready to execute.
    function _marketWith(DemoToken base, DemoToken quote, uint256 quoteUnit) private returns (uint80) {
        _around(base, quote, quoteUnit);
        return _reach(Fixtures.find(Signal.BUY, 0));
    }

    function _around(DemoToken base, DemoToken quote, uint256 quoteUnit) private {
        Fixtures.Proven memory first = Fixtures.round(0);
        uint256 price = uint256(uint64(first.lastCloseE8));
        uint256 unit = 10 ** base.decimals();
        vm.warp(first.closeTime - 300);
        market = LocalMarket.deployWith(
            base, quote, address(this), price, 5000 * unit, 10 * unit, 10 * price * quoteUnit / 1e8
        );
        IRebalanceModule.Policy memory policy = _policy();
        (policy.minTrade, policy.maxTrade) = (uint128(100 * quoteUnit), uint128(250_000 * quoteUnit));
        (policy.turnoverBudget, policy.lossBudget) =
        (uint128(1_000_000 * quoteUnit), uint128(5000 * quoteUnit));
        module = _deployModuleBounded(policy, quoteUnit);
        _enable(module);
    }

    function _deployModuleBounded(IRebalanceModule.Policy memory policy, uint256 quoteUnit)
        private
        returns (RebalanceModule)
    {
        IRebalanceModule.Bounds memory bounds = _bounds();
        bounds.maxTrade = uint128(5_000_000 * quoteUnit);
        bounds.maxTurnoverBudget = uint128(20_000_000 * quoteUnit);
        bounds.maxLossBudget = uint128(100_000 * quoteUnit);
        return new RebalanceModule(
            _wiring(market.router, ISignalOracle(address(oracle))), bounds, policy, address(this), guardian
        );
    }
}
