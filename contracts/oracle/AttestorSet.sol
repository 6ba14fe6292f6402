// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalOracle} from "../interfaces/ISignalOracle.sol";
import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @title The quorum that vouches for a window's inputs
/// @notice Holds the attestors, checks their EIP-712 signatures and removes who signs two windows for one close.
abstract contract AttestorSet is ISignalOracle, EIP712, Ownable2Step {
    /// @dev Bounds the gas of a submission and of a replacement of the set.
    uint256 internal constant MAX_ATTESTORS = 32;
    uint256 private constant SIGNATURE_LENGTH = 65;
    bytes32 private constant WINDOW_TYPEHASH = keccak256(
        "Window(bytes32 symbol,uint32 timeframe,uint64 closeTime,int64 lastCloseE8,bytes32 inputsDigest)"
    );

    /// @inheritdoc ISignalOracle
    bytes32 public immutable symbol;
    /// @inheritdoc ISignalOracle
    uint32 public immutable timeframe;

    /// @inheritdoc ISignalOracle
    mapping(address account => bool) public isAttestor;
    /// @inheritdoc ISignalOracle
    mapping(address account => bool) public isBanned;
    address[] private _attestors;
    /// @inheritdoc ISignalOracle
    uint8 public threshold;

    constructor(
        address owner,
        bytes32 symbol_,
        uint32 timeframe_,
        address[] memory attestors_,
        uint8 threshold_
    ) EIP712("VeriRegime", "1") Ownable(owner) {
        symbol = symbol_;
        timeframe = timeframe_;
        _setAttestors(attestors_, threshold_);
    }

    /// @inheritdoc ISignalOracle
    function setAttestors(address[] calldata attestors_, uint8 threshold_) external onlyOwner {
        _setAttestors(attestors_, threshold_);
    }

    /// @inheritdoc ISignalOracle
    function reportEquivocation(Attestation calldata a, Attestation calldata b) external {
        bool sameClose = a.closeTime == b.closeTime;
        bool sameWindow = a.inputsDigest == b.inputsDigest && a.lastCloseE8 == b.lastCloseE8;
        if (!sameClose || sameWindow) revert NotEquivocation();
        address signer = _signerOf(a, 0);
        address other = _signerOf(b, 1);
        if (signer != other) revert DifferentSigners(signer, other);
        if (!isAttestor[signer]) revert NotAttestor(signer);

        isAttestor[signer] = false;
        isBanned[signer] = true;
        // Everyone behind moves up by one: the list stays ascending.
        uint256 moved = 0;
        for (uint256 i = 0; i < _attestors.length; ++i) {
            if (_attestors[i] == signer) moved = 1;
            else _attestors[i - moved] = _attestors[i];
        }
        _attestors.pop();
        emit AttestorEquivocated(signer, a.closeTime, msg.sender);
    }

    /// @inheritdoc ISignalOracle
    function attestors() external view returns (address[] memory) {
        return _attestors;
    }

    /// @inheritdoc ISignalOracle
    function attestationDigest(uint64 closeTime, int64 lastCloseE8, bytes32 inputsDigest)
        public
        view
        returns (bytes32)
    {
        return _hashTypedDataV4(
            keccak256(abi.encode(WINDOW_TYPEHASH, symbol, timeframe, closeTime, lastCloseE8, inputsDigest))
        );
    }

    /// @notice Blocked: without an owner a lost quorum could never be replaced.
    function renounceOwnership() public pure override {
        revert RenounceBlocked();
    }

    /// @dev Reverts unless `attestations` is exactly `threshold` good signatures of distinct attestors.
    function _requireQuorum(bytes32 digest, bytes calldata attestations) internal view {
        uint256 count = threshold;
        uint256 want = count * SIGNATURE_LENGTH;
        if (attestations.length != want) revert WrongAttestationsLength(attestations.length, want);
        address previous = address(0);
        for (uint256 i = 0; i < count; ++i) {
            address signer = _recover(digest, attestations[:SIGNATURE_LENGTH], i);
            attestations = attestations[SIGNATURE_LENGTH:];
            if (signer <= previous) revert SignersNotAscending(i, signer, previous);
            if (!isAttestor[signer]) revert NotAttestor(signer);
            previous = signer;
        }
    }

    function _signerOf(Attestation calldata a, uint256 index) private view returns (address) {
        return _recover(attestationDigest(a.closeTime, a.lastCloseE8, a.inputsDigest), a.signature, index);
    }

    /// @dev 65 bytes, low s, v 27 or 28, never the zero address.
    function _recover(bytes32 digest, bytes calldata signature, uint256 index)
        private
        pure
        returns (address)
    {
        (address signer, ECDSA.RecoverError problem,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (problem != ECDSA.RecoverError.NoError) revert MalformedSignature(index);
        return signer;
    }

    function _setAttestors(address[] memory next, uint8 threshold_) private {
        if (next.length > MAX_ATTESTORS) revert TooManyAttestors(next.length, MAX_ATTESTORS);
        if (threshold_ == 0 || threshold_ > next.length) revert BadThreshold(threshold_, next.length);
        for (uint256 i = 0; i < _attestors.length; ++i) {
            isAttestor[_attestors[i]] = false;
        }
        address previous = address(0);
        for (uint256 i = 0; i < next.length; ++i) {
            address attestor = next[i];
            if (attestor <= previous) revert AttestorsNotAscending(i, attestor, previous);
            if (isBanned[attestor]) revert AttestorBanned(attestor);
            isAttestor[attestor] = true;
            previous = attestor;
        }
        _attestors = next;
        threshold = threshold_;
        emit AttestorsSet(next, threshold_);
    }
}
