// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalVerifierGateway} from "./ISignalVerifierGateway.sol";

/// @notice What a model of three classes advises for the next candle. The numbers are the network's class indices.
enum Signal {
    SELL,
    HOLD,
    BUY
}

/// @notice What a model of two classes expects of the hours to come.
enum Regime {
    LOW,
    HIGH
}

/// @notice What an oracle speaks of.
/// @param symbol ASCII, left aligned, zero padded.
/// @param timeframe Seconds per candle.
/// @param windowValues Values in a window.
/// @param classes Classes of its models: 3 or 2.
/// @param maxAge How old a window may be when submitted, in seconds.
struct Feed {
    bytes32 symbol;
    uint32 timeframe;
    uint16 windowValues;
    uint8 classes;
    uint32 maxAge;
}

/// @notice One accepted answer; exactly one storage slot.
/// @param closeTime Close of the window's last candle, UNIX seconds.
/// @param acceptedAt Time of the block that accepted the signal.
/// @param class The proven class: a `Signal` where the oracle's `classes` is 3, a `Regime` where it is 2.
/// @param modelId First four bytes of the verifying-key digest.
/// @param lastCloseE8 Last close price of the window, 8 decimals, as attested.
struct Round {
    uint64 closeTime;
    uint64 acceptedAt;
    uint8 class;
    bytes4 modelId;
    int64 lastCloseE8;
}

/// @notice One proven and attested window.
/// @param modelId The model that made the proof.
/// @param closeTime Close of the window's last candle: on the grid, newer than the latest round's, not in the
/// future, not older than `maxAge`.
/// @param lastCloseE8 Last close price of the window, 8 decimals, positive.
/// @param proof The proof.
/// @param publicInputs binding, packed input words, packed logits, class.
/// @param attestations Exactly `threshold` signatures r || s || v of 65 bytes over the EIP-712 `Window`,
/// sorted by signer, strictly ascending, low s, v 27 or 28.
struct Submission {
    bytes4 modelId;
    uint64 closeTime;
    int64 lastCloseE8;
    bytes proof;
    uint256[] publicInputs;
    bytes attestations;
}

/// @title Verified market signals of one symbol and timeframe
/// @notice A signal is accepted when (1) a valid proof shows that the model gives this class on the packed inputs,
/// and (2) a quorum of attestors signed that these inputs are the market's. Neither is enough alone.
/// Round ids count from 1; round 0 never exists. One oracle serves one symbol, timeframe and schema, and as many
/// models as governance routes: attestors sign one digest per close time, so two schemas in one oracle would make
/// honest attestors look like equivocators.
interface ISignalOracle {
    /// @notice One attestor's word about one window, as used in an equivocation report.
    struct Attestation {
        uint64 closeTime;
        int64 lastCloseE8;
        bytes32 inputsDigest;
        bytes signature;
    }

    /// @notice Everything an auditor needs, besides the calldata, to recompute the round.
    event SignalAccepted(
        uint80 indexed roundId,
        bytes4 indexed modelId,
        uint8 indexed class,
        uint64 closeTime,
        bytes32 inputsDigest,
        int64 lastCloseE8,
        address submitter
    );
    event AttestorsSet(address[] attestors, uint8 threshold);
    /// @notice An attestor signed two different windows for one close time and was removed for good.
    event AttestorEquivocated(address indexed attestor, uint64 closeTime, address indexed reporter);
    event MaxAgeSet(uint32 previous, uint32 current);

    // Order and freshness
    error CloseTimeOffGrid(uint64 got, uint32 timeframe);
    error CloseTimeNotAfterLatest(uint64 got, uint64 latest);
    error CloseTimeInFuture(uint64 got, uint256 nowIs);
    error CloseTimeTooOld(uint64 got, uint256 oldestAccepted);
    // Statement
    error WrongInputCount(uint256 got, uint256 want);
    error LastCloseNotPositive(int64 got);
    error BindingMismatch(uint256 got, uint256 want);
    /// @notice A packed word is not canonical: it has bits where the schema has none.
    error PackedWordOutOfRange(uint256 index, uint256 got, uint256 limit);
    error LogitsOutOfRange(uint256 got);
    error ClassOutOfRange(uint256 got);
    error ClassNotArgmax(uint256 got, uint256 want);
    error EmptyBatch();
    /// @notice A batch is for one model.
    error MixedModels(bytes4 got, bytes4 want);
    // Quorum
    error WrongAttestationsLength(uint256 got, uint256 want);
    error MalformedSignature(uint256 index);
    error SignersNotAscending(uint256 index, address got, address previous);
    error NotAttestor(address signer);
    error NotEquivocation();
    error DifferentSigners(address a, address b);
    // Reads
    error NoDataPresent();
    error UnknownRound(uint80 got, uint80 latest);
    error StaleSignal(uint256 age, uint64 maxAge);
    error ModelFrozen(bytes4 modelId);
    // Governance
    error ZeroAddress();
    error BadFeed(uint32 timeframe, uint16 windowValues, uint8 classes);
    error BadThreshold(uint256 got, uint256 attestors);
    error TooManyAttestors(uint256 got, uint256 limit);
    error AttestorsNotAscending(uint256 index, address got, address previous);
    error AttestorBanned(address attestor);
    error MaxAgeOutOfBounds(uint32 got, uint32 min, uint32 max);
    error RenounceBlocked();

    /// @notice Accepts a proven and attested signal as the next round. Anyone may relay.
    /// @return roundId The id of the accepted round.
    function submit(Submission calldata submission) external returns (uint80 roundId);

    /// @notice `submit` for several windows of one model, oldest first, whose proofs share one pairing check: all
    /// become rounds, or none does. For catching up; the windows may not be older than `maxAge` either.
    /// @return roundId The id of the last accepted round.
    function submitBatch(Submission[] calldata submissions) external returns (uint80 roundId);

    /// @notice Removes an attestor who signed two different windows for one close time, at once and for good.
    /// Anyone may call it.
    function reportEquivocation(Attestation calldata a, Attestation calldata b) external;

    /// @notice Dry run of `submit`: never reverts on a bad submission.
    /// @return ok True when `submit` would succeed now.
    /// @return reason ABI-encoded error otherwise.
    function isAcceptable(Submission calldata submission) external view returns (bool ok, bytes memory reason);

    /// @notice Dry run of `submit` that reverts with the error `submit` would revert with.
    function validate(Submission calldata submission)
        external
        view
        returns (uint8 class, bytes32 inputsDigest);

    /// @notice Latest round if its close is at most `maxAge` seconds ago and its model is not frozen; else reverts.
    function signalNoOlderThan(uint64 maxAge) external view returns (Round memory);

    /// @notice Like `signalNoOlderThan`, but answers false instead of reverting.
    function trySignal(uint64 maxAge) external view returns (bool ok, Round memory latest);

    /// @notice Latest round whatever its age or its model's state; reverts only when there is none.
    function latestSignalUnsafe() external view returns (Round memory);

    /// @notice A past round; reverts for an id that does not exist.
    function round(uint80 roundId) external view returns (Round memory);

    /// @notice Id of the latest round; 0 when there is none.
    function latestRoundId() external view returns (uint80);

    /// @notice True when the model's route exists and is not frozen.
    function isModelActive(bytes4 modelId) external view returns (bool);

    /// @notice Replaces the attestors (strictly ascending addresses) and the number of them needed. Owner only.
    function setAttestors(address[] calldata attestors, uint8 threshold) external;

    /// @notice Sets how old a window may be when submitted, in seconds. Owner only, bounded.
    function setMaxAge(uint32 maxAge) external;

    /// @notice The attestors in ascending order.
    function attestors() external view returns (address[] memory);
    function isAttestor(address account) external view returns (bool);
    /// @notice True for an attestor removed for equivocation; such an address can never attest again.
    function isBanned(address account) external view returns (bool);
    /// @notice Attestations needed for a round.
    function threshold() external view returns (uint8);
    function maxAge() external view returns (uint32);

    function gateway() external view returns (ISignalVerifierGateway);
    /// @notice ASCII symbol, left aligned, zero padded.
    function symbol() external view returns (bytes32);
    /// @notice Seconds per candle.
    function timeframe() external view returns (uint32);
    /// @notice Values in a window (496 for 60 minutes of 8 features and 16 of context), 31 to a packed word.
    function windowValues() external view returns (uint16);
    /// @notice Classes that the oracle's models tell apart: 3 (`Signal`) or 2 (`Regime`).
    function classes() external view returns (uint8);

    /// @notice The first public input for a window of this oracle on this chain.
    function bindingOf(uint64 closeTime, int64 lastCloseE8) external view returns (uint256);
    /// @notice EIP-712 digest an attestor signs.
    function attestationDigest(uint64 closeTime, int64 lastCloseE8, bytes32 inputsDigest)
        external
        view
        returns (bytes32);
}
