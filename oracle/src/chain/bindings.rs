//! The parts of the contracts' interfaces that the node calls; the Solidity sources in `contracts/interfaces` are the
//! definition, and `tests/interfaces.rs` compares both.
#![allow(missing_docs, reason = "documented in contracts/interfaces")]
#![allow(
    clippy::too_many_arguments,
    reason = "the shape of IRebalanceModule.Rebalanced"
)]

use alloy::sol;

sol! {
    #[sol(rpc, all_derives)]
    interface ISignalOracle {
        struct Round {
            uint64 closeTime;
            uint64 acceptedAt;
            uint8 class;
            bytes4 modelId;
            int64 lastCloseE8;
        }

        struct Submission {
            bytes4 modelId;
            uint64 closeTime;
            int64 lastCloseE8;
            bytes proof;
            uint256[] publicInputs;
            bytes attestations;
        }

        event SignalAccepted(
            uint80 indexed roundId,
            bytes4 indexed modelId,
            uint8 indexed class,
            uint64 closeTime,
            bytes32 inputsDigest,
            int64 lastCloseE8,
            address submitter
        );

        error CloseTimeOffGrid(uint64 got, uint32 timeframe);
        error CloseTimeNotAfterLatest(uint64 got, uint64 latest);
        error CloseTimeInFuture(uint64 got, uint256 nowIs);
        error CloseTimeTooOld(uint64 got, uint256 oldestAccepted);
        error WrongInputCount(uint256 got, uint256 want);
        error LastCloseNotPositive(int64 got);
        error BindingMismatch(uint256 got, uint256 want);
        error PackedWordOutOfRange(uint256 index, uint256 got, uint256 limit);
        error LogitsOutOfRange(uint256 got);
        error ClassOutOfRange(uint256 got);
        error ClassNotArgmax(uint256 got, uint256 want);
        error WrongAttestationsLength(uint256 got, uint256 want);
        error MalformedSignature(uint256 index);
        error SignersNotAscending(uint256 index, address got, address previous);
        error NotAttestor(address signer);
        error NoDataPresent();
        error UnknownRound(uint80 got, uint80 latest);
        error StaleSignal(uint256 age, uint64 maxAge);
        error ModelFrozen(bytes4 modelId);

        function submit(Submission calldata submission) external returns (uint80 roundId);
        function submitBatch(Submission[] calldata submissions) external returns (uint80 roundId);
        function round(uint80 roundId) external view returns (Round memory);
        function latestRoundId() external view returns (uint80);
        function attestors() external view returns (address[] memory);
        function threshold() external view returns (uint8);
        function symbol() external view returns (bytes32);
        function timeframe() external view returns (uint32);
        function windowValues() external view returns (uint16);
        function classes() external view returns (uint8);
        function maxAge() external view returns (uint32);
        function gateway() external view returns (address);
    }

    #[sol(rpc, all_derives)]
    interface ISignalVerifierGateway {
        struct Route {
            address verifier;
            uint32 proofLength;
            bool frozen;
            uint16 windowValues;
            uint8 classes;
            uint32 timeframe;
            bytes32 codehash;
        }

        error RouteUnknown(bytes4 modelId);
        error RouteIsFrozen(bytes4 modelId);
        error WrongCodehash(address verifier, bytes32 got, bytes32 want);
        error WrongProofLength(uint256 got, uint256 want);
        error WrongInputCount(uint256 got, uint256 want);
        error ProofRejected(bytes4 modelId);

        function route(bytes4 modelId) external view returns (Route memory);
    }

    #[sol(rpc, all_derives)]
    interface ISignalVerifier {
        function verify(uint256[] calldata publicInputs, bytes calldata proof) external view returns (bool accepted);
    }

    #[sol(rpc, all_derives)]
    interface IRebalanceModule {
        enum Guard {
            None, ShutDown, Paused, ModuleNotEnabled, NoSuchRound, RoundNotLatest, RoundExecuted, RoundDisabled,
            RoundExpired, VetoDelay, PolicyNewerThanRound, ModelFrozen, Hold, Cooldown, FeedUnavailable,
            FeedNotPositive, FeedStale, TwapUnavailable, TwapDeviates, CloseDeviates, EmptyTreasury, WithinDeadBand,
            BelowMinTrade, TurnoverBudget, LossBudget
        }

        struct Plan {
            Guard guard;
            uint256 got;
            uint256 want;
            uint8 signal;
            uint256 priceE8;
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
            uint8 indexed signal,
            address tokenIn,
            uint256 amountIn,
            uint256 amountOut,
            uint256 priceE8,
            uint256 allocationBeforeBps,
            uint256 allocationAfterBps,
            uint256 lossValue
        );

        error Blocked(Guard guard, uint256 got, uint256 want);
        error SafeCallFailed(address to, bytes returnData);
        error SpentWrongAmount(uint256 got, uint256 want);
        error ReceivedTooLittle(uint256 got, uint256 want);
        error AllowanceLeft(uint256 got);
        error AllocationOffCourse(uint256 got, uint256 min, uint256 max);

        function execute(uint80 roundId) external returns (uint256 amountOut);
        function preview(uint80 roundId) external view returns (Plan memory);
        function balances() external view returns (uint256 baseBalance, uint256 quoteBalance);
        function valueAt(uint256 priceE8, uint256 baseBalance, uint256 quoteBalance)
            external view returns (uint256 value, uint256 allocationBps);
    }

    #[sol(rpc, all_derives)]
    interface IDemoMarketMaker {
        error NotOperator(address got, address want);
        error PriceIsZero();

        function moveTo(uint256 priceE8) external;
    }
}
