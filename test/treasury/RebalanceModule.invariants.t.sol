// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";
import {ISignalOracle} from "../../contracts/interfaces/ISignalOracle.sol";
import {StubOracle} from "../support/StubOracle.sol";
import {TreasuryActor} from "../support/TreasuryActor.sol";
import {TreasuryTest} from "../support/TreasuryTest.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @dev Policies whose every limit is met within hours: targets a step away, a cooldown of minutes, and one budget that
/// a few trades use up. Two tight budgets would hide each other.
abstract contract TreasuryInvariants is TreasuryTest {
    TreasuryActor internal actor;
    IRebalanceModule.Policy internal policy;

    function setUp() public override {
        super.setUp();
        StubOracle stub = new StubOracle();
        policy = _policy();
        (policy.sellTargetBps, policy.buyTargetBps, policy.cooldown) = (4000, 6000, 300);
        (policy.turnoverBudget, policy.lossBudget) = _budgets();
        policy.budgetPeriod = 6 hours;
        module = _deployModule(market.router, ISignalOracle(address(stub)), policy);
        _enable(module);
        (, int256 price,,,) = market.feed.latestRoundData();
        actor = new TreasuryActor(market, stub, module, uint256(price));
    }

    /// @dev forge calls this to know whom to fuzz.
    function targetContracts() external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(actor);
    }

    function _budgets() internal pure virtual returns (uint128 turnover, uint128 loss);

    /// @dev One capacity plus what has refilled.
    function _allowed(uint256 capacity) internal view returns (uint256) {
        uint256 elapsed = vm.getBlockTimestamp() - actor.startedAt();
        return capacity + capacity * elapsed / policy.budgetPeriod;
    }
}

/// @title What holds whatever happens around the treasury
contract RebalanceModuleInvariants is TreasuryInvariants {
    function invariant_TurnoverStaysWithinItsBudget() public view {
        vm.assertLe(actor.traded(), _allowed(policy.turnoverBudget) + 1, "turnover");
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

    function _budgets() internal pure override returns (uint128, uint128) {
        return (400_000e6, 100_000e6);
    }
}

/// @title What it costs, whatever happens
contract RebalanceModuleLossInvariant is TreasuryInvariants {
    function invariant_LossStaysWithinItsBudget() public view {
        // Rounding: a unit of base per trade.
        vm.assertLe(actor.lost(), _allowed(policy.lossBudget) + actor.executions() * 1000, "loss");
    }

    function _budgets() internal pure override returns (uint128, uint128) {
        return (20_000_000e6, 300e6);
    }
}
