// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";
import {ISignalOracle, Signal} from "../../contracts/interfaces/ISignalOracle.sol";
import {RebalanceModule} from "../../contracts/treasury/RebalanceModule.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {TreasuryTest} from "../support/TreasuryTest.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title The treasury as it is run: its owner is a timelock
contract RebalanceModuleTimelockTest is TreasuryTest {
    uint256 private constant DELAY = 3 days;

    TimelockController private timelock;

    function setUp() public override {
        super.setUp();
        address[] memory proposers = new address[](1);
        proposers[0] = address(this);
        timelock = new TimelockController(DELAY, proposers, new address[](1), address(0));
        module = new RebalanceModule(
            _wiring(market.router, ISignalOracle(address(oracle))),
            _bounds(),
            _policy(),
            address(timelock),
            guardian
        );
        _enable(module);
        vm.warp(Fixtures.round(0).closeTime - DELAY - 100);
    }

    function test_setPolicy_ThroughTheTimelock_TakesItsDelay() public {
        IRebalanceModule.Policy memory policy = _policy();
        policy.maxStepBps = 500;
        bytes memory call = abi.encodeCall(IRebalanceModule.setPolicy, (policy));
        timelock.schedule(address(module), 0, call, 0, 0, DELAY);
        vm.warp(block.timestamp + DELAY - 1);
        vm.expectPartialRevert(TimelockController.TimelockUnexpectedOperationState.selector);
        timelock.execute(address(module), 0, call, 0, 0);
        vm.expectPartialRevert(Ownable.OwnableUnauthorizedAccount.selector);
        module.setPolicy(policy);
        vm.warp(block.timestamp + 1);
        timelock.execute(address(module), 0, call, 0, 0);
        vm.assertEq(module.policy().maxStepBps, 500, "now");
    }

    /// @dev The guardian needs no delay to stop, and no help to be overruled but the timelock's.
    function test_unpause_ThroughTheTimelock_TakesItsDelay() public {
        vm.prank(guardian);
        module.pause();
        bytes memory call = abi.encodeCall(IRebalanceModule.unpause, ());
        timelock.schedule(address(module), 0, call, 0, 0, DELAY);
        vm.warp(block.timestamp + DELAY);
        vm.assertTrue(module.paused(), "until then");
        timelock.execute(address(module), 0, call, 0, 0);
        module.execute(_reach(Fixtures.find(Signal.BUY, 0)));
    }

    /// @dev A policy out of bounds is refused even after three days of waiting.
    function test_setPolicy_ThroughTheTimelock_RevertWhen_OutOfBounds() public {
        IRebalanceModule.Policy memory policy = _policy();
        policy.maxSlippageBps = 201;
        bytes memory call = abi.encodeCall(IRebalanceModule.setPolicy, (policy));
        timelock.schedule(address(module), 0, call, 0, 0, DELAY);
        vm.warp(block.timestamp + DELAY);
        vm.expectPartialRevert(IRebalanceModule.PolicyOutOfBounds.selector);
        timelock.execute(address(module), 0, call, 0, 0);
    }
}
