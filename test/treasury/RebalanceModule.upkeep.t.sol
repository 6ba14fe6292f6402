// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {AutomationCompatibleInterface} from "../../contracts/interfaces/AutomationCompatibleInterface.sol";
import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";
import {ISignalOracle, Signal} from "../../contracts/interfaces/ISignalOracle.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {HostileRouter} from "../support/HostileRouter.sol";
import {TreasuryTest} from "../support/TreasuryTest.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @title Keepers: told when to come, trusted with nothing
contract RebalanceModuleUpkeepTest is TreasuryTest {
    function test_checkUpkeep_RoundExecutable_AsksForIt() public {
        uint80 id = _reach(Fixtures.find(Signal.BUY, 0));
        (bool needed, bytes memory data) = module.checkUpkeep("");
        vm.assertTrue(needed, "needed");
        vm.assertEq(data, abi.encode(id), "the latest round");
    }

    function test_checkUpkeep_CheckData_ChangesNothing() public {
        uint80 id = _reach(Fixtures.find(Signal.BUY, 0));
        (bool needed, bytes memory data) = module.checkUpkeep(abi.encode(uint256(id) + 7));
        vm.assertTrue(needed, "needed all the same");
        vm.assertEq(data, abi.encode(id), "still the latest round");
    }

    function test_checkUpkeep_NoRoundYet_IsNotNeeded() public view {
        (bool needed, bytes memory data) = module.checkUpkeep("");
        vm.assertFalse(needed, "nothing to execute");
        vm.assertEq(data, abi.encode(uint80(0)), "no round");
    }

    function test_checkUpkeep_Hold_IsNotNeeded() public {
        _reach(Fixtures.find(Signal.HOLD, 0));
        _assertNotNeeded();
    }

    function test_checkUpkeep_AfterPerforming_IsNotNeeded() public {
        _reach(Fixtures.find(Signal.BUY, 0));
        (, bytes memory data) = module.checkUpkeep("");
        module.performUpkeep(data);
        _assertNotNeeded();
    }

    function test_checkUpkeep_EveryFixtureRound_AgreesWithPreview() public {
        uint256 rounds = Fixtures.count();
        uint256 needs = 0;
        for (uint256 i = 0; i < rounds; ++i) {
            uint80 id = _reach(i);
            (bool needed, bytes memory data) = module.checkUpkeep("");
            bool passes = module.preview(id).guard == IRebalanceModule.Guard.None;
            vm.assertTrue(needed == passes, "same plan");
            if (!needed) continue;
            module.performUpkeep(data);
            ++needs;
        }
        vm.assertTrue(needs >= 2 && needs < rounds, "both answers seen");
    }

    function test_performUpkeep_ByAnyone_TradesAsExecuteDoes() public {
        uint80 id = _reach(Fixtures.find(Signal.BUY, 0));
        uint256 state = vm.snapshotState();
        module.execute(id);
        (uint256 base, uint256 quote) = module.balances();
        vm.revertToState(state);
        (, bytes memory data) = module.checkUpkeep("");
        vm.prank(stranger);
        module.performUpkeep(data);
        (uint256 baseNow, uint256 quoteNow) = module.balances();
        vm.assertTrue(base == baseNow && quote == quoteNow, "the same trade");
        vm.assertEq(uint256(module.lastExecutedRound()), id, "remembered");
    }

    function test_performUpkeep_RevertWhen_AnyGuardBlocks() public {
        uint80 id = _reach(Fixtures.find(Signal.BUY, 0));
        bytes memory data = abi.encode(id);
        vm.prank(guardian);
        module.pause();
        _expectBlocked(data, IRebalanceModule.Guard.Paused, 0, 0);
        module.unpause();
        _expectBlocked(abi.encode(id + 1), IRebalanceModule.Guard.NoSuchRound, id + 1, id);
        _expectBlocked(abi.encode(0), IRebalanceModule.Guard.NoSuchRound, 0, id);
        module.performUpkeep(data);
        _expectBlocked(data, IRebalanceModule.Guard.RoundExecuted, id, uint256(id) + 1);
    }

    function test_performUpkeep_RevertWhen_DataIsNotOneWord() public {
        uint80 id = _reach(Fixtures.find(Signal.BUY, 0));
        uint256[5] memory lengths = [uint256(0), 10, 31, 33, 64];
        for (uint256 i = 0; i < lengths.length; ++i) {
            bytes memory data = new bytes(lengths[i]);
            if (data.length > 31) data[31] = bytes1(uint8(id));
            vm.expectRevert(
                abi.encodeWithSelector(IRebalanceModule.PerformDataLength.selector, lengths[i], 32)
            );
            module.performUpkeep(data);
        }
    }

    function test_performUpkeep_RevertWhen_WordIsNoRoundId() public {
        uint80 id = _reach(Fixtures.find(Signal.BUY, 0));
        // Its low 80 bits are the round's.
        uint256 word = (1 << 80) + id;
        vm.expectRevert(
            abi.encodeWithSelector(
                IRebalanceModule.PerformDataOutOfRange.selector, word, uint256(type(uint80).max)
            )
        );
        module.performUpkeep(abi.encode(word));
    }

    function test_performUpkeep_RevertWhen_Reentered() public {
        HostileRouter router = new HostileRouter(market.factory);
        module = _deployModule(address(router), ISignalOracle(address(oracle)), _policy());
        _enable(module);
        uint80 id = _reach(Fixtures.find(Signal.BUY, 0));
        bytes memory again = abi.encodeCall(AutomationCompatibleInterface.performUpkeep, (abi.encode(id)));
        router.reenterWith(abi.encode(address(module), again));
        vm.expectRevert(
            abi.encodeWithSelector(
                IRebalanceModule.SafeCallFailed.selector,
                address(router),
                abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
            )
        );
        module.performUpkeep(abi.encode(id));
    }

    function test_supportsInterface_ModuleAutomationAndERC165() public view {
        vm.assertTrue(module.supportsInterface(type(IRebalanceModule).interfaceId), "module");
        vm.assertTrue(module.supportsInterface(type(AutomationCompatibleInterface).interfaceId), "keepers");
        vm.assertTrue(module.supportsInterface(type(IERC165).interfaceId), "erc165");
        vm.assertFalse(module.supportsInterface(0xffffffff), "never");
    }

    /// @dev The selectors that Chainlink's registry calls.
    function test_automation_SelectorsAreChainlinks() public pure {
        vm.assertEq(
            bytes32(AutomationCompatibleInterface.checkUpkeep.selector), bytes32(bytes4(0x6e04ff0d)), "check"
        );
        vm.assertEq(
            bytes32(AutomationCompatibleInterface.performUpkeep.selector),
            bytes32(bytes4(0x4585e33b)),
            "perform"
        );
    }

    function _assertNotNeeded() private view {
        (bool needed,) = module.checkUpkeep("");
        vm.assertFalse(needed, "not needed");
    }

    function _expectBlocked(bytes memory data, IRebalanceModule.Guard guard, uint256 got, uint256 want)
        private
    {
        vm.expectRevert(abi.encodeWithSelector(IRebalanceModule.Blocked.selector, guard, got, want));
        module.performUpkeep(data);
    }
}
