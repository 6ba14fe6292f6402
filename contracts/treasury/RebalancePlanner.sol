// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {IRebalanceModule} from "../interfaces/IRebalanceModule.sol";
import {Round, Signal} from "../interfaces/ISignalOracle.sol";
import {PriceGuard} from "./PriceGuard.sol";
import {RefillingBudget} from "./RefillingBudget.sol";
import {TreasuryMarket} from "./TreasuryMarket.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title What a round would do to the treasury, or which guard stops it
/// @notice Views only: `preview` and `execute` share this one plan, so they cannot disagree.
abstract contract RebalancePlanner is IRebalanceModule, TreasuryMarket {
    using RefillingBudget for RefillingBudget.Budget;

    uint256 private constant WHOLE = 10_000;

    /// @inheritdoc IRebalanceModule
    bool public paused;
    /// @inheritdoc IRebalanceModule
    bool public isShutDown;
    /// @inheritdoc IRebalanceModule
    uint80 public lastExecutedRound;
    /// @inheritdoc IRebalanceModule
    uint64 public lastExecutedAt;
    /// @inheritdoc IRebalanceModule
    uint64 public policySetAt;
    /// @inheritdoc IRebalanceModule
    mapping(uint80 roundId => bool) public isRoundDisabled;

    Policy internal _policy;
    RefillingBudget.Budget internal _turnover;
    RefillingBudget.Budget internal _loss;

    /// @dev The guards, in the order of `Guard`. Stops at the first that blocks.
    function _plan(uint80 roundId) internal view returns (Plan memory plan) {
        Policy memory p = _policy;
        if (_blockedBySwitch(plan)) return plan;
        (bool blocked, Round memory round) = _blockedByRound(plan, p, roundId);
        if (blocked || _blockedByPrice(plan, p, round.lastCloseE8)) return plan;
        if (_blockedByAllocation(plan, p) || _blockedBySize(plan, p)) return plan;
        _price(plan, p);
    }

    function _blockedBySwitch(Plan memory plan) private view returns (bool) {
        if (isShutDown) return _block(plan, Guard.ShutDown, 0, 0);
        if (paused) return _block(plan, Guard.Paused, 0, 0);
        if (!safe.isModuleEnabled(address(this))) return _block(plan, Guard.ModuleNotEnabled, 0, 0);
        return false;
    }

    function _blockedByRound(Plan memory plan, Policy memory p, uint80 roundId)
        private
        view
        returns (bool, Round memory round)
    {
        uint80 latest = oracle.latestRoundId();
        if (roundId == 0 || roundId > latest) {
            return (_block(plan, Guard.NoSuchRound, roundId, latest), round);
        }
        if (roundId != latest) return (_block(plan, Guard.RoundNotLatest, roundId, latest), round);
        if (roundId <= lastExecutedRound) {
            return (_block(plan, Guard.RoundExecuted, roundId, uint256(lastExecutedRound) + 1), round);
        }
        if (isRoundDisabled[roundId]) return (_block(plan, Guard.RoundDisabled, roundId, 0), round);
        round = oracle.round(roundId);
        plan.signal = Signal(round.class);
        return (_blockedByMoment(plan, p, round), round);
    }

    function _blockedByMoment(Plan memory plan, Policy memory p, Round memory round)
        private
        view
        returns (bool)
    {
        uint256 age = block.timestamp - round.closeTime;
        if (age > p.roundTtl) return _block(plan, Guard.RoundExpired, age, p.roundTtl);
        uint256 vetoEnd = uint256(round.acceptedAt) + p.vetoDelay;
        if (block.timestamp < vetoEnd) return _block(plan, Guard.VetoDelay, block.timestamp, vetoEnd);
        // Whoever changes the policy cannot aim it at a signal that is already known; within one second nobody can
        // tell which of the two came first.
        if (round.acceptedAt <= policySetAt) {
            return _block(plan, Guard.PolicyNewerThanRound, round.acceptedAt, uint256(policySetAt) + 1);
        }
        if (!oracle.isModelActive(round.modelId)) return _block(plan, Guard.ModelFrozen, 0, 0);
        if (plan.signal == Signal.HOLD) return _block(plan, Guard.Hold, 0, 0);
        uint256 rested = lastExecutedAt == 0 ? 0 : uint256(lastExecutedAt) + p.cooldown;
        if (block.timestamp < rested) return _block(plan, Guard.Cooldown, block.timestamp, rested);
        return false;
    }

    function _blockedByPrice(Plan memory plan, Policy memory p, int64 lastCloseE8)
        private
        view
        returns (bool)
    {
        (bool available, uint256 price, uint256 updatedAt) = PriceGuard.readFeed(feed, feedDecimals);
        if (!available) return _block(plan, Guard.FeedUnavailable, updatedAt, block.timestamp);
        if (price == 0) return _block(plan, Guard.FeedNotPositive, 0, 1);
        uint256 age = block.timestamp - updatedAt;
        if (age > p.feedMaxAge) return _block(plan, Guard.FeedStale, age, p.feedMaxAge);
        plan.priceE8 = price;

        uint256 twap;
        (available, twap) = PriceGuard.readTwap(pool, p.twapWindow, baseIsToken0, baseUnitE8, quoteUnit);
        if (!available) return _block(plan, Guard.TwapUnavailable, 0, p.twapWindow);
        uint256 deviation = PriceGuard.deviationBps(twap, price);
        if (deviation > p.maxDeviationBps) {
            return _block(plan, Guard.TwapDeviates, deviation, p.maxDeviationBps);
        }
        // The oracle accepts positive closes only.
        deviation = PriceGuard.deviationBps(uint256(uint64(lastCloseE8)), price);
        if (deviation > p.maxDeviationBps) {
            return _block(plan, Guard.CloseDeviates, deviation, p.maxDeviationBps);
        }
        return false;
    }

    function _blockedByAllocation(Plan memory plan, Policy memory p) private view returns (bool) {
        (plan.baseBalance, plan.quoteBalance) = balances();
        (plan.treasuryValue, plan.allocationBps) = valueAt(plan.priceE8, plan.baseBalance, plan.quoteBalance);
        if (plan.treasuryValue == 0) return _block(plan, Guard.EmptyTreasury, 0, 1);
        bool selling = plan.signal == Signal.SELL;
        plan.targetBps = selling ? p.sellTargetBps : p.buyTargetBps;
        // A SELL never buys and a BUY never sells, wherever the target lies.
        (uint256 from, uint256 to) =
            selling ? (plan.targetBps, plan.allocationBps) : (plan.allocationBps, plan.targetBps);
        if (to <= from + p.deadBandBps) {
            return _block(plan, Guard.WithinDeadBand, plan.allocationBps, plan.targetBps);
        }
        uint256 wanted = Math.mulDiv(plan.treasuryValue, Math.min(to - from, p.maxStepBps), WHOLE);
        plan.tradeValue = Math.min(wanted, p.maxTrade);
        return false;
    }

    function _blockedBySize(Plan memory plan, Policy memory p) private view returns (bool) {
        if (plan.tradeValue < p.minTrade) {
            return _block(plan, Guard.BelowMinTrade, plan.tradeValue, p.minTrade);
        }
        uint256 turnover = _turnover.left(p.turnoverBudget, p.budgetPeriod);
        if (turnover < p.minTrade) return _block(plan, Guard.TurnoverBudget, turnover, p.minTrade);
        // The worst this trade can lose must still be in the budget.
        uint256 covered = Math.mulDiv(_loss.left(p.lossBudget, p.budgetPeriod), WHOLE, p.maxSlippageBps);
        if (covered < p.minTrade) return _block(plan, Guard.LossBudget, covered, p.minTrade);
        plan.tradeValue = Math.min(plan.tradeValue, Math.min(turnover, covered));
        return false;
    }

    /// @dev Turns the trade's value into exact amounts at the feed's price.
    function _price(Plan memory plan, Policy memory p) private view {
        uint256 expected;
        if (plan.signal == Signal.SELL) {
            (plan.tokenIn, plan.tokenOut) = (base, quote);
            plan.amountIn = Math.min(toBase(plan.tradeValue, plan.priceE8), plan.baseBalance);
            expected = toQuote(plan.amountIn, plan.priceE8);
        } else {
            (plan.tokenIn, plan.tokenOut) = (quote, base);
            plan.amountIn = Math.min(plan.tradeValue, plan.quoteBalance);
            expected = toBase(plan.amountIn, plan.priceE8);
        }
        plan.minAmountOut = Math.mulDiv(expected, WHOLE - p.maxSlippageBps, WHOLE, Math.Rounding.Ceil);
    }

    function _block(Plan memory plan, Guard guard, uint256 got, uint256 want) private pure returns (bool) {
        (plan.guard, plan.got, plan.want) = (guard, got, want);
        return true;
    }
}
