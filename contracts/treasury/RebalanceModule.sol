// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {AggregatorV3Interface} from "../interfaces/AggregatorV3Interface.sol";
import {IRebalanceModule} from "../interfaces/IRebalanceModule.sol";
import {ISafe} from "../interfaces/ISafe.sol";
import {ISignalOracle, Round, Signal} from "../interfaces/ISignalOracle.sol";
import {ISwapRouter, IUniswapV3Pool} from "../interfaces/IUniswapV3.sol";
import {PolicyBounds} from "./PolicyBounds.sol";
import {PriceGuard} from "./PriceGuard.sol";
import {RefillingBudget} from "./RefillingBudget.sol";
import {SafeSwap} from "./SafeSwap.sol";
import {TreasuryMarket} from "./TreasuryMarket.sol";
import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title The module of IRebalanceModule
contract RebalanceModule is IRebalanceModule, TreasuryMarket, Ownable2Step, ReentrancyGuardTransient {
    using RefillingBudget for RefillingBudget.Budget;

    uint256 private constant WHOLE = 10_000;

    /// @inheritdoc IRebalanceModule
    address public guardian;
    /// @inheritdoc IRebalanceModule
    bool public paused;
    /// @inheritdoc IRebalanceModule
    bool public isShutDown;
    /// @inheritdoc IRebalanceModule
    uint80 public lastExecutedRound;
    /// @inheritdoc IRebalanceModule
    uint64 public lastExecutedAt;
    /// @notice When the policy last changed.
    uint64 public policySetAt;
    /// @inheritdoc IRebalanceModule
    mapping(uint80 roundId => bool) public isRoundDisabled;

    Policy private _policy;
    Bounds private _bounds;
    RefillingBudget.Budget private _turnover;
    RefillingBudget.Budget private _loss;

    modifier onlyGuardianOrOwner() {
        if (msg.sender != guardian && msg.sender != owner()) revert NotGuardian(msg.sender, guardian);
        _;
    }

    /// @param wiring The Safe, the oracle and the one market the module may touch; fixed for good.
    /// @param hardBounds Limits of every policy; fixed for good.
    /// @param initialOwner In production a timelock.
    constructor(
        Wiring memory wiring,
        Bounds memory hardBounds,
        Policy memory initialPolicy,
        address initialOwner,
        address initialGuardian
    ) TreasuryMarket(wiring) Ownable(initialOwner) {
        PolicyBounds.checkBounds(hardBounds);
        _bounds = hardBounds;
        _setPolicy(initialPolicy);
        _setGuardian(initialGuardian);
    }

    /// @inheritdoc IRebalanceModule
    function execute(uint80 roundId) external nonReentrant returns (uint256 amountOut) {
        Plan memory plan = _plan(roundId);
        if (plan.guard != Guard.None) revert Blocked(plan.guard, plan.got, plan.want);
        lastExecutedRound = roundId;
        lastExecutedAt = uint64(block.timestamp);

        SafeSwap.swap(safe, router, fee, plan.tokenIn, plan.tokenOut, plan.amountIn, plan.minAmountOut);

        uint256 allocationAfter;
        uint256 loss;
        (amountOut, allocationAfter, loss) = _settle(plan);
        _turnover.spend(plan.tradeValue, _policy.turnoverBudget, _policy.budgetPeriod);
        _loss.spend(loss, _policy.lossBudget, _policy.budgetPeriod);
        emit Rebalanced(
            roundId,
            plan.signal,
            plan.tokenIn,
            plan.amountIn,
            amountOut,
            plan.priceE8,
            plan.allocationBps,
            allocationAfter,
            loss
        );
    }

    /// @inheritdoc IRebalanceModule
    function setPolicy(Policy calldata newPolicy) external onlyOwner {
        _setPolicy(newPolicy);
    }

    /// @inheritdoc IRebalanceModule
    function disableRound(uint80 roundId) external onlyGuardianOrOwner {
        isRoundDisabled[roundId] = true;
        emit RoundDisabled(roundId, msg.sender);
    }

    /// @inheritdoc IRebalanceModule
    function pause() external onlyGuardianOrOwner {
        paused = true;
        emit PausedSet(true, msg.sender);
    }

    /// @inheritdoc IRebalanceModule
    function unpause() external onlyOwner {
        paused = false;
        emit PausedSet(false, msg.sender);
    }

    /// @inheritdoc IRebalanceModule
    function shutDown() external onlyGuardianOrOwner {
        isShutDown = true;
        emit ShutDown(msg.sender);
    }

    /// @inheritdoc IRebalanceModule
    function setGuardian(address newGuardian) external onlyOwner {
        _setGuardian(newGuardian);
    }

    /// @inheritdoc IRebalanceModule
    function preview(uint80 roundId) external view returns (Plan memory) {
        return _plan(roundId);
    }

    /// @inheritdoc IRebalanceModule
    function policy() external view returns (Policy memory) {
        return _policy;
    }

    /// @inheritdoc IRebalanceModule
    function bounds() external view returns (Bounds memory) {
        return _bounds;
    }

    /// @inheritdoc IRebalanceModule
    function budgetsLeft() external view returns (uint256 turnover, uint256 loss) {
        turnover = _turnover.left(_policy.turnoverBudget, _policy.budgetPeriod);
        loss = _loss.left(_policy.lossBudget, _policy.budgetPeriod);
    }

    /// @notice Blocked: without an owner the policy could never follow the treasury.
    function renounceOwnership() public pure override {
        revert RenounceBlocked();
    }

    /// @dev The guards, in the order of `Guard`. Stops at the first that blocks.
    function _plan(uint80 roundId) private view returns (Plan memory plan) {
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
        plan.signal = round.signal;
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
        // Whoever changes the policy cannot aim it at a signal that is already known.
        if (round.acceptedAt < policySetAt) {
            return _block(plan, Guard.PolicyNewerThanRound, round.acceptedAt, policySetAt);
        }
        if (!oracle.isModelActive(round.modelId)) return _block(plan, Guard.ModelFrozen, 0, 0);
        if (round.signal == Signal.HOLD) return _block(plan, Guard.Hold, 0, 0);
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

    /// @dev The post-conditions: believes balances and nothing else. Having spent exactly `amountIn` and received
    /// at least `minAmountOut` at the feed's price bounds the value lost by the slippage of this trade.
    function _settle(Plan memory plan)
        private
        view
        returns (uint256 amountOut, uint256 allocationAfter, uint256 loss)
    {
        (uint256 baseAfter, uint256 quoteAfter) = balances();
        bool selling = plan.signal == Signal.SELL;
        uint256 spent = selling ? _fall(plan.baseBalance, baseAfter) : _fall(plan.quoteBalance, quoteAfter);
        amountOut = selling ? _fall(quoteAfter, plan.quoteBalance) : _fall(baseAfter, plan.baseBalance);
        if (spent != plan.amountIn) revert SpentWrongAmount(spent, plan.amountIn);
        if (amountOut < plan.minAmountOut) revert ReceivedTooLittle(amountOut, plan.minAmountOut);

        uint256 valueAfter;
        (valueAfter, allocationAfter) = valueAt(plan.priceE8, baseAfter, quoteAfter);
        // Toward the target; past it only within the dead band, when the pool was better than the feed.
        (uint256 low, uint256 high) = selling
            ? (_fall(plan.targetBps, _policy.deadBandBps), plan.allocationBps)
            : (plan.allocationBps, plan.targetBps + _policy.deadBandBps);
        if (allocationAfter < low || allocationAfter > high) {
            revert AllocationOffCourse(allocationAfter, low, high);
        }
        loss = _fall(plan.treasuryValue, valueAfter);
    }

    function _setPolicy(Policy memory newPolicy) private {
        PolicyBounds.check(newPolicy, _bounds);
        _policy = newPolicy;
        policySetAt = uint64(block.timestamp);
        emit PolicySet(newPolicy);
    }

    function _setGuardian(address newGuardian) private {
        if (newGuardian == address(0)) revert ZeroAddress();
        emit GuardianSet(guardian, newGuardian);
        guardian = newGuardian;
    }

    function _block(Plan memory plan, Guard guard, uint256 got, uint256 want) private pure returns (bool) {
        (plan.guard, plan.got, plan.want) = (guard, got, want);
        return true;
    }

    /// @dev How far a quantity fell; zero if it rose.
    function _fall(uint256 before, uint256 later) private pure returns (uint256) {
        return before > later ? before - later : 0;
    }
}
