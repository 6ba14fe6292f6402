// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {Feed, ISignalOracle, Round, Submission} from "../interfaces/ISignalOracle.sol";
import {ISignalVerifierGateway} from "../interfaces/ISignalVerifierGateway.sol";
import {AttestorSet} from "./AttestorSet.sol";
import {PublicInputs} from "./PublicInputs.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @title The oracle of ISignalOracle
contract SignalOracle is AttestorSet, IERC165 {
    uint32 private constant LONGEST_MAX_AGE = 7 days;

    /// @inheritdoc ISignalOracle
    ISignalVerifierGateway public immutable gateway;
    /// @inheritdoc ISignalOracle
    uint16 public immutable windowValues;
    /// @inheritdoc ISignalOracle
    uint8 public immutable classes;

    // One slot, together with the threshold that AttestorSet declares last.
    /// @inheritdoc ISignalOracle
    uint80 public latestRoundId;
    uint64 private _latestCloseTime;
    /// @inheritdoc ISignalOracle
    uint32 public maxAge;

    mapping(uint80 roundId => Round) private _rounds;

    constructor(
        ISignalVerifierGateway gateway_,
        Feed memory feed,
        address owner_,
        address[] memory attestors_,
        uint8 threshold_
    ) AttestorSet(owner_, feed.symbol, feed.timeframe, attestors_, threshold_) {
        if (address(gateway_) == address(0)) revert ZeroAddress();
        bool known = feed.classes == 2 || feed.classes == 3;
        if (feed.timeframe == 0 || feed.timeframe > 1 days || feed.windowValues == 0 || !known) {
            revert BadFeed(feed.timeframe, feed.windowValues, feed.classes);
        }
        gateway = gateway_;
        windowValues = feed.windowValues;
        classes = feed.classes;
        _setMaxAge(feed.maxAge);
    }

    /// @inheritdoc ISignalOracle
    function submit(Submission calldata submission) external returns (uint80 roundId) {
        (uint8 class, bytes32 inputsDigest) = validate(submission);
        return _accept(submission, class, inputsDigest);
    }

    /// @inheritdoc ISignalOracle
    function submitBatch(Submission[] calldata submissions) external returns (uint80 roundId) {
        if (submissions.length == 0) revert EmptyBatch();
        bytes4 modelId = submissions[0].modelId;
        uint64 latest = _latestCloseTime;
        ISignalVerifierGateway.ProvenStatement[] memory statements =
            new ISignalVerifierGateway.ProvenStatement[](submissions.length);
        for (uint256 i = 0; i < submissions.length; ++i) {
            Submission calldata submission = submissions[i];
            if (submission.modelId != modelId) revert MixedModels(submission.modelId, modelId);
            _requireTimely(submission.closeTime, latest);
            latest = submission.closeTime;
            statements[i].publicInputs = submission.publicInputs;
            statements[i].proof = submission.proof;
        }
        // Nothing is written before every proof has been checked.
        gateway.verifyBatch(modelId, _schema(), statements);
        for (uint256 i = 0; i < submissions.length; ++i) {
            (uint8 class, bytes32 inputsDigest) = _check(submissions[i]);
            roundId = _accept(submissions[i], class, inputsDigest);
        }
    }

    /// @inheritdoc ISignalOracle
    function setMaxAge(uint32 maxAge_) external onlyOwner {
        _setMaxAge(maxAge_);
    }

    /// @inheritdoc ISignalOracle
    function isAcceptable(Submission calldata) external view returns (bool ok, bytes memory reason) {
        // The same arguments to `validate`: what cannot be decoded is a reason, too.
        (ok, reason) = address(this).staticcall(bytes.concat(this.validate.selector, msg.data[4:]));
        if (ok) reason = "";
    }

    /// @inheritdoc ISignalOracle
    function signalNoOlderThan(uint64 maxAge_) external view returns (Round memory latest) {
        bool ok;
        (ok, latest) = trySignal(maxAge_);
        if (ok) return latest;
        if (latest.closeTime == 0) revert NoDataPresent();
        uint256 age = block.timestamp - latest.closeTime;
        if (age > maxAge_) revert StaleSignal(age, maxAge_);
        revert ModelFrozen(latest.modelId);
    }

    /// @inheritdoc ISignalOracle
    function trySignal(uint64 maxAge_) public view returns (bool ok, Round memory latest) {
        // Round 0 is never written: all zero, and its model unknown.
        latest = _rounds[latestRoundId];
        ok = block.timestamp - latest.closeTime <= maxAge_ && isModelActive(latest.modelId);
    }

    /// @inheritdoc ISignalOracle
    function round(uint80 roundId) public view returns (Round memory) {
        if (latestRoundId == 0) revert NoDataPresent();
        if (roundId == 0 || roundId > latestRoundId) revert UnknownRound(roundId, latestRoundId);
        return _rounds[roundId];
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(ISignalOracle).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    /// @inheritdoc ISignalOracle
    function validate(Submission calldata submission)
        public
        view
        returns (uint8 class, bytes32 inputsDigest)
    {
        _requireTimely(submission.closeTime, _latestCloseTime);
        (class, inputsDigest) = _check(submission);
        gateway.verify(submission.modelId, _schema(), submission.publicInputs, submission.proof);
    }

    /// @inheritdoc ISignalOracle
    function latestSignalUnsafe() external view returns (Round memory) {
        return round(latestRoundId);
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

    /// @dev Everything but the moment and the proof.
    function _check(Submission calldata submission) private view returns (uint8 class, bytes32 inputsDigest) {
        uint64 closeTime = submission.closeTime;
        int64 lastCloseE8 = submission.lastCloseE8;
        uint256[] calldata publicInputs = submission.publicInputs;
        if (lastCloseE8 <= 0) revert LastCloseNotPositive(lastCloseE8);

        uint256 want = PublicInputs.count(windowValues);
        if (publicInputs.length != want) revert WrongInputCount(publicInputs.length, want);
        uint256 binding = bindingOf(closeTime, lastCloseE8);
        if (publicInputs[0] != binding) revert BindingMismatch(publicInputs[0], binding);
        class = PublicInputs.decode(publicInputs, windowValues, classes);

        inputsDigest = PublicInputs.digest(publicInputs);
        _requireQuorum(attestationDigest(closeTime, lastCloseE8, inputsDigest), submission.attestations);
    }

    function _accept(Submission calldata submission, uint8 class, bytes32 inputsDigest)
        private
        returns (uint80 roundId)
    {
        roundId = latestRoundId + 1;
        latestRoundId = roundId;
        _latestCloseTime = submission.closeTime;
        _rounds[roundId] = Round({
            closeTime: submission.closeTime,
            acceptedAt: uint64(block.timestamp),
            class: class,
            modelId: submission.modelId,
            lastCloseE8: submission.lastCloseE8
        });
        emit SignalAccepted(
            roundId,
            submission.modelId,
            class,
            submission.closeTime,
            inputsDigest,
            submission.lastCloseE8,
            msg.sender
        );
    }

    function _schema() private view returns (ISignalVerifierGateway.Schema memory) {
        return
            ISignalVerifierGateway.Schema({
                windowValues: windowValues, classes: classes, timeframe: timeframe
            });
    }

    function _requireTimely(uint64 closeTime, uint64 latest) private view {
        if (closeTime == 0 || closeTime % timeframe != 0) revert CloseTimeOffGrid(closeTime, timeframe);
        if (closeTime <= latest) revert CloseTimeNotAfterLatest(closeTime, latest);
        if (closeTime > block.timestamp) revert CloseTimeInFuture(closeTime, block.timestamp);
        uint256 oldest = block.timestamp - maxAge;
        if (closeTime < oldest) revert CloseTimeTooOld(closeTime, oldest);
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
