// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {Signal} from "./ISignalOracle.sol";

/// @title A Safe module that rebalances a two-token treasury on verified signals
/// @notice The module holds nothing: it makes the Safe approve, swap and take back the approval, within limits that
/// hold whatever the signal, the caller and the pool do. Values are in units of the quote token; shares are in
/// basis points (bps) of the treasury's value at the feed's price. "Allocation" is the base token's share.
interface IRebalanceModule {
    /// @notice Why a round may not be executed now. The numbers are part of the interface.
    enum Guard {
        None, //  0 nothing blocks
        ShutDown, //  1
        Paused, //  2
        ModuleNotEnabled, //  3 the Safe does not list this module
        NoSuchRound, //  4 got: asked round, want: latest round
        RoundNotLatest, //  5 got: asked round, want: latest round
        RoundExecuted, //  6 got: asked round, want: more than the last executed round
        RoundDisabled, //  7 vetoed by the guardian
        RoundExpired, //  8 got: age, want: at most
        VetoDelay, //  9 got: now, want: not before
        PolicyNewerThanRound, // 10 got: acceptance of the round, want: at least; a second after the policy was set
        ModelFrozen, // 11
        Hold, // 12 a HOLD never trades
        Cooldown, // 13 got: now, want: not before
        FeedUnavailable, // 14 the feed reverts or answers nonsense
        FeedNotPositive, // 15
        FeedStale, // 16 got: age, want: at most
        TwapUnavailable, // 17 the pool's history is too short
        TwapDeviates, // 18 got: bps between feed and time-weighted pool price, want: at most
        CloseDeviates, // 19 got: bps between feed and the round's last close, want: at most
        EmptyTreasury, // 20
        WithinDeadBand, // 21 got: allocation, want: target; also when the target lies the other way
        BelowMinTrade, // 22 got: value, want: at least
        TurnoverBudget, // 23 got: what is left, want: at least
        LossBudget // 24 got: the trade value that the remaining budget covers, want: at least
    }

    /// @notice What governance sets, within the bounds fixed at construction.
    struct Policy {
        uint16 sellTargetBps; // allocation a SELL moves toward
        uint16 buyTargetBps; // allocation a BUY moves toward
        uint16 maxStepBps; // of the treasury's value, per execution
        uint16 deadBandBps; // no trade this close to the target
        uint16 maxSlippageBps; // between the feed's price and what the swap gives, pool fee included
        uint16 maxDeviationBps; // between feed, time-weighted pool price and last close
        uint32 cooldown; // seconds between executions
        uint32 roundTtl; // seconds after the close during which a round may be executed
        uint32 vetoDelay; // seconds after acceptance during which it may not yet be executed; only the latest round
        // can be executed, so a delay of a whole candle or more stops everything
        uint32 feedMaxAge; // heartbeat of the price feed
        uint32 twapWindow; // seconds averaged over
        uint32 budgetPeriod; // seconds in which an empty budget refills
        uint128 minTrade;
        uint128 maxTrade;
        uint128 turnoverBudget; // value traded per period
        uint128 lossBudget; // value lost per period
    }

    /// @notice Hard limits of every policy; no setter exists.
    struct Bounds {
        uint16 minTargetBps;
        uint16 maxTargetBps;
        uint16 maxStepBps;
        uint16 maxSlippageBps;
        uint16 maxDeviationBps;
        uint32 minCooldown;
        uint32 maxRoundTtl;
        uint32 maxFeedAge;
        uint32 minTwapWindow;
        uint32 minBudgetPeriod;
        uint128 maxTrade;
        uint128 maxTurnoverBudget;
        uint128 maxLossBudget;
    }

    /// @notice What an execution would do, or which guard blocks it and why.
    /// @param guard None when the round can be executed now; the fields below `want` are filled as far as the
    /// guards were passed.
    struct Plan {
        Guard guard;
        uint256 got;
        uint256 want;
        Signal signal;
        uint256 priceE8; // feed price, quote per base
        uint256 baseBalance;
        uint256 quoteBalance;
        uint256 treasuryValue;
        uint256 allocationBps;
        uint256 targetBps;
        address tokenIn;
        address tokenOut;
        uint256 tradeValue;
        uint256 amountIn;
        uint256 minAmountOut;
    }

    event Rebalanced(
        uint80 indexed roundId,
        Signal indexed signal,
        address tokenIn,
        uint256 amountIn,
        uint256 amountOut,
        uint256 priceE8,
        uint256 allocationBeforeBps,
        uint256 allocationAfterBps,
        uint256 lossValue
    );
    event PolicySet(Policy policy);
    event GuardianSet(address indexed previous, address indexed current);
    event RoundDisabled(uint80 indexed roundId, address indexed by);
    event PausedSet(bool paused, address indexed by);
    event ShutDown(address indexed by);

    /// @notice A guard blocks the round; see `Guard` for what `got` and `want` mean.
    error Blocked(Guard guard, uint256 got, uint256 want);
    error PolicyOutOfBounds(bytes32 field, uint256 got, uint256 min, uint256 max);
    error NotGuardian(address got, address want);
    error ZeroAddress();
    error NoCode(address account);
    /// @notice The oracle's models do not tell SELL, HOLD and BUY apart.
    error NotSignals(address oracle, uint8 classes);
    error PairMismatch(address pool, address got, address want);
    error DecimalsTooLarge(address token, uint8 got, uint8 max);
    error RenounceBlocked();
    /// @notice A keeper's data is not one word.
    error PerformDataLength(uint256 got, uint256 want);
    /// @notice A keeper's word is not a round id.
    error PerformDataOutOfRange(uint256 got, uint256 max);
    // Post-conditions of a swap
    error SafeCallFailed(address to, bytes returnData);
    error SpentWrongAmount(uint256 got, uint256 want);
    error ReceivedTooLittle(uint256 got, uint256 want);
    error AllowanceLeft(uint256 got);
    /// @notice The allocation moved away from the target, or past it.
    error AllocationOffCourse(uint256 got, uint256 min, uint256 max);

    /// @notice Executes the latest round's rebalance. Anyone may call; the caller chooses nothing but the moment.
    /// @return amountOut What the Safe received.
    function execute(uint80 roundId) external returns (uint256 amountOut);

    /// @notice What `execute` would do now, or why it would not.
    function preview(uint80 roundId) external view returns (Plan memory);

    /// @notice Sets the policy within the bounds. Owner only. Rounds accepted before it or in its own block can no
    /// longer be executed.
    function setPolicy(Policy calldata newPolicy) external;

    /// @notice Vetoes one round, past or to come. Guardian or owner.
    function disableRound(uint80 roundId) external;

    /// @notice Stops executions. Guardian or owner.
    function pause() external;

    /// @notice Allows executions again. Owner only.
    function unpause() external;

    /// @notice Stops executions for good. Guardian or owner.
    function shutDown() external;

    /// @notice Names the account that may stop things. Owner only.
    function setGuardian(address newGuardian) external;

    function policy() external view returns (Policy memory);
    function bounds() external view returns (Bounds memory);
    function guardian() external view returns (address);
    function paused() external view returns (bool);
    function isShutDown() external view returns (bool);
    function isRoundDisabled(uint80 roundId) external view returns (bool);
    function lastExecutedRound() external view returns (uint80);
    function lastExecutedAt() external view returns (uint64);
    /// @notice When the policy last changed; it applies to rounds accepted later than that.
    function policySetAt() external view returns (uint64);
    /// @notice What may still be traded and lost before the budgets refill.
    function budgetsLeft() external view returns (uint256 turnover, uint256 loss);
}
