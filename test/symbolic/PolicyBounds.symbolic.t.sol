// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";
import {PolicyBounds} from "../../contracts/treasury/PolicyBounds.sol";
import {Test} from "../support/Test.sol";

/// @title Which policies and which bounds are accepted, for every possible field
/// @notice Proved by `make analyse`, not run by forge.
contract PolicyBoundsSymbolic is Test {
    uint256 private constant WHOLE = 10_000;

    /// @dev Each half says it in words of its own: what the fields may be alone, and what they must be together.
    function check_check_AcceptsExactlyWhatLiesWithinTheBounds(
        IRebalanceModule.Policy memory p,
        IRebalanceModule.Bounds memory b
    ) external view {
        bool expected = _withinTheBounds(p, b) && _agreesWithItself(p);
        try this.check(p, b) {
            vm.assertTrue(expected, "nothing beyond a bound is accepted");
        } catch {
            vm.assertTrue(!expected, "nothing within the bounds is refused");
        }
    }

    /// @dev Bounds that pass bound something: a tenth of slippage and deviation, a second of averaging and refilling.
    function check_checkBounds_AcceptsOnlyWhatBounds(IRebalanceModule.Bounds memory b) external view {
        try this.checkBounds(b) {
            vm.assertTrue(b.minTargetBps <= b.maxTargetBps && b.maxTargetBps <= WHOLE, "targets");
            vm.assertTrue(b.maxStepBps >= 1 && b.maxStepBps <= WHOLE, "step");
            vm.assertTrue(b.maxSlippageBps >= 1 && b.maxSlippageBps <= WHOLE / 10, "slippage");
            vm.assertTrue(b.maxDeviationBps >= 1 && b.maxDeviationBps <= WHOLE / 10, "deviation");
            vm.assertTrue(b.minTwapWindow >= 1 && b.minTwapWindow <= 1 days, "averaging");
            vm.assertTrue(b.minBudgetPeriod >= 1 && b.minBudgetPeriod <= 365 days, "refilling");
        } catch {}
    }

    function check(IRebalanceModule.Policy memory p, IRebalanceModule.Bounds memory b) external pure {
        PolicyBounds.check(p, b);
    }

    function checkBounds(IRebalanceModule.Bounds memory b) external pure {
        PolicyBounds.checkBounds(b);
    }

    function _withinTheBounds(IRebalanceModule.Policy memory p, IRebalanceModule.Bounds memory b)
        private
        pure
        returns (bool)
    {
        return p.sellTargetBps >= b.minTargetBps && p.buyTargetBps <= b.maxTargetBps
            && p.maxStepBps <= b.maxStepBps && p.maxSlippageBps <= b.maxSlippageBps
            && p.maxDeviationBps <= b.maxDeviationBps && p.cooldown >= b.minCooldown
            && p.roundTtl <= b.maxRoundTtl && p.feedMaxAge <= b.maxFeedAge && p.twapWindow >= b.minTwapWindow
            && p.budgetPeriod >= b.minBudgetPeriod && p.maxTrade <= b.maxTrade
            && p.turnoverBudget <= b.maxTurnoverBudget && p.lossBudget <= b.maxLossBudget;
    }

    function _agreesWithItself(IRebalanceModule.Policy memory p) private pure returns (bool) {
        return p.sellTargetBps <= p.buyTargetBps && p.maxStepBps != 0 && p.deadBandBps != 0
            && p.deadBandBps < WHOLE && p.maxSlippageBps != 0 && p.maxDeviationBps != 0
            && p.roundTtl > p.vetoDelay && p.feedMaxAge != 0 && p.twapWindow <= 1 days
            && p.budgetPeriod <= 365 days && p.minTrade != 0 && p.minTrade <= p.maxTrade
            && p.minTrade <= p.turnoverBudget && p.lossBudget != 0;
    }
}
