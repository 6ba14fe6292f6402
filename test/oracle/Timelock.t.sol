// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalVerifierGateway} from "../../contracts/interfaces/ISignalVerifierGateway.sol";
import {SignalVerifierGateway} from "../../contracts/oracle/SignalVerifierGateway.sol";
import {AcceptingVerifier} from "../support/HostileVerifiers.sol";
import {OracleTest} from "../support/OracleTest.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title Governance as deployed: slow to add, quick to stop
contract TimelockTest is OracleTest {
    uint256 private constant DELAY = 3 days;
    bytes4 private constant NEW_MODEL = 0xaabbccdd;

    TimelockController private timelock;

    function setUp() public override {
        super.setUp();
        address[] memory proposers = new address[](1);
        proposers[0] = address(this);
        address[] memory anyone = new address[](1);
        timelock = new TimelockController(DELAY, proposers, anyone, address(0));
        gateway = new SignalVerifierGateway(
            address(timelock), guardian, new ISignalVerifierGateway.RouteConfig[](0)
        );
    }

    function test_addRoute_ThroughTheTimelock_TakesItsDelay() public {
        bytes memory call = _addition();
        timelock.schedule(address(gateway), 0, call, 0, 0, DELAY);
        vm.warp(block.timestamp + DELAY - 1);
        vm.expectPartialRevert(TimelockController.TimelockUnexpectedOperationState.selector);
        timelock.execute(address(gateway), 0, call, 0, 0);
        vm.warp(block.timestamp + 1);
        vm.prank(stranger);
        timelock.execute(address(gateway), 0, call, 0, 0);
        vm.assertTrue(gateway.isActive(NEW_MODEL), "routed");
    }

    function test_schedule_RevertWhen_DelayIsCutShort() public {
        bytes memory call = _addition();
        vm.expectPartialRevert(TimelockController.TimelockInsufficientDelay.selector);
        timelock.schedule(address(gateway), 0, call, 0, 0, DELAY - 1);
    }

    function test_freeze_Guardian_NeedsNoDelay() public {
        bytes memory call = _addition();
        timelock.schedule(address(gateway), 0, call, 0, 0, DELAY);
        vm.warp(block.timestamp + DELAY);
        timelock.execute(address(gateway), 0, call, 0, 0);
        vm.prank(guardian);
        gateway.freeze(NEW_MODEL);
        vm.assertFalse(gateway.isActive(NEW_MODEL), "stopped in the same block");
    }

    function _addition() private returns (bytes memory) {
        return abi.encodeCall(
            ISignalVerifierGateway.addRoute, (_route(NEW_MODEL, address(new AcceptingVerifier())))
        );
    }
}
