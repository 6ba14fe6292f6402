// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalVerifierGateway} from "./ISignalVerifierGateway.sol";

/// @notice What the model advises for the next candle. The numbers are the network's class indices.
enum Signal {
    SELL,
    HOLD,
    BUY
}

/// @notice One accepted signal; exactly one storage slot.
/// @param closeTime Close of the window's last candle, UNIX seconds.
/// @param acceptedAt Time of the block that accepted the signal.
/// @param signal The proven class.
/// @param modelId First four bytes of the verifying-key digest.
/// @param lastCloseE8 Last close price of the window, 8 decimals, as attested.
struct Round {
    uint64 closeTime;
    uint64 acceptedAt;
    Signal signal;
    bytes4 modelId;
    int64 lastCloseE8;
}

/// @title Verified market signals of one symbol and timeframe
/// @notice A signal is accepted when (1) a valid proof shows that the model gives this class on the packed inputs,
/// and (2) a quorum of attestors signed that these inputs are the market's. Neither is enough alone.
/// Round ids count from 1; round 0 never exists.
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
        Signal indexed signal,
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
    error BadFeed(uint32 timeframe, uint16 windowValues);
    error BadThreshold(uint256 got, uint256 attestors);
    error TooManyAttestors(uint256 got, uint256 limit);
    error AttestorsNotAscending(uint256 index, address got, address previous);
    error AttestorBanned(address attestor);
    error MaxAgeOutOfBounds(uint32 got, uint32 min, uint32 max);
    error RenounceBlocked();

    /// @notice Accepts a proven and attested signal as the next round. Anyone may relay.
    /// @param modelId The model that made the proof.
    /// @param closeTime Close of the window's last candle: on the grid, newer than the latest round's, not in the
    /// future, not older than `maxAge`.
    /// @param lastCloseE8 Last close price of the window, 8 decimals, positive.
    /// @param proof The proof.
    /// @param publicInputs binding, packed input words, packed logits, class.
    /// @param attestations Exactly `threshold` signatures r || s || v of 65 bytes over the EIP-712 `Window`,
    /// sorted by signer, strictly ascending, low s, v 27 or 28.
    /// @return roundId The id of the accepted round.
    function submit(
        bytes4 modelId,
        uint64 closeTime,
        int64 lastCloseE8,
        bytes calldata proof,
        uint256[] calldata publicInputs,
        bytes calldata attestations
    ) external returns (uint80 roundId);

    /// @notice Removes an attestor who signed two different windows for one close time, at once and for good.
    /// Anyone may call it.
    function reportEquivocation(Attestation calldata a, Attestation calldata b) external;

    /// @notice Dry run of `submit`: never reverts on a bad submission.
    /// @return ok True when `submit` would succeed now.
    /// @return reason ABI-encoded error otherwise.
    function isAcceptable(
        bytes4 modelId,
        uint64 closeTime,
        int64 lastCloseE8,
        bytes calldata proof,
        uint256[] calldata publicInputs,
        bytes calldata attestations
    ) external view returns (bool ok, bytes memory reason);

    /// @notice Dry run of `submit` that reverts with the error `submit` would revert with.
    function validate(
        bytes4 modelId,
        uint64 closeTime,
        int64 lastCloseE8,
        bytes calldata proof,
        uint256[] calldata publicInputs,
        bytes calldata attestations
    ) external view returns (Signal signal, bytes32 inputsDigest);

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
    /// @notice Values in a window (480 for 60 minutes of 8 features), 31 to a packed word.
    function windowValues() external view returns (uint16);

    /// @notice The first public input for a window of this oracle on this chain.
    function bindingOf(uint64 closeTime, int64 lastCloseE8) external view returns (uint256);
    /// @notice EIP-712 digest an attestor signs.
    function attestationDigest(uint64 closeTime, int64 lastCloseE8, bytes32 inputsDigest)
        external
        view
        returns (bytes32);
}
