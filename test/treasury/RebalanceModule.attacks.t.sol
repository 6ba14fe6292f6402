// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";
import {ISignalOracle, Signal} from "../../contracts/interfaces/ISignalOracle.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {StubOracle} from "../support/StubOracle.sol";
import {TreasuryTest} from "../support/TreasuryTest.sol";

/// @title What somebody with a pool's worth of borrowed money can do to a trade
contract RebalanceModuleAttacksTest is TreasuryTest {
    /// @dev Somebody holds the spot `PUSH` bps against every trade, within the slippage, and lets go afterwards.
    uint256 private constant PUSH = 35;

    function test_execute_RevertWhen_SandwichedBeyondSlippage() public {
        uint80 id = _reach(Fixtures.find(Signal.BUY, 0));
        // In the same block the time-weighted price cannot see it; the minimum output does.
        _pushSpot(10_100);
        vm.assertEq(uint256(module.preview(id).guard), 0, "the averages look fine");
        vm.expectPartialRevert(IRebalanceModule.SafeCallFailed.selector);
        module.execute(id);
    }

    function test_execute_SandwichedWithinSlippage_LosesNoMoreAndIsCharged() public {
        uint80 id = _reach(Fixtures.find(Signal.BUY, 0));
        (uint256 before,) = _valueAndAllocation();
        (, uint256 lossLeft) = module.budgetsLeft();
        _pushSpot(10_000 + PUSH);
        uint256 tradeValue = module.preview(id).tradeValue;
        module.execute(id);
        (uint256 value,) = _valueAndAllocation();
        vm.assertGe(before - value, tradeValue * PUSH / 10_000, "the push was paid");
        vm.assertLe(
            before - value, tradeValue * _policy().maxSlippageBps / 10_000 + 1, "the slippage at most"
        );
        (, uint256 lossLeftAfter) = module.budgetsLeft();
        vm.assertEq(lossLeft - lossLeftAfter, before - value, "charged to the budget");
    }

    function test_execute_RevertWhen_PoolHeldAwayFromTheFeed() public {
        uint80 id = _reach(Fixtures.find(Signal.BUY, 0));
        _pushSpot(10_300);
        vm.warp(block.timestamp + 60);
        _expectBlocked(id, IRebalanceModule.Guard.TwapDeviates);
    }

    function test_execute_DonationToTheSafe_TradesNoMoreThanTheCap() public {
        uint80 id = _reach(Fixtures.find(Signal.SELL, 0));
        market.base.mint(market.safe, 1000e8);
        IRebalanceModule.Plan memory plan = module.preview(id);
        vm.assertEq(plan.tradeValue, _policy().maxTrade, "never more than the largest trade");
        module.execute(id);
        vm.assertGe(module.lastExecutedRound(), id, "a gift does not block it either");
    }

    function test_execute_RevertWhen_DonationCarriesTheAllocationPastTheTarget() public {
        uint256 state = vm.snapshotState();
        uint80 id = _reach(Fixtures.find(Signal.BUY, 0));
        market.base.mint(market.safe, 60e8);
        vm.assertGe(_allocation(), 8700, "above the target of a BUY");
        _expectBlocked(id, IRebalanceModule.Guard.WithinDeadBand);
        vm.revertToState(state);
        id = _reach(Fixtures.find(Signal.SELL, 0));
        market.quote.mint(market.safe, 6_000_000e6);
        vm.assertLe(_allocation(), 1000, "below the target of a SELL");
        _expectBlocked(id, IRebalanceModule.Guard.WithinDeadBand);
    }

    /// @dev SELL and BUY in turns, every trade sandwiched: what the treasury loses is what the budget allows.
    function test_execute_SandwichedWhipsaw_DrainsTheLossBudgetAtMost() public {
        IRebalanceModule.Policy memory policy = _policy();
        (policy.lossBudget, policy.turnoverBudget, policy.minTrade) = (2000e6, 20_000_000e6, 10_000e6);
        StubOracle stub = new StubOracle();
        module = _deployModule(market.router, ISignalOracle(address(stub)), policy);
        _enable(module);
        (, int256 answer,,,) = market.feed.latestRoundData();
        uint256 startedAt = block.timestamp;
        (uint256 before,) = _valueAndAllocation();
        uint256 drained = 0;
        for (uint256 i = 0; i < 40; ++i) {
            bool selling = i % 2 == 0;
            vm.warp(startedAt + 61 * (i + 1));
            market.maker.moveTo(uint256(answer));
            stub.push(selling ? Signal.SELL : Signal.BUY, uint256(answer));
            _pushSpot(selling ? 10_000 - PUSH : 10_000 + PUSH);
            uint80 id = stub.latestRoundId();
            IRebalanceModule.Guard guard = module.preview(id).guard;
            if (guard == IRebalanceModule.Guard.LossBudget) ++drained;
            if (guard == IRebalanceModule.Guard.None) module.execute(id);
            market.maker.moveTo(uint256(answer));
        }
        (uint256 value,) = _valueAndAllocation();
        uint256 elapsed = block.timestamp - startedAt;
        vm.assertGe(drained, 20, "the budget stopped it");
        vm.assertGe(before - value, 1800e6, "after most of the budget");
        vm.assertLe(before - value, 2000e6 + 2000e6 * elapsed / 1 days, "and no more than all of it");
    }
}
