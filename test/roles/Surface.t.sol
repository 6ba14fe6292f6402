// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {SignalAggregatorV3} from "../../contracts/oracle/SignalAggregatorV3.sol";
import {TreasuryTest} from "../support/TreasuryTest.sol";

/// @title What the deployed contracts cannot do at all, whoever calls
contract Surface is TreasuryTest {
    uint256 private constant CALLCODE = 0xf2;
    uint256 private constant DELEGATECALL = 0xf4;
    uint256 private constant SELFDESTRUCT = 0xff;
    uint256 private constant PUSH1 = 0x60;
    uint256 private constant PUSH32 = 0x7f;

    /// @dev No code of others in the name of ours, and no end of ours: what was verified stays what runs.
    function test_code_HasNoDelegatecallAndNoSelfdestruct() public {
        address[5] memory all = _deployed();
        for (uint256 i = 0; i < all.length; ++i) {
            vm.assertTrue(all[i].code.length != 0, "deployed");
            vm.assertFalse(_hasForbidden(all[i].code), "calls in its own name only, and stays");
        }
        vm.assertTrue(_hasForbidden(market.safe.code), "a proxy is recognised");
    }

    function test_call_WithEther_IsRefused() public {
        address[5] memory all = _deployed();
        vm.deal(address(this), 10 ether);
        bytes[3] memory calls = [bytes(""), hex"00000000", abi.encodeWithSignature("latestRoundId()")];
        for (uint256 i = 0; i < all.length; ++i) {
            for (uint256 j = 0; j < calls.length; ++j) {
                (bool success,) = all[i].call{value: 1, gas: ENOUGH}(calls[j]);
                vm.assertFalse(success, "no ether");
            }
            vm.assertEq(all[i].balance, 0, "none arrived");
        }
    }

    function _deployed() private returns (address[5] memory) {
        address aggregator = address(new SignalAggregatorV3(oracle));
        return [address(gateway), address(oracle), aggregator, address(module), verifier];
    }

    function _hasForbidden(bytes memory code) private pure returns (bool) {
        for (uint256 pc = 0; pc < code.length; ++pc) {
            uint256 opcode = uint8(code[pc]);
            if (opcode == DELEGATECALL || opcode == CALLCODE || opcode == SELFDESTRUCT) return true;
            if (opcode >= PUSH1 && opcode <= PUSH32) pc += opcode - PUSH1 + 1;
        }
        return false;
    }
}
