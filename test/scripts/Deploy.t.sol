// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {DeploymentConfig} from "../../scripts/support/DeploymentConfig.sol";
import {VerifierParams} from "../../scripts/support/VerifierParams.sol";
import {Test} from "../support/Test.sol";

/// @title What the deployment script refuses
contract DeployTest is Test {
    function test_requireSrs_Ceremony_IsAcceptedEverywhere() public pure {
        VerifierParams.requireSrs("ceremony", 1);
        VerifierParams.requireSrs("ceremony", 11_155_111);
        VerifierParams.requireSrs("ceremony", 31_337);
    }

    function test_requireSrs_Development_IsForTheLocalChainOnly() public {
        VerifierParams.requireSrs("development", 31_337);
        vm.expectRevert(
            abi.encodeWithSelector(VerifierParams.DevelopmentSrsOnPublicChain.selector, 11_155_111)
        );
        this.requireSrs("development", 11_155_111);
        vm.expectRevert(abi.encodeWithSelector(VerifierParams.UnknownSrsKind.selector, "Ceremony"));
        this.requireSrs("Ceremony", 31_337);
    }

    function test_symbolWord_IsAsciiLeftAligned() public {
        vm.assertEq(DeploymentConfig.symbolWord("BTC/USDT"), bytes32("BTC/USDT"), "padded");
        vm.expectPartialRevert(DeploymentConfig.SymbolTooLong.selector);
        this.symbolWord("a symbol of more than thirty-two bytes");
        vm.expectPartialRevert(DeploymentConfig.SymbolTooLong.selector);
        this.symbolWord("");
    }

    function testFuzz_sorted_Ascends(address[] memory list) public pure {
        address[] memory ascending = DeploymentConfig.sorted(list);
        for (uint256 i = 1; i < ascending.length; ++i) {
            vm.assertTrue(ascending[i - 1] <= ascending[i], "ascending");
        }
    }

    function requireSrs(string calldata kind, uint256 chainId) external pure {
        VerifierParams.requireSrs(kind, chainId);
    }

    function symbolWord(string calldata text) external pure returns (bytes32) {
        return DeploymentConfig.symbolWord(text);
    }
}
