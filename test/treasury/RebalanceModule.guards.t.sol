// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {AggregatorV3Interface} from "../../contracts/interfaces/AggregatorV3Interface.sol";
import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";
import {ISignalOracle, Signal} from "../../contracts/interfaces/ISignalOracle.sol";
import {SafeOwner} from "../../scripts/support/SafeOwner.sol";
import {ISafeOwner} from "../../scripts/support/SafeOwner.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {TreasuryTest} from "../support/TreasuryTest.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title Every guard, alone, blocks; preview names it
contract RebalanceModuleGuardsTest is TreasuryTest {
    uint256 private buy;
    uint256 private sell;

    function setUp() public override {
        super.setUp();
        buy = Fixtures.find(Signal.BUY, 0);
        sell = Fixtures.find(Signal.SELL, 0);
    }

    function test_execute_RevertWhen_RoundUnknown() public {
        _expectBlocked(0, IRebalanceModule.Guard.NoSuchRound, 0, 0);
        _expectBlocked(1, IRebalanceModule.Guard.NoSuchRound, 1, 0);
        _reach(buy);
        _expectBlocked(2, IRebalanceModule.Guard.NoSuchRound, 2, 1);
        _expectBlocked(type(uint80).max, IRebalanceModule.Guard.NoSuchRound);
    }

    function test_execute_RevertWhen_RoundNotLatest() public {
        uint80 first = _reach(0);
        _reach(1);
        _expectBlocked(first, IRebalanceModule.Guard.RoundNotLatest, 1, 2);
    }

    function test_execute_RevertWhen_RoundExpired() public {
        uint80 id = _reach(buy);
        vm.warp(block.timestamp + 300);
        market.maker.moveTo(_feedPrice());
        uint256 state = vm.snapshotState();
        module.execute(id);
        vm.revertToState(state);
        vm.warp(block.timestamp + 1);
        _expectBlocked(id, IRebalanceModule.Guard.RoundExpired, 301, 300);
    }

    function test_execute_RevertWhen_WithinVetoDelay() public {
        IRebalanceModule.Policy memory policy = _policy();
        policy.vetoDelay = 30;
        module.setPolicy(policy);
        uint80 id = _reach(buy);
        uint256 end = block.timestamp + 30;
        vm.warp(end - 1);
        _expectBlocked(id, IRebalanceModule.Guard.VetoDelay, end - 1, end);
        vm.warp(end);
        module.execute(id);
    }

    function test_execute_RevertWhen_GuardianVetoedTheRound() public {
        uint80 id = _reach(buy);
        vm.prank(guardian);
        module.disableRound(id);
        _expectBlocked(id, IRebalanceModule.Guard.RoundDisabled);
    }

    function test_execute_RevertWhen_PolicyChangedAfterTheRound() public {
        uint80 id = _reach(buy);
        uint256 acceptedAt = block.timestamp;
        vm.warp(acceptedAt + 1);
        module.setPolicy(_policy());
        _expectBlocked(id, IRebalanceModule.Guard.PolicyNewerThanRound, acceptedAt, acceptedAt + 2);
    }

    /// @dev Within one block the order of transactions is the proposer's: the same second counts as later.
    function test_execute_RevertWhen_PolicySetInTheBlockOfTheRound() public {
        uint80 id = _reach(buy);
        uint256 acceptedAt = block.timestamp;
        uint256 state = vm.snapshotState();
        module.setPolicy(_policy());
        _expectBlocked(id, IRebalanceModule.Guard.PolicyNewerThanRound, acceptedAt, acceptedAt + 1);
        vm.revertToState(state);
        module.execute(id);
    }

    function test_execute_PolicySetASecondBeforeTheRound_Applies() public {
        vm.warp(Fixtures.round(buy).closeTime - 1);
        module.setPolicy(_policy());
        module.execute(_reach(buy));
    }

    function test_execute_RevertWhen_ModelFrozenAfterTheRound() public {
        uint80 id = _reach(buy);
        gateway.freeze(Fixtures.modelId());
        _expectBlocked(id, IRebalanceModule.Guard.ModelFrozen);
    }

    function test_execute_RevertWhen_Paused_UntilTheOwnerUnpauses() public {
        uint80 id = _reach(buy);
        vm.prank(guardian);
        module.pause();
        _expectBlocked(id, IRebalanceModule.Guard.Paused);
        module.unpause();
        module.execute(id);
    }

    function test_execute_RevertWhen_ShutDown() public {
        uint80 id = _reach(buy);
        vm.prank(guardian);
        module.shutDown();
        module.unpause();
        _expectBlocked(id, IRebalanceModule.Guard.ShutDown);
    }

    function test_execute_RevertWhen_SafeDisabledTheModule() public {
        uint80 id = _reach(buy);
        SafeOwner.call(
            market.safe,
            address(this),
            market.safe,
            abi.encodeCall(ISafeOwner.disableModule, (address(1), address(module)))
        );
        _expectBlocked(id, IRebalanceModule.Guard.ModuleNotEnabled);
    }

    function test_execute_RevertWhen_CoolingDown() public {
        IRebalanceModule.Policy memory policy = _policy();
        policy.cooldown = 3600;
        module.setPolicy(policy);
        uint256 trade = Fixtures.findTrade(0);
        module.execute(_reach(trade));
        uint256 executedAt = block.timestamp;
        uint80 id = _reach(Fixtures.findTrade(trade + 1));
        _expectBlocked(id, IRebalanceModule.Guard.Cooldown, block.timestamp, executedAt + 3600);
    }

    function test_execute_RevertWhen_FeedReverts() public {
        uint80 id = _reach(buy);
        vm.mockCallRevert(address(market.feed), _latest(), "");
        _expectBlocked(id, IRebalanceModule.Guard.FeedUnavailable);
    }

    function test_execute_RevertWhen_FeedIsFromTheFutureNeverUpdatedOrAbsurd() public {
        uint80 id = _reach(buy);
        _mockFeed(1e8, block.timestamp + 1);
        _expectBlocked(id, IRebalanceModule.Guard.FeedUnavailable);
        _mockFeed(1e8, 0);
        _expectBlocked(id, IRebalanceModule.Guard.FeedUnavailable);
        _mockFeed(type(int256).max, block.timestamp);
        _expectBlocked(id, IRebalanceModule.Guard.FeedUnavailable);
    }

    function test_execute_RevertWhen_FeedNotPositive() public {
        uint80 id = _reach(buy);
        _mockFeed(0, block.timestamp);
        _expectBlocked(id, IRebalanceModule.Guard.FeedNotPositive);
        _mockFeed(-1, block.timestamp);
        _expectBlocked(id, IRebalanceModule.Guard.FeedNotPositive);
    }

    function test_execute_RevertWhen_FeedStale() public {
        uint80 id = _reach(buy);
        _mockFeed(int256(_feedPrice()), block.timestamp - 301);
        _expectBlocked(id, IRebalanceModule.Guard.FeedStale, 301, 300);
        _mockFeed(int256(_feedPrice()), block.timestamp - 300);
        module.execute(id);
    }

    function test_execute_RevertWhen_PoolHistoryTooShort() public {
        IRebalanceModule.Policy memory policy = _policy();
        policy.twapWindow = 1 days;
        module.setPolicy(policy);
        uint80 id = _reach(buy);
        _expectBlocked(id, IRebalanceModule.Guard.TwapUnavailable, 0, 1 days);
    }

    function test_execute_RevertWhen_FeedDisagreesWithThePool() public {
        uint80 id = _reach(buy);
        _mockFeed(int256(_feedPrice() * 102 / 100), block.timestamp);
        _expectBlocked(id, IRebalanceModule.Guard.TwapDeviates);
        _mockFeed(int256(_feedPrice() * 98 / 100), block.timestamp);
        _expectBlocked(id, IRebalanceModule.Guard.TwapDeviates);
    }

    function test_execute_RevertWhen_FeedDisagreesWithTheLastClose() public {
        uint80 id = _reach(buy);
        // Pool and feed move on together, for long enough that the average follows.
        market.maker.moveTo(_feedPrice() * 103 / 100);
        vm.warp(block.timestamp + 61);
        _expectBlocked(id, IRebalanceModule.Guard.CloseDeviates);
    }

    function test_execute_RevertWhen_TreasuryEmpty() public {
        uint80 id = _reach(buy);
        _drain(IERC20(address(market.base)));
        _drain(IERC20(address(market.quote)));
        _expectBlocked(id, IRebalanceModule.Guard.EmptyTreasury);
    }

    function test_execute_OneSidedTreasury_BuysButNeverSellsWhatItLacks() public {
        _drain(IERC20(address(market.base)));
        uint256 state = vm.snapshotState();
        uint80 id = _reach(sell);
        _expectBlocked(id, IRebalanceModule.Guard.WithinDeadBand, 0, 2000);
        vm.revertToState(state);
        id = _reach(buy);
        module.execute(id);
        vm.assertGe(_allocation(), 990, "bought a step from nothing");
    }

    function test_execute_RevertWhen_AllocationWithinDeadBand() public {
        IRebalanceModule.Policy memory policy = _policy();
        policy.buyTargetBps = 5040;
        module.setPolicy(policy);
        uint80 id = _reach(buy);
        _expectBlocked(id, IRebalanceModule.Guard.WithinDeadBand);
    }

    /// @dev A SELL below its target must not become a purchase, nor a BUY above its target a sale.
    function test_execute_RevertWhen_TargetLiesTheOtherWay() public {
        IRebalanceModule.Policy memory policy = _policy();
        uint256 state = vm.snapshotState();
        (policy.sellTargetBps, policy.buyTargetBps) = (7000, 8000);
        module.setPolicy(policy);
        _expectBlocked(_reach(sell), IRebalanceModule.Guard.WithinDeadBand);
        vm.revertToState(state);
        (policy.sellTargetBps, policy.buyTargetBps) = (2000, 3000);
        module.setPolicy(policy);
        _expectBlocked(_reach(buy), IRebalanceModule.Guard.WithinDeadBand);
    }

    function test_execute_RevertWhen_TradeTooSmall() public {
        IRebalanceModule.Policy memory policy = _policy();
        (policy.minTrade, policy.maxStepBps) = (200_000e6, 100);
        module.setPolicy(policy);
        _expectBlocked(_reach(buy), IRebalanceModule.Guard.BelowMinTrade);
    }

    function test_execute_RevertWhen_TurnoverBudgetSpent_UntilItRefills() public {
        IRebalanceModule.Policy memory policy = _policy();
        (policy.turnoverBudget, policy.minTrade) = (50_000e6, 10_000e6);
        module.setPolicy(policy);
        uint256 trade = Fixtures.findTrade(0);
        uint80 id = _reach(trade);
        vm.assertEq(module.preview(id).tradeValue, 50_000e6, "shrunk to the budget");
        module.execute(id);
        (uint256 left,) = module.budgetsLeft();
        vm.assertEq(left, 0, "spent");
        _expectBlocked(_reach(Fixtures.findTrade(trade + 1)), IRebalanceModule.Guard.TurnoverBudget);
        vm.warp(block.timestamp + 12 hours);
        (left,) = module.budgetsLeft();
        vm.assertApproxEqRel(left, 25_000e6, 1e16, "half a period, half the budget");
    }

    function test_execute_RevertWhen_LossBudgetCannotCoverTheTrade() public {
        IRebalanceModule.Policy memory policy = _policy();
        // 50 bps of 100,000 is 500.
        (policy.lossBudget, policy.minTrade) = (499e6, 100_000e6);
        module.setPolicy(policy);
        _expectBlocked(_reach(buy), IRebalanceModule.Guard.LossBudget, uint256(499e6) * 200, 100_000e6);
    }

    function test_execute_LossBudget_ShrinksTheTradeAndIsCharged() public {
        IRebalanceModule.Policy memory policy = _policy();
        policy.lossBudget = 100e6;
        module.setPolicy(policy);
        uint80 id = _reach(buy);
        (uint256 value,) = _valueAndAllocation();
        vm.assertEq(module.preview(id).tradeValue, 20_000e6, "50 bps of it is the whole budget");
        module.execute(id);
        (uint256 valueAfter,) = _valueAndAllocation();
        (, uint256 left) = module.budgetsLeft();
        vm.assertEq(left, 100e6 - (value - valueAfter), "charged what was lost");
    }

    function test_execute_StepCap_HoldsAcrossManyRounds() public {
        uint256 before = _allocation();
        uint256 executed = 0;
        uint256 rounds = Fixtures.count();
        for (uint256 i = 0; i < rounds; ++i) {
            uint80 id = _reach(i);
            if (module.preview(id).guard != IRebalanceModule.Guard.None) continue;
            module.execute(id);
            ++executed;
            uint256 later = _allocation();
            uint256 moved = later > before ? later - before : before - later;
            vm.assertLe(moved, 1010, "at most a step");
            before = later;
        }
        vm.assertGe(executed, 2, "several executions");
    }

    function test_execute_RevertWhen_OracleReverts() public {
        uint80 id = _reach(buy);
        vm.mockCallRevert(address(oracle), abi.encodeCall(ISignalOracle.latestRoundId, ()), "gone");
        vm.expectRevert();
        module.execute(id);
        // The Safe's owners are not held up by it.
        SafeOwner.call(
            market.safe, address(this), address(market.quote), abi.encodeCall(IERC20.transfer, (stranger, 1))
        );
        vm.assertEq(market.quote.balanceOf(stranger), 1, "withdrawable");
    }

    function _feedPrice() private returns (uint256) {
        vm.clearMockedCalls();
        (, int256 price,,,) = market.feed.latestRoundData();
        return uint256(price);
    }

    function _latest() private pure returns (bytes memory) {
        return abi.encodeCall(AggregatorV3Interface.latestRoundData, ());
    }

    function _mockFeed(int256 answer, uint256 updatedAt) private {
        vm.mockCall(
            address(market.feed), _latest(), abi.encode(uint80(1), answer, updatedAt, updatedAt, uint80(1))
        );
    }

    function _drain(IERC20 token) private {
        uint256 balance = token.balanceOf(market.safe);
        SafeOwner.call(
            market.safe, address(this), address(token), abi.encodeCall(IERC20.transfer, (stranger, balance))
        );
    }
}
