// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalOracle, Round, Signal} from "../interfaces/ISignalOracle.sol";
import {ISignalVerifierGateway} from "../interfaces/ISignalVerifierGateway.sol";
import {AttestorSet} from "./AttestorSet.sol";
import {PublicInputs} from "./PublicInputs.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @title The oracle of ISignalOracle
/// @dev An oracle serves one window schema: attestors sign one digest per close time, so two schemas in one oracle
/// would make honest attestors look like equivocators.
contract SignalOracle is AttestorSet, IERC165 {
    uint32 private constant LONGEST_MAX_AGE = 7 days;

    /// @inheritdoc ISignalOracle
    ISignalVerifierGateway public immutable gateway;
    /// @inheritdoc ISignalOracle
    uint16 public immutable windowValues;
    uint256 private immutable _packedWords;
    uint256 private immutable _lastWordLimit;

    // One slot, together with the threshold that AttestorSet declares last.
    /// @inheritdoc ISignalOracle
    uint80 public latestRoundId;
    uint64 private _latestCloseTime;
    /// @inheritdoc ISignalOracle
    uint32 public maxAge;

    mapping(uint80 roundId => Round) private _rounds;

    /// @notice What the oracle speaks of.
    /// @param symbol ASCII, left aligned, zero padded.
    /// @param timeframe Seconds per candle.
    /// @param windowValues Values in a window.
    /// @param maxAge How old a window may be when submitted, in seconds.
    struct Feed {
        bytes32 symbol;
        uint32 timeframe;
        uint16 windowValues;
        uint32 maxAge;
    }

    constructor(
        ISignalVerifierGateway gateway_,
        Feed memory feed,
        address owner_,
        address[] memory attestors_,
        uint8 threshold_
    ) AttestorSet(owner_, feed.symbol, feed.timeframe, attestors_, threshold_) {
        if (address(gateway_) == address(0)) revert ZeroAddress();
        if (feed.timeframe == 0 || feed.timeframe > 1 days || feed.windowValues == 0) {
            revert BadFeed(feed.timeframe, feed.windowValues);
        }
        gateway = gateway_;
        windowValues = feed.windowValues;
        _packedWords = PublicInputs.packedWords(feed.windowValues);
        _lastWordLimit = PublicInputs.lastWordLimit(feed.windowValues);
        _setMaxAge(feed.maxAge);
    }

    /// @inheritdoc ISignalOracle
    function submit(
        bytes4 modelId,
        uint64 closeTime,
        int64 lastCloseE8,
        bytes calldata proof,
        uint256[] calldata publicInputs,
        bytes calldata attestations
    ) external returns (uint80 roundId) {
        (Signal signal, bytes32 inputsDigest) = validate(
            modelId, closeTime, lastCloseE8, proof, publicInputs, attestations
        );
        roundId = latestRoundId + 1;
        latestRoundId = roundId;
        _latestCloseTime = closeTime;
        _rounds[roundId] = Round({
            closeTime: closeTime,
            acceptedAt: uint64(block.timestamp),
            signal: signal,
            modelId: modelId,
            lastCloseE8: lastCloseE8
        });
        emit SignalAccepted(roundId, modelId, signal, closeTime, inputsDigest, lastCloseE8, msg.sender);
    }

    /// @inheritdoc ISignalOracle
    function setMaxAge(uint32 maxAge_) external onlyOwner {
        _setMaxAge(maxAge_);
    }

    /// @inheritdoc ISignalOracle
    function isAcceptable(
        bytes4 modelId,
        uint64 closeTime,
        int64 lastCloseE8,
        bytes calldata proof,
        uint256[] calldata publicInputs,
        bytes calldata attestations
    ) external view returns (bool ok, bytes memory reason) {
        try this.validate(modelId, closeTime, lastCloseE8, proof, publicInputs, attestations) {
            return (true, "");
        } catch (bytes memory error_) {
            return (false, error_);
        }
    }

    /// @inheritdoc ISignalOracle
    function signalNoOlderThan(uint64 maxAge_) external view returns (Round memory latest) {
        latest = latestSignalUnsafe();
        uint256 age = block.timestamp - latest.closeTime;
        if (age > maxAge_) revert StaleSignal(age, maxAge_);
        if (!isModelActive(latest.modelId)) revert ModelFrozen(latest.modelId);
    }

    /// @inheritdoc ISignalOracle
    function trySignal(uint64 maxAge_) external view returns (bool ok, Round memory latest) {
        if (latestRoundId == 0) return (false, latest);
        latest = _rounds[latestRoundId];
        ok = block.timestamp - latest.closeTime <= maxAge_ && isModelActive(latest.modelId);
    }

    /// @inheritdoc ISignalOracle
    function round(uint80 roundId) external view returns (Round memory) {
        if (latestRoundId == 0) revert NoDataPresent();
        if (roundId == 0 || roundId > latestRoundId) revert UnknownRound(roundId, latestRoundId);
        return _rounds[roundId];
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(ISignalOracle).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    /// @inheritdoc ISignalOracle
    function validate(
        bytes4 modelId,
        uint64 closeTime,
        int64 lastCloseE8,
        bytes calldata proof,
        uint256[] calldata publicInputs,
        bytes calldata attestations
    ) public view returns (Signal signal, bytes32 inputsDigest) {
        _requireTimely(closeTime);
        if (lastCloseE8 <= 0) revert LastCloseNotPositive(lastCloseE8);

        uint256 words = _packedWords;
        if (publicInputs.length != words + PublicInputs.FRAME) {
            revert WrongInputCount(publicInputs.length, words + PublicInputs.FRAME);
        }
        uint256 binding = bindingOf(closeTime, lastCloseE8);
        if (publicInputs[0] != binding) revert BindingMismatch(publicInputs[0], binding);
        signal = PublicInputs.decode(publicInputs, words, _lastWordLimit);

        inputsDigest = PublicInputs.digest(publicInputs);
        _requireQuorum(attestationDigest(closeTime, lastCloseE8, inputsDigest), attestations);
        gateway.verify(modelId, publicInputs, proof);
    }

    /// @inheritdoc ISignalOracle
    function latestSignalUnsafe() public view returns (Round memory) {
        if (latestRoundId == 0) revert NoDataPresent();
        return _rounds[latestRoundId];
    }

    /// @inheritdoc ISignalOracle
    function isModelActive(bytes4 modelId) public view returns (bool) {
        return gateway.isActive(modelId);
    }

    /// @inheritdoc ISignalOracle
    function bindingOf(uint64 closeTime, int64 lastCloseE8) public view returns (uint256) {
        return uint256(
            keccak256(abi.encode(block.chainid, address(this), symbol, timeframe, closeTime, lastCloseE8))
        ) >> 8;
    }

    function _requireTimely(uint64 closeTime) private view {
        if (closeTime == 0 || closeTime % timeframe != 0) revert CloseTimeOffGrid(closeTime, timeframe);
        if (closeTime <= _latestCloseTime) revert CloseTimeNotAfterLatest(closeTime, _latestCloseTime);
        if (closeTime > block.timestamp) revert CloseTimeInFuture(closeTime, block.timestamp);
        if (block.timestamp - closeTime > maxAge) {
            revert CloseTimeTooOld(closeTime, block.timestamp - maxAge);
        }
    }

    function _setMaxAge(uint32 maxAge_) private {
        // Below one candle a window could expire before anyone can prove it.
        if (maxAge_ < timeframe || maxAge_ > LONGEST_MAX_AGE) {
            revert MaxAgeOutOfBounds(maxAge_, timeframe, LONGEST_MAX_AGE);
        }
        emit MaxAgeSet(maxAge, maxAge_);
        maxAge = maxAge_;
    }
}
