// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalOracle} from "../../contracts/interfaces/ISignalOracle.sol";
import {PublicInputs} from "../../contracts/oracle/PublicInputs.sol";
import {Test} from "../support/Test.sol";

/// @title The packed statement, against packing written out by hand
contract PublicInputsTest is Test {
    uint256 private constant VALUES = 40;

    function test_packedWords_AndLastLimit_KnownSizes() public pure {
        vm.assertEq(PublicInputs.packedWords(496), 16, "60 minutes of 8 features and 16 of context");
        vm.assertEq(PublicInputs.lastWordLimit(496), 1 << 248, "a full last word");
        vm.assertEq(PublicInputs.packedWords(480), 16, "without the context");
        vm.assertEq(PublicInputs.lastWordLimit(480), 1 << 120, "15 bytes in the last word");
        vm.assertEq(PublicInputs.packedWords(31), 1, "one full word");
        vm.assertEq(PublicInputs.lastWordLimit(31), 1 << 248, "full");
        vm.assertEq(PublicInputs.packedWords(32), 2, "one value more");
        vm.assertEq(PublicInputs.lastWordLimit(32), 1 << 8, "one byte");
    }

    function testFuzz_decode_HandPackedWindow_GivesTheArgmax(int8[40] memory values, int64[3] memory logits)
        public
        view
    {
        uint256[] memory inputs = _pack(values, logits);
        uint256 best = 0;
        if (logits[1] > logits[best]) best = 1;
        if (logits[2] > logits[best]) best = 2;
        inputs[4] = best;
        vm.assertEq(uint256(this.decode(inputs)), best, "class");
        vm.assertEq(this.digest(inputs), keccak256(abi.encodePacked(inputs[1], inputs[2])), "digest");
    }

    function test_decode_Ties_GoToTheLowestIndex() public {
        int8[40] memory values;
        int64[3][4] memory ties =
            [[int64(5), 5, 5], [int64(-5), -5, -7], [int64(1), 9, 9], [type(int64).min, type(int64).min, 0]];
        uint256[4] memory winners = [uint256(0), 0, 1, 2];
        for (uint256 i = 0; i < ties.length; ++i) {
            uint256[] memory inputs = _pack(values, ties[i]);
            for (uint256 class = 0; class < 3; ++class) {
                inputs[4] = class;
                if (class != winners[i]) {
                    vm.expectRevert(
                        abi.encodeWithSelector(ISignalOracle.ClassNotArgmax.selector, class, winners[i])
                    );
                }
                this.decode(inputs);
            }
        }
    }

    function testFuzz_decode_RevertWhen_AnyBitBeyondTheSchema(uint256 word, uint256 bit) public {
        int8[40] memory values;
        uint256[] memory inputs = _pack(values, [int64(1), 0, 0]);
        word = bound(word, 1, 4);
        // Bits in use: 248, 72, 192; any class above 2.
        uint256 used = word == 1 ? 248 : word == 2 ? 72 : word == 3 ? 192 : 2;
        inputs[word] |= 1 << bound(bit, used, 255);
        vm.expectRevert();
        this.decode(inputs);
    }

    function test_decode_TwoClasses_HaveTwoLogits() public {
        int8[40] memory values;
        uint256[] memory inputs = _pack(values, [int64(1), 2, 0]);
        inputs[3] %= 1 << 128;
        inputs[4] = 1;
        vm.assertEq(uint256(this.decode(inputs, 2)), 1, "HIGH");
        inputs[4] = 2;
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.ClassOutOfRange.selector, 2));
        this.decode(inputs, 2);
        inputs[4] = 1;
        inputs[3] |= 1 << 128;
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.LogitsOutOfRange.selector, inputs[3]));
        this.decode(inputs, 2);
    }

    function decode(uint256[] calldata inputs) external pure returns (uint8) {
        return PublicInputs.decode(inputs, VALUES, 3);
    }

    function decode(uint256[] calldata inputs, uint256 classes) external pure returns (uint8) {
        return PublicInputs.decode(inputs, VALUES, classes);
    }

    function digest(uint256[] calldata inputs) external pure returns (bytes32) {
        return PublicInputs.digest(inputs);
    }

    /// @dev binding, two packed words, logits, class 0.
    function _pack(int8[40] memory values, int64[3] memory logits)
        private
        pure
        returns (uint256[] memory inputs)
    {
        inputs = new uint256[](5);
        for (uint256 i = 0; i < VALUES; ++i) {
            uint256 raw = uint256(int256(values[i]) + 128);
            inputs[1 + i / 31] += raw * 256 ** (i % 31);
        }
        for (uint256 i = 0; i < 3; ++i) {
            inputs[3] += uint256(int256(logits[i]) + 2 ** 63) * 2 ** (64 * i);
        }
    }
}
