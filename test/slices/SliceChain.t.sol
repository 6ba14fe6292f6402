// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalVerifier} from "../../contracts/interfaces/ISignalVerifier.sol";
import {SliceChain} from "../../contracts/slices/SliceChain.sol";
import {Test} from "../support/Test.sol";

/// Accepts whatever begins with the right byte: the chain's own rules are tested here, real proofs of slices in
/// circuits/tests/slices.rs.
contract FirstByteVerifier {
    error ProofRejected();

    bytes1 private immutable _first;

    constructor(bytes1 first) {
        _first = first;
    }

    function verify(uint256[] calldata, bytes calldata proof) external view returns (bool) {
        if (proof.length == 0 || proof[0] != _first) revert ProofRejected();
        return true;
    }
}

contract SliceChainTest is Test {
    SliceChain private chain;
    ISignalVerifier[] private verifiers;

    function setUp() public {
        for (uint8 i = 1; i <= 3; ++i) {
            verifiers.push(ISignalVerifier(address(new FirstByteVerifier(bytes1(i)))));
        }
        chain = new SliceChain(verifiers, _links(), _shared());
    }

    function test_chain_NamesVerifiersAndLinks() public view {
        (ISignalVerifier[] memory slices, SliceChain.Link[] memory links, SliceChain.Shared[] memory shared) =
            chain.chain();
        vm.assertEq(slices.length, 3, "slices");
        vm.assertEq(address(slices[2]), address(verifiers[2]), "verifier");
        vm.assertEq(links.length, 2, "links");
        vm.assertEq(uint256(links[1].fromOffset), 3, "offset");
        vm.assertEq(shared.length, 1, "shared");
        vm.assertEq(uint256(shared[0].words), 2, "words");
    }

    function test_verify_LinkedSlices() public view {
        (uint256[][] memory words, bytes[] memory proofs) = _valid();
        vm.assertTrue(chain.verify(words, proofs), "accepted");
    }

    function test_verify_SlicesOfDifferentInferences_Reverts() public {
        (uint256[][] memory words, bytes[] memory proofs) = _valid();
        proofs[1] = hex"02aabbccdf";
        vm.expectRevert(abi.encodeWithSelector(SliceChain.NotTogether.selector, 1, 2));
        chain.verify(words, proofs);
        proofs[1] = hex"02abbbccdd";
        vm.expectRevert(abi.encodeWithSelector(SliceChain.NotTogether.selector, 0, 1));
        chain.verify(words, proofs);
    }

    function test_verify_RefusedSlice_Reverts() public {
        (uint256[][] memory words, bytes[] memory proofs) = _valid();
        proofs[2] = hex"01ccdd";
        vm.expectRevert(FirstByteVerifier.ProofRejected.selector);
        chain.verify(words, proofs);
    }

    function test_verify_OtherBinding_Reverts() public {
        (uint256[][] memory words, bytes[] memory proofs) = _valid();
        words[2][0] = 8;
        vm.expectRevert(abi.encodeWithSelector(SliceChain.OtherBinding.selector, 2));
        chain.verify(words, proofs);
    }

    function test_verify_WrongCounts_Revert() public {
        (uint256[][] memory words, bytes[] memory proofs) = _valid();
        vm.expectRevert(abi.encodeWithSelector(SliceChain.WrongCount.selector, 2, 3));
        chain.verify(new uint256[][](2), proofs);
        vm.expectRevert(abi.encodeWithSelector(SliceChain.WrongCount.selector, 4, 3));
        chain.verify(words, new bytes[](4));
    }

    function test_verify_ShortProof_Reverts() public {
        (uint256[][] memory words, bytes[] memory proofs) = _valid();
        proofs[0] = hex"01aa";
        vm.expectRevert(abi.encodeWithSelector(SliceChain.ShortProof.selector, 0));
        chain.verify(words, proofs);
        (words, proofs) = _valid();
        proofs[2] = hex"03cc";
        vm.expectRevert(abi.encodeWithSelector(SliceChain.ShortProof.selector, 2));
        chain.verify(words, proofs);
    }

    function test_verifySome_ChecksLinksBetweenThem() public {
        (uint256[][] memory words, bytes[] memory proofs) = _valid();
        (uint256[][] memory someWords, bytes[] memory someProofs) = (new uint256[][](2), new bytes[](2));
        (someWords[0], someWords[1]) = (words[1], words[2]);
        (someProofs[0], someProofs[1]) = (proofs[1], proofs[2]);
        uint256[] memory slices = new uint256[](2);
        (slices[0], slices[1]) = (1, 2);
        vm.assertTrue(chain.verifySome(slices, someWords, someProofs), "accepted");
        someProofs[0] = hex"02aabbccdf";
        vm.expectRevert(abi.encodeWithSelector(SliceChain.NotTogether.selector, 1, 2));
        chain.verifySome(slices, someWords, someProofs);
        // Without the slice between them there is nothing to compare.
        (slices[0], someProofs[0]) = (0, proofs[0]);
        vm.assertTrue(chain.verifySome(slices, someWords, someProofs), "accepted");
    }

    function test_verifySome_BadIndices_Revert() public {
        (uint256[][] memory words, bytes[] memory proofs) = (new uint256[][](2), new bytes[](2));
        (words[0], words[1]) = (_words(), _words());
        (proofs[0], proofs[1]) = (bytes(hex"02aabbccdd"), bytes(hex"02aabbccdd"));
        uint256[] memory slices = new uint256[](2);
        (slices[0], slices[1]) = (1, 1);
        vm.expectRevert(abi.encodeWithSelector(SliceChain.NotRising.selector, 1));
        chain.verifySome(slices, words, proofs);
        slices[1] = 3;
        vm.expectRevert(abi.encodeWithSelector(SliceChain.NotRising.selector, 3));
        chain.verifySome(slices, words, proofs);
        vm.expectRevert(SliceChain.NoSlices.selector);
        chain.verifySome(new uint256[](0), words, proofs);
        vm.expectRevert(abi.encodeWithSelector(SliceChain.WrongCount.selector, 2, 1));
        chain.verifySome(new uint256[](1), words, new bytes[](1));
        vm.expectRevert(abi.encodeWithSelector(SliceChain.WrongCount.selector, 1, 2));
        chain.verifySome(slices, words, new bytes[](1));
    }

    function test_constructor_BadChains_Revert() public {
        SliceChain.Link[] memory none = new SliceChain.Link[](0);
        SliceChain.Shared[] memory nothing = new SliceChain.Shared[](0);
        vm.expectRevert(SliceChain.NoSlices.selector);
        this.deploy(new ISignalVerifier[](0), none, nothing);
        ISignalVerifier[] memory slices = new ISignalVerifier[](1);
        slices[0] = ISignalVerifier(address(0xdead));
        vm.expectRevert(abi.encodeWithSelector(SliceChain.NotAContract.selector, address(0xdead)));
        this.deploy(slices, none, nothing);
        for (uint256 i = 0; i < 4; ++i) {
            SliceChain.Link[] memory links = _links();
            if (i == 0) links[1].from = 3;
            if (i == 1) links[1].to = 3;
            if (i == 2) links[1].to = links[1].from;
            if (i == 3) links[1].length = 0;
            vm.expectRevert(abi.encodeWithSelector(SliceChain.BadLink.selector, 1));
            this.deploy(verifiers, links, nothing);
        }
    }

    function test_constructor_BadShared_Reverts() public {
        for (uint256 i = 0; i < 4; ++i) {
            SliceChain.Shared[] memory shared = _shared();
            if (i == 0) shared[0].first = 3;
            if (i == 1) shared[0].other = 3;
            if (i == 2) shared[0].other = shared[0].first;
            if (i == 3) shared[0].words = 1;
            vm.expectRevert(abi.encodeWithSelector(SliceChain.BadShared.selector, 0));
            this.deploy(verifiers, _links(), shared);
        }
    }

    /// A call of its own: a test ends where a contract that it creates itself reverts as expected.
    function deploy(
        ISignalVerifier[] calldata slices,
        SliceChain.Link[] calldata links,
        SliceChain.Shared[] calldata shared
    ) external {
        new SliceChain(slices, links, shared);
    }

    function test_verify_SlicesOfDifferentPublicInputs_Reverts() public {
        (uint256[][] memory words, bytes[] memory proofs) = _valid();
        words[0][1] = 2;
        vm.assertTrue(chain.verify(words, proofs), "not an input that it shares");
        words[2][1] = 2;
        vm.expectRevert(abi.encodeWithSelector(SliceChain.NotOneInput.selector, 1, 2));
        chain.verify(words, proofs);
        words[1][1] = 2;
        vm.assertTrue(chain.verify(words, proofs), "the same input");
    }

    function test_verifySome_ChecksPublicInputsOfThoseAmongThem() public {
        (uint256[][] memory words, bytes[] memory proofs) = _valid();
        (uint256[][] memory someWords, bytes[] memory someProofs) = (new uint256[][](2), new bytes[](2));
        uint256[] memory slices = new uint256[](2);
        (slices[0], slices[1]) = (1, 2);
        (someWords[0], someWords[1]) = (words[1], words[2]);
        (someProofs[0], someProofs[1]) = (proofs[1], proofs[2]);
        someWords[1][1] = 2;
        vm.expectRevert(abi.encodeWithSelector(SliceChain.NotOneInput.selector, 1, 2));
        chain.verifySome(slices, someWords, someProofs);
        // Only one of the two, behind a slice that does not share its input.
        (slices[0], someProofs[0]) = (0, proofs[0]);
        vm.assertTrue(chain.verifySome(slices, someWords, someProofs), "without the first");
        (slices[1], someProofs[1]) = (1, proofs[1]);
        vm.assertTrue(chain.verifySome(slices, someWords, someProofs), "without the other");
    }

    function test_verifySome_RefusedSlice_Reverts() public {
        (uint256[][] memory words, bytes[] memory proofs) = _valid();
        (uint256[][] memory someWords, bytes[] memory someProofs) = (new uint256[][](1), new bytes[](1));
        (someWords[0], someProofs[0]) = (words[1], proofs[2]);
        uint256[] memory slices = new uint256[](1);
        slices[0] = 1;
        vm.expectRevert(FirstByteVerifier.ProofRejected.selector);
        chain.verifySome(slices, someWords, someProofs);
    }

    function test_verifySome_OtherBinding_Reverts() public {
        (uint256[][] memory words, bytes[] memory proofs) = _valid();
        (uint256[][] memory someWords, bytes[] memory someProofs) = (new uint256[][](2), new bytes[](2));
        (someWords[0], someWords[1]) = (words[0], words[1]);
        (someProofs[0], someProofs[1]) = (proofs[0], proofs[1]);
        someWords[1][0] = 8;
        uint256[] memory slices = new uint256[](2);
        slices[1] = 1;
        vm.expectRevert(abi.encodeWithSelector(SliceChain.OtherBinding.selector, 1));
        chain.verifySome(slices, someWords, someProofs);
    }

    function test_verifySome_LinkWithoutItsEnd_Ignored() public view {
        (uint256[][] memory words, bytes[] memory proofs) = _valid();
        (uint256[][] memory someWords, bytes[] memory someProofs) = (new uint256[][](2), new bytes[](2));
        (someWords[0], someWords[1]) = (words[0], words[1]);
        (someProofs[0], someProofs[1]) = (proofs[0], proofs[1]);
        uint256[] memory slices = new uint256[](2);
        slices[1] = 1;
        vm.assertTrue(chain.verifySome(slices, someWords, someProofs), "accepted");
    }

    function _shared() private pure returns (SliceChain.Shared[] memory shared) {
        shared = new SliceChain.Shared[](1);
        shared[0] = SliceChain.Shared({first: 1, other: 2, words: 2});
    }

    function _links() private pure returns (SliceChain.Link[] memory links) {
        links = new SliceChain.Link[](2);
        links[0] = SliceChain.Link({from: 0, to: 1, fromOffset: 1, toOffset: 1, length: 2});
        links[1] = SliceChain.Link({from: 1, to: 2, fromOffset: 3, toOffset: 1, length: 2});
    }

    function _words() private pure returns (uint256[] memory words) {
        words = new uint256[](2);
        (words[0], words[1]) = (7, 1);
    }

    function _valid() private pure returns (uint256[][] memory words, bytes[] memory proofs) {
        (words, proofs) = (new uint256[][](3), new bytes[](3));
        (words[0], words[1], words[2]) = (_words(), _words(), _words());
        proofs[0] = hex"01aabb";
        proofs[1] = hex"02aabbccdd";
        proofs[2] = hex"03ccdd";
    }
}
