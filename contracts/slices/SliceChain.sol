// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalVerifier} from "../interfaces/ISignalVerifier.sol";

/// @title Verifier of a network that is proven in slices
/// @notice Every slice has a verifier of its own. The tensor between two slices is committed in both of their proofs;
/// equal commitments are equal tensors, so slices of different inferences are refused although each of them holds.
/// All slices carry the same first word, the binding. A public input that several slices share is in all of their
/// statements.
contract SliceChain {
    /// @notice Two places in proofs that must hold the same points.
    struct Link {
        uint32 from;
        uint32 to;
        uint64 fromOffset;
        uint64 toOffset;
        uint64 length;
    }

    /// @notice Two slices with the same public input: their statements begin with the same words.
    struct Shared {
        uint32 first;
        uint32 other;
        uint64 words;
    }

    /// A chain needs slices, and links between them.
    error NoSlices();
    /// A verifier without code accepts anything.
    error NotAContract(address verifier);
    /// A link names a slice that is not there, joins one to itself, or compares nothing.
    error BadLink(uint256 link);
    /// A pair names a slice that is not there, one slice twice, or no words but the binding.
    error BadShared(uint256 pair);
    /// As many inputs and proofs as slices are needed.
    error WrongCount(uint256 got, uint256 want);
    /// Slices are named by rising index.
    error NotRising(uint256 slice);
    /// A slice carries another binding word than the first one.
    error OtherBinding(uint256 slice);
    /// A proof is shorter than a link reaches.
    error ShortProof(uint256 slice);
    /// The tensor between two slices differs.
    error NotTogether(uint256 from, uint256 to);
    /// Slices of one public input carry different ones.
    error NotOneInput(uint256 first, uint256 other);

    ISignalVerifier[] private _verifiers;
    Link[] private _links;
    Shared[] private _shared;

    /// @param slices Verifiers from the network's input to its output.
    /// @param links What must be equal in proofs (`Chain::links` in circuits/src/slices).
    /// @param shared What must be equal in statements (`Chain::shared`).
    constructor(ISignalVerifier[] memory slices, Link[] memory links, Shared[] memory shared) {
        if (slices.length == 0) revert NoSlices();
        for (uint256 i = 0; i < slices.length; ++i) {
            if (address(slices[i]).code.length == 0) revert NotAContract(address(slices[i]));
            _verifiers.push(slices[i]);
        }
        for (uint256 i = 0; i < links.length; ++i) {
            Link memory link = links[i];
            if (
                link.from >= slices.length || link.to >= slices.length || link.from == link.to
                    || link.length == 0
            ) {
                revert BadLink(i);
            }
            _links.push(link);
        }
        for (uint256 i = 0; i < shared.length; ++i) {
            Shared memory pair = shared[i];
            if (
                pair.first >= slices.length || pair.other >= slices.length || pair.first == pair.other
                    || pair.words < 2
            ) {
                revert BadShared(i);
            }
            _shared.push(pair);
        }
    }

    /// @notice The verifiers and links of the chain, and the slices that share a public input.
    function chain()
        external
        view
        returns (ISignalVerifier[] memory slices, Link[] memory links, Shared[] memory shared)
    {
        return (_verifiers, _links, _shared);
    }

    /// @notice Accepts exactly valid proofs of all slices of one inference.
    /// @param publicInputs The statement of every slice.
    /// @param proofs The proof of every slice.
    /// @return accepted Always true; anything else reverts.
    function verify(uint256[][] calldata publicInputs, bytes[] calldata proofs)
        external
        view
        returns (bool accepted)
    {
        uint256 count = _verifiers.length;
        if (publicInputs.length != count) revert WrongCount(publicInputs.length, count);
        if (proofs.length != count) revert WrongCount(proofs.length, count);
        for (uint256 i = 0; i < count; ++i) {
            _verifySlice(i, publicInputs[i], proofs[i], publicInputs[0]);
        }
        for (uint256 i = 0; i < _links.length; ++i) {
            Link memory link = _links[i];
            _requireTogether(link, proofs[link.from], proofs[link.to]);
        }
        for (uint256 i = 0; i < _shared.length; ++i) {
            Shared memory pair = _shared[i];
            _requireOneInput(pair, publicInputs[pair.first], publicInputs[pair.other]);
        }
        return true;
    }

    /// @notice The same for some slices: those links and shared inputs hold whose two ends are among them.
    /// @param slices Indices, rising.
    function verifySome(uint256[] calldata slices, uint256[][] calldata publicInputs, bytes[] calldata proofs)
        external
        view
        returns (bool accepted)
    {
        if (slices.length == 0) revert NoSlices();
        if (publicInputs.length != slices.length) revert WrongCount(publicInputs.length, slices.length);
        if (proofs.length != slices.length) revert WrongCount(proofs.length, slices.length);
        for (uint256 i = 0; i < slices.length; ++i) {
            if (slices[i] >= _verifiers.length || (i > 0 && slices[i] <= slices[i - 1])) {
                revert NotRising(slices[i]);
            }
            _verifySlice(slices[i], publicInputs[i], proofs[i], publicInputs[0]);
        }
        for (uint256 i = 0; i < _links.length; ++i) {
            Link memory link = _links[i];
            (bool hasFrom, uint256 from) = _find(slices, link.from);
            (bool hasTo, uint256 to) = _find(slices, link.to);
            if (hasFrom && hasTo) _requireTogether(link, proofs[from], proofs[to]);
        }
        for (uint256 i = 0; i < _shared.length; ++i) {
            Shared memory pair = _shared[i];
            (bool hasFirst, uint256 first) = _find(slices, pair.first);
            (bool hasOther, uint256 other) = _find(slices, pair.other);
            if (hasFirst && hasOther) _requireOneInput(pair, publicInputs[first], publicInputs[other]);
        }
        return true;
    }

    function _verifySlice(
        uint256 slice,
        uint256[] calldata publicInputs,
        bytes calldata proof,
        uint256[] calldata first
    ) private view {
        // Reverts unless the proof holds, also for an empty statement.
        _verifiers[slice].verify(publicInputs, proof);
        if (publicInputs[0] != first[0]) revert OtherBinding(slice);
    }

    function _requireTogether(Link memory link, bytes calldata from, bytes calldata to) private pure {
        if (from.length < uint256(link.fromOffset) + link.length) revert ShortProof(link.from);
        if (to.length < uint256(link.toOffset) + link.length) revert ShortProof(link.to);
        bytes32 left = keccak256(from[link.fromOffset:uint256(link.fromOffset) + link.length]);
        bytes32 right = keccak256(to[link.toOffset:uint256(link.toOffset) + link.length]);
        if (left != right) revert NotTogether(link.from, link.to);
    }

    function _requireOneInput(Shared memory pair, uint256[] calldata first, uint256[] calldata other)
        private
        pure
    {
        for (uint256 i = 0; i < pair.words; ++i) {
            if (first[i] != other[i]) revert NotOneInput(pair.first, pair.other);
        }
    }

    function _find(uint256[] calldata slices, uint256 slice)
        private
        pure
        returns (bool found, uint256 index)
    {
        for (uint256 i = 0; i < slices.length; ++i) {
            if (slices[i] == slice) return (true, i);
        }
        return (false, 0);
    }
}
