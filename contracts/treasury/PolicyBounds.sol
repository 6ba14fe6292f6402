// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {IRebalanceModule} from "../interfaces/IRebalanceModule.sol";

/// @title Which policies a treasury can have
library PolicyBounds {
    uint256 private constant WHOLE = 10_000;

    /// @notice Reverts unless every field of `p` lies within `b` and the fields agree with each other.
    function check(IRebalanceModule.Policy memory p, IRebalanceModule.Bounds memory b) internal pure {
        _within("sellTargetBps", p.sellTargetBps, b.minTargetBps, p.buyTargetBps);
        _within("buyTargetBps", p.buyTargetBps, p.sellTargetBps, b.maxTargetBps);
        _within("maxStepBps", p.maxStepBps, 1, b.maxStepBps);
        _within("deadBandBps", p.deadBandBps, 1, WHOLE - 1);
        _within("maxSlippageBps", p.maxSlippageBps, 1, b.maxSlippageBps);
        _within("maxDeviationBps", p.maxDeviationBps, 1, b.maxDeviationBps);
        _within("cooldown", p.cooldown, b.minCooldown, type(uint32).max);
        _within("roundTtl", p.roundTtl, uint256(p.vetoDelay) + 1, b.maxRoundTtl);
        _within("feedMaxAge", p.feedMaxAge, 1, b.maxFeedAge);
        _within("twapWindow", p.twapWindow, b.minTwapWindow, 1 days);
        _within("budgetPeriod", p.budgetPeriod, b.minBudgetPeriod, 365 days);
        _within("minTrade", p.minTrade, 1, p.maxTrade);
        _within("maxTrade", p.maxTrade, p.minTrade, b.maxTrade);
        _within("turnoverBudget", p.turnoverBudget, p.minTrade, b.maxTurnoverBudget);
        _within("lossBudget", p.lossBudget, 1, b.maxLossBudget);
    }

    /// @notice Reverts unless the bounds themselves bound anything.
    function checkBounds(IRebalanceModule.Bounds memory b) internal pure {
        _within("bounds.maxTargetBps", b.maxTargetBps, b.minTargetBps, WHOLE);
        _within("bounds.maxStepBps", b.maxStepBps, 1, WHOLE);
        _within("bounds.maxSlippageBps", b.maxSlippageBps, 1, WHOLE / 10);
        _within("bounds.maxDeviationBps", b.maxDeviationBps, 1, WHOLE / 10);
        _within("bounds.minTwapWindow", b.minTwapWindow, 1, 1 days);
        _within("bounds.minBudgetPeriod", b.minBudgetPeriod, 1, 365 days);
    }

    function _within(bytes32 field, uint256 got, uint256 min, uint256 max) private pure {
        if (got < min || got > max) revert IRebalanceModule.PolicyOutOfBounds(field, got, min, max);
    }
}
