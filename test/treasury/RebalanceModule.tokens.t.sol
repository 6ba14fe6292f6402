// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {DemoToken} from "../../contracts/demo/DemoToken.sol";
import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";
import {ISignalOracle, Signal} from "../../contracts/interfaces/ISignalOracle.sol";
import {RebalanceModule} from "../../contracts/treasury/RebalanceModule.sol";
import {LocalMarket} from "../../scripts/support/LocalMarket.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {FeeToken, TetherLike} from "../support/TetherLike.sol";
import {TreasuryTest} from "../support/TreasuryTest.sol";

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

    function _demo(uint8 decimals) private returns (DemoToken) {
        return new DemoToken("Token", "TOK", decimals);
    }

    /// @dev The same treasury around other tokens; returns a BUY round ready to execute.
    function _marketWith(DemoToken base, DemoToken quote, uint256 quoteUnit) private returns (uint80) {
        Fixtures.Submission memory first = Fixtures.round(0);
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
        return _reach(Fixtures.find(Signal.BUY, 0));
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
