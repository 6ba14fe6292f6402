// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalOracle} from "../interfaces/ISignalOracle.sol";

/// @title Decoding of a statement's public inputs
/// @notice Layout: [binding, packed words.., logits, class]. A packed word carries 31 values of the window, one
/// byte each, offset by 128, the first in the lowest byte. The logits word carries logit i + 2^63 in bits
/// 64 i .. 64 i + 63; there are at most three. Every word that passes is below 2^248 and so below the BN254 group
/// order: x and x + r can never both pass.
library PublicInputs {
    uint256 internal constant VALUES_PER_WORD = 31;
    /// @dev binding, logits, class
    uint256 private constant FRAME = 3;
    uint256 private constant LOGIT_BITS = 64;
    uint256 private constant WORD_LIMIT = 1 << (8 * VALUES_PER_WORD);

    /// @notice Public inputs of a statement about `values` values.
    function count(uint256 values) internal pure returns (uint256) {
        return packedWords(values) + FRAME;
    }

    /// @notice Words that hold `values` values.
    function packedWords(uint256 values) internal pure returns (uint256) {
        return (values + VALUES_PER_WORD - 1) / VALUES_PER_WORD;
    }

    /// @notice Exclusive limit of the last packed word: its unused bytes are zero.
    function lastWordLimit(uint256 values) internal pure returns (uint256) {
        return 1 << (8 * (values - VALUES_PER_WORD * (packedWords(values) - 1)));
    }

    /// @notice keccak256 of the packed words, which is what attestors sign.
    function digest(uint256[] calldata inputs) internal pure returns (bytes32 hash) {
        uint256[] calldata packed = inputs[1:inputs.length - 2];
        assembly ("memory-safe") {
            let free := mload(0x40)
            let size := mul(packed.length, 0x20)
            calldatacopy(free, packed.offset, size)
            hash := keccak256(free, size)
        }
    }

    /// @notice Reverts unless every word is canonical for `values` values and `classes` logits and the class is the
    /// argmax of the logits, the lowest index winning a tie. The caller has checked the length.
    function decode(uint256[] calldata inputs, uint256 values, uint256 classes)
        internal
        pure
        returns (uint8)
    {
        uint256 words = packedWords(values);
        uint256 lastLimit = lastWordLimit(values);
        _requirePacked(inputs[1:words]);
        if (inputs[words] >= lastLimit) {
            revert ISignalOracle.PackedWordOutOfRange(words, inputs[words], lastLimit);
        }
        uint256 logits = inputs[words + 1];
        if (logits >> (classes * LOGIT_BITS) != 0) revert ISignalOracle.LogitsOutOfRange(logits);
        uint256 class = inputs[words + 2];
        if (class >= classes) revert ISignalOracle.ClassOutOfRange(class);
        // The circuit proves this already; the second look costs 300 gas and needs no trust in the circuit.
        uint256 best = argmax(logits, classes);
        if (class != best) revert ISignalOracle.ClassNotArgmax(class, best);
        return uint8(class);
    }

    /// @dev Joins all words and looks at the top byte once; looks for the culprit only when there is one.
    function _requirePacked(uint256[] calldata words) private pure {
        uint256 joined = 0;
        assembly ("memory-safe") {
            let end := add(words.offset, mul(words.length, 0x20))
            for { let from := words.offset } lt(from, end) { from := add(from, 0x20) } {
                joined := or(joined, calldataload(from))
            }
        }
        if (joined < WORD_LIMIT) return;
        for (uint256 i = 0; i < words.length; ++i) {
            if (words[i] >= WORD_LIMIT) {
                revert ISignalOracle.PackedWordOutOfRange(i + 1, words[i], WORD_LIMIT);
            }
        }
    }

    /// @notice Index of the largest packed logit; the lowest index wins a tie.
    function argmax(uint256 logits, uint256 classes) internal pure returns (uint256 best) {
        uint256 highest = uint64(logits);
        for (uint256 i = 1; i < classes; ++i) {
            uint256 logit = uint64(logits >> (i * LOGIT_BITS));
            if (logit > highest) (best, highest) = (i, logit);
        }
    }
}
