// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";
import {ISignalOracle, Signal} from "../../contracts/interfaces/ISignalOracle.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {HostileRouter} from "../support/HostileRouter.sol";
import {TreasuryTest} from "../support/TreasuryTest.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @title Whatever the router does, balances decide
contract RebalanceModulePostconditionsTest is TreasuryTest {
    HostileRouter private router;
    uint80 private id;

    function setUp() public override {
        super.setUp();
        router = new HostileRouter(market.factory);
        market.base.mint(address(router), 1000e8);
        market.quote.mint(address(router), 100_000_000e6);
        module = _deployModule(address(router), ISignalOracle(address(oracle)), _policy());
        _enable(module);
        id = _reach(Fixtures.find(Signal.BUY, 0));
    }

    function test_execute_RouterGivesExactlyTheMinimum_Passes() public {
        uint256 min = module.preview(id).minAmountOut;
        vm.assertEq(module.execute(id), min, "the worst that is allowed");
    }

    function test_execute_RevertWhen_RouterGivesLess() public {
        router.behave(10_000, 9999);
        vm.expectPartialRevert(IRebalanceModule.ReceivedTooLittle.selector);
        module.execute(id);
    }

    function test_execute_RevertWhen_RouterGivesNothing() public {
        router.behave(10_000, 0);
        uint256 min = module.preview(id).minAmountOut;
        vm.expectRevert(abi.encodeWithSelector(IRebalanceModule.ReceivedTooLittle.selector, 0, min));
        module.execute(id);
    }

    function test_execute_RevertWhen_RouterTakesLess() public {
        router.behave(5000, 10_000);
        uint256 amountIn = module.preview(id).amountIn;
        vm.expectRevert(
            abi.encodeWithSelector(IRebalanceModule.SpentWrongAmount.selector, amountIn / 2, amountIn)
        );
        module.execute(id);
    }

    function test_execute_RevertWhen_RouterTakesMoreThanApproved() public {
        router.behave(10_001, 10_000);
        vm.expectPartialRevert(IRebalanceModule.SafeCallFailed.selector);
        module.execute(id);
    }

    function test_execute_RevertWhen_AllocationPassesTheTarget() public {
        IRebalanceModule.Policy memory policy = _policy();
        // The last step: target within reach, and the router gives a fifth too much.
        (policy.buyTargetBps, policy.maxStepBps) = (5900, 1000);
        module.setPolicy(policy);
        // The policy is as new as the round of setUp: it applies to the next one.
        id = _reach(Fixtures.find(Signal.BUY, Fixtures.find(Signal.BUY, 0) + 1));
        router.behave(10_000, 12_000);
        vm.expectPartialRevert(IRebalanceModule.AllocationOffCourse.selector);
        module.execute(id);
        router.behave(10_000, 10_000);
        module.execute(id);
    }

    function test_execute_RevertWhen_AllocationFallsPastTheTarget() public {
        IRebalanceModule.Policy memory policy = _policy();
        (policy.sellTargetBps, policy.maxStepBps) = (4100, 1000);
        module.setPolicy(policy);
        id = _reach(Fixtures.find(Signal.SELL, Fixtures.find(Signal.BUY, 0)));
        router.behave(10_000, 12_000);
        vm.expectPartialRevert(IRebalanceModule.AllocationOffCourse.selector);
        module.execute(id);
        router.behave(10_000, 10_000);
        module.execute(id);
    }

    function test_execute_RevertWhen_Reentered() public {
        router.reenterWith(abi.encode(address(module), abi.encodeCall(IRebalanceModule.execute, (id))));
        vm.expectRevert(
            abi.encodeWithSelector(
                IRebalanceModule.SafeCallFailed.selector,
                address(router),
                abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
            )
        );
        module.execute(id);
    }
}
