// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {Feed, ISignalOracle} from "../../contracts/interfaces/ISignalOracle.sol";
import {ISignalVerifierGateway} from "../../contracts/interfaces/ISignalVerifierGateway.sol";
import {DeploymentConfig} from "../../scripts/support/DeploymentConfig.sol";
import {Narrow} from "../../scripts/support/Narrow.sol";
import {OracleArtifact} from "../../scripts/support/OracleArtifact.sol";
import {VerifierParams} from "../../scripts/support/VerifierParams.sol";
import {Test} from "../support/Test.sol";

/// @title What the deployment script refuses
contract DeployTest is Test {
    /// @dev The environment is the process's: only TIMELOCK_DELAY differs between tests, and one test alone sets it.
    function setUp() public {
        vm.setEnv("OWNER", vm.toString(address(0x0E)));
        vm.setEnv("GUARDIAN", vm.toString(address(0x6A2D)));
        vm.setEnv("THRESHOLD", "2");
        vm.setEnv(
            "ATTESTORS",
            string.concat(
                vm.toString(address(0xC)), ",", vm.toString(address(0xA)), ",", vm.toString(address(0xB))
            )
        );
    }

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

    function test_governance_RevertWhen_TimelockDelayIsShortOnAPublicChain() public {
        vm.setEnv("TIMELOCK_DELAY", "86399");
        vm.assertEq(this.governance().timelockDelay, 86_399, "the local chain is for rehearsals");
        vm.chainId(11_155_111);
        vm.expectRevert(
            abi.encodeWithSelector(DeploymentConfig.TimelockDelayTooShort.selector, 86_399, 1 days)
        );
        this.governance();
        vm.setEnv("TIMELOCK_DELAY", "86400");
        vm.assertEq(this.governance().timelockDelay, 1 days, "a day is enough");
    }

    /// @dev In any order; the same one twice is left for the oracle to refuse, which knows no such set.
    function test_governance_AttestorsUnsortedOrTwice_AreSortedAndTheOracleRefusesTwins() public {
        DeploymentConfig.Governance memory g = this.governance();
        vm.assertEq(g.attestors.length, 3, "none dropped");
        vm.assertTrue(g.attestors[0] < g.attestors[1] && g.attestors[1] < g.attestors[2], "ascending");
        this.create(g.attestors);
        g.attestors[1] = g.attestors[2];
        vm.expectRevert(
            abi.encodeWithSelector(
                ISignalOracle.AttestorsNotAscending.selector, 2, g.attestors[2], g.attestors[2]
            )
        );
        this.create(DeploymentConfig.sorted(g.attestors));
    }

    /// @dev Names that no other test reads: the environment is shared. THRESHOLD, TIMEFRAME and MAX_AGE: make rehearse.
    function test_policy_RevertWhen_NumberHasMoreBitsThanItsField() public {
        string[4] memory names = ["SELL_TARGET_BPS", "COOLDOWN", "MIN_TRADE", "LOSS_BUDGET"];
        uint256[4] memory largest =
            [uint256(type(uint16).max), type(uint32).max, type(uint128).max, type(uint128).max];
        uint256[4] memory usual = [uint256(2000), 60, 100e6, 5000e6];
        for (uint256 i = 0; i < names.length; ++i) {
            // Without the check the surplus bit would be dropped, and the usual number remain.
            uint256 wide = largest[i] + 1 + usual[i];
            vm.setEnv(names[i], vm.toString(wide));
            vm.expectRevert(
                abi.encodeWithSelector(Narrow.NumberTooLarge.selector, names[i], wide, largest[i])
            );
            this.policy();
            vm.setEnv(names[i], vm.toString(usual[i]));
        }
        this.policy();
    }

    function testFuzz_toUint8_KeepsWhatFitsAndRefusesTheRest(uint256 got) public {
        got = bound(got, 0, 600);
        if (got > type(uint8).max) {
            vm.expectRevert(
                abi.encodeWithSelector(Narrow.NumberTooLarge.selector, "THRESHOLD", got, type(uint8).max)
            );
        }
        vm.assertEq(uint256(this.toUint8(got)), got > type(uint8).max ? 0 : got, "whole or not at all");
    }

    function testFuzz_sorted_Ascends(address[] memory list) public pure {
        address[] memory ascending = DeploymentConfig.sorted(list);
        for (uint256 i = 1; i < ascending.length; ++i) {
            vm.assertTrue(ascending[i - 1] <= ascending[i], "ascending");
        }
    }

    function governance() external view returns (DeploymentConfig.Governance memory) {
        return DeploymentConfig.governance(address(this));
    }

    function policy() external view {
        DeploymentConfig.policy();
    }

    function toUint8(uint256 got) external pure returns (uint8) {
        return Narrow.toUint8("THRESHOLD", got);
    }

    function create(address[] calldata attestors) external {
        Feed memory feed =
            Feed({symbol: "BTC/USDT", timeframe: 60, windowValues: 496, classes: 3, maxAge: 600});
        OracleArtifact.create(ISignalVerifierGateway(address(1)), feed, address(this), attestors, 2);
    }

    function requireSrs(string calldata kind, uint256 chainId) external pure {
        VerifierParams.requireSrs(kind, chainId);
    }

    function symbolWord(string calldata text) external pure returns (bytes32) {
        return DeploymentConfig.symbolWord(text);
    }
}
