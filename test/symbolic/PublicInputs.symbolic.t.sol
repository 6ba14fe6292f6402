// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {PublicInputs} from "../../contracts/oracle/PublicInputs.sol";
import {Test} from "../support/Test.sol";

/// @title The packed statement, for every possible word
/// @notice 40 values: a full word, one with nine bytes, logits, class. Proved by `make analyse`, not run by forge.
contract PublicInputsSymbolic is Test {
    uint256 private constant VALUES = 40;
    uint256 private constant LAST_LIMIT = 1 << 72;
    /// @dev Order of the BN254 group.
    uint256 private constant R =
        21_888_242_871_839_275_222_246_405_745_257_275_088_548_364_400_416_034_343_698_204_186_575_808_495_617;

    /// @dev Accepted exactly when every word is in its range and the class is the argmax; the class is the answer.
    function check_decode_AcceptsExactlyTheCanonicalWriting(uint256[5] memory words) external view {
        bool canonical = words[1] < 1 << 248 && words[2] < LAST_LIMIT && words[3] < 1 << 192;
        bool expected = canonical && words[4] == _argmax(words[3]);
        try this.decode(_list(words)) returns (uint256 class) {
            vm.assertTrue(expected, "nothing else is accepted");
            vm.assertTrue(class == words[4], "as written");
        } catch {
            vm.assertTrue(!expected, "nothing canonical is refused");
        }
    }

    /// @dev Two accepted words that stand for the same scalar are the same word: both are below the order.
    function check_decode_AcceptedWordsAreBelowTheGroupOrder(uint256[5] memory words) external view {
        try this.decode(_list(words)) {
            for (uint256 i = 1; i < 5; ++i) {
                vm.assertTrue(words[i] < R, "x and x + r can never both pass");
            }
        } catch {}
    }

    function check_argmax_IsTheLargestAndTheFirstOfEquals(uint256 logits) external pure {
        uint256 best = PublicInputs.argmax(logits, 3);
        (uint256 a, uint256 b, uint256 c) = (_logit(logits, 0), _logit(logits, 1), _logit(logits, 2));
        if (best == 0) vm.assertTrue(a >= b && a >= c, "first of the largest");
        else if (best == 1) vm.assertTrue(b > a && b >= c, "larger than the first");
        else vm.assertTrue(best == 2 && c > a && c > b, "larger than both");
    }

    function check_packedWords_HoldEveryValueAndNoByteMore(uint16 values) external pure {
        vm.assume(values != 0);
        uint256 words = PublicInputs.packedWords(values);
        vm.assertTrue(words * 31 >= values && (words - 1) * 31 < values, "as few words as hold them");
        uint256 limit = PublicInputs.lastWordLimit(values);
        uint256 rest = values - (words - 1) * 31;
        vm.assertTrue(limit == 1 << (8 * rest), "a byte for each value of the last word");
    }

    function decode(uint256[] calldata inputs) external pure returns (uint256) {
        return uint256(PublicInputs.decode(inputs, VALUES, 3));
    }

    function _argmax(uint256 logits) private pure returns (uint256) {
        (uint256 a, uint256 b, uint256 c) = (_logit(logits, 0), _logit(logits, 1), _logit(logits, 2));
        if (a >= b && a >= c) return 0;
        return b >= c ? 1 : 2;
    }

    function _logit(uint256 logits, uint256 index) private pure returns (uint256) {
        return (logits >> (64 * index)) % (1 << 64);
    }

    function _list(uint256[5] memory words) private pure returns (uint256[] memory list) {
        list = new uint256[](5);
        for (uint256 i = 0; i < 5; ++i) {
            list[i] = words[i];
        }
    }
}
