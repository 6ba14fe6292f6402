// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";
import {ISignalOracle} from "../../contracts/interfaces/ISignalOracle.sol";
import {StubOracle} from "../support/StubOracle.sol";
import {TreasuryActor} from "../support/TreasuryActor.sol";
import {TreasuryTest} from "../support/TreasuryTest.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title What holds whatever happens around the treasury
contract RebalanceModuleInvariants is TreasuryTest {
    TreasuryActor private actor;
    IRebalanceModule.Policy private policy;

    function setUp() public override {
        super.setUp();
        StubOracle stub = new StubOracle();
        policy = _policy();
        // Tight enough that every limit is met: targets a step away, budgets of a few trades, a cooldown of a few minutes.
        (policy.sellTargetBps, policy.buyTargetBps, policy.cooldown) = (4000, 6000, 300);
        (policy.turnoverBudget, policy.lossBudget, policy.budgetPeriod) = (600_000e6, 500e6, 6 hours);
        module = _deployModule(market.router, ISignalOracle(address(stub)), policy);
        _enable(module);
        (, int256 price,,,) = market.feed.latestRoundData();
        actor = new TreasuryActor(market, stub, module, uint256(price));
    }

    /// @dev Turnover and loss over any stretch stay within one capacity plus what has refilled.
    function invariant_TurnoverAndLossStayWithinTheirBudgets() public view {
        uint256 elapsed = vm.getBlockTimestamp() - actor.startedAt();
        uint256 turnover =
            policy.turnoverBudget + uint256(policy.turnoverBudget) * elapsed / policy.budgetPeriod;
        uint256 loss = policy.lossBudget + uint256(policy.lossBudget) * elapsed / policy.budgetPeriod;
        vm.assertLe(actor.traded(), turnover + 1, "turnover");
        // Rounding: a unit of base per trade.
        vm.assertLe(actor.lost(), loss + actor.executions() * 1000, "loss");
    }

    function invariant_EveryStepGoesTowardTheTargetAndIsCapped() public view {
        vm.assertFalse(actor.strayed(), "toward the target, not past it");
        vm.assertLe(actor.worstStepBps(), uint256(policy.maxStepBps) + 20, "one step at most");
    }

    function invariant_CooldownIsKept() public view {
        vm.assertFalse(actor.executedTooSoon(), "cooldown");
    }

    function invariant_NoAllowanceIsEverLeft() public view {
        vm.assertEq(IERC20(address(market.base)).allowance(market.safe, market.router), 0, "base");
        vm.assertEq(IERC20(address(market.quote)).allowance(market.safe, market.router), 0, "quote");
    }

    /// @dev forge calls this to know whom to fuzz.
    function targetContracts() external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(actor);
    }
}
