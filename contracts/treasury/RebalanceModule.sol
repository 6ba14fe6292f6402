// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {IRebalanceModule} from "../interfaces/IRebalanceModule.sol";
import {Signal} from "../interfaces/ISignalOracle.sol";
import {PolicyBounds} from "./PolicyBounds.sol";
import {RebalanceUpkeep} from "./RebalanceUpkeep.sol";
import {RefillingBudget} from "./RefillingBudget.sol";
import {SafeSwap} from "./SafeSwap.sol";
import {TreasuryMarket} from "./TreasuryMarket.sol";
import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @title The module of IRebalanceModule
contract RebalanceModule is RebalanceUpkeep, Ownable2Step, ReentrancyGuardTransient {
    using RefillingBudget for RefillingBudget.Budget;

    /// @inheritdoc IRebalanceModule
    address public guardian;

    Bounds private _bounds;

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
    function execute(uint80 roundId) external returns (uint256 amountOut) {
        return _execute(roundId);
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

    function _execute(uint80 roundId) internal override nonReentrant returns (uint256 amountOut) {
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

    /// @dev How far a quantity fell; zero if it rose.
    function _fall(uint256 before, uint256 later) private pure returns (uint256) {
        return before > later ? before - later : 0;
    }
}
