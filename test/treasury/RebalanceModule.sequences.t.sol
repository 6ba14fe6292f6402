// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";
import {ISignalOracle} from "../../contracts/interfaces/ISignalOracle.sol";
import {StubOracle} from "../support/StubOracle.sol";
import {TreasuryTest} from "../support/TreasuryTest.sol";
import {TreasuryWarden} from "../support/TreasuryWarden.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title What holds while governance pauses, vetoes, withdraws and changes its policy, in any order
contract RebalanceModuleSequences is TreasuryTest {
    TreasuryWarden private warden;

    function setUp() public override {
        super.setUp();
        StubOracle stub = new StubOracle();
        module = _deployModule(market.router, ISignalOracle(address(stub)), _policy());
        _enable(module);
        (, int256 price,,,) = market.feed.latestRoundData();
        warden = new TreasuryWarden(market, stub, module, uint256(price));
    }

    function invariant_ExecutedRoundsStrictlyIncrease() public view {
        vm.assertFalse(warden.wentBack(), "each at most once, in order");
        vm.assertEq(uint256(module.lastExecutedRound()), warden.lastExecuted(), "remembered");
    }

    function invariant_APausedModuleNeverTrades() public view {
        vm.assertFalse(warden.tradedWhileStopped(), "paused or shut down");
        vm.assertTrue(module.paused() == warden.paused(), "no pause or unpause but governance's");
    }

    function invariant_AShutdownIsForGood() public view {
        vm.assertTrue(module.isShutDown() == warden.shutDownSeen(), "nothing brings it back");
    }

    function invariant_AModuleTheSafeDisabledNeverTrades() public view {
        vm.assertFalse(warden.tradedWhileDisabled(), "the Safe's owners have the last word");
        vm.assertFalse(warden.toldWhileDisabled(), "and preview says so");
    }

    function invariant_AVetoedRoundIsNeverExecuted() public view {
        vm.assertFalse(warden.tradedVetoed(), "vetoed before or after its acceptance");
    }

    function invariant_HoldNeverTrades() public view {
        vm.assertFalse(warden.tradedOnHold(), "HOLD");
    }

    function invariant_NoRoundIsExecutedUnderALaterPolicy() public view {
        vm.assertFalse(warden.tradedUnderLaterPolicy(), "known signals cannot be aimed at");
    }

    function invariant_ExecuteDoesOnlyWhatPreviewAllows() public view {
        vm.assertFalse(warden.tradedWithoutPreview(), "same plan");
    }

    function invariant_EveryTradeSpendsExactlyAndGivesTheMinimum() public view {
        vm.assertFalse(warden.belowMinimum(), "at the feed's price, less the slippage");
    }

    /// @dev The floor of a token is what the target and the dead band behind it leave.
    function invariant_NoTradeLeavesLessThanTheFloor() public view {
        vm.assertFalse(warden.belowFloor(), "of base after a SELL, of quote after a BUY");
    }

    function invariant_OnlyASuccessfulExecuteMovesFunds() public view {
        vm.assertFalse(warden.movedOutsideExecute(), "all or nothing");
        IERC20[2] memory tokens = [IERC20(address(market.base)), IERC20(address(market.quote))];
        for (uint256 i = 0; i < 2; ++i) {
            vm.assertEq(tokens[i].balanceOf(address(module)), 0, "the module holds nothing");
            vm.assertEq(tokens[i].balanceOf(market.router), 0, "the router holds nothing");
            vm.assertEq(tokens[i].allowance(market.safe, market.router), 0, "and may take nothing");
            vm.assertEq(tokens[i].allowance(market.safe, address(module)), 0, "nor may the module");
        }
    }

    function invariant_OwnersCanAlwaysWithdraw() public view {
        vm.assertFalse(warden.withdrawalFailed(), "paused, shut down or not");
    }

    function invariant_PolicyStaysWithinTheBounds() public view {
        IRebalanceModule.Policy memory p = module.policy();
        IRebalanceModule.Bounds memory b = _bounds();
        vm.assertTrue(
            p.sellTargetBps >= b.minTargetBps && p.sellTargetBps <= p.buyTargetBps
                && p.buyTargetBps <= b.maxTargetBps,
            "targets"
        );
        vm.assertTrue(p.maxStepBps >= 1 && p.maxStepBps <= b.maxStepBps, "step");
        vm.assertTrue(p.maxSlippageBps >= 1 && p.maxSlippageBps <= b.maxSlippageBps, "slippage");
        vm.assertTrue(p.maxDeviationBps >= 1 && p.maxDeviationBps <= b.maxDeviationBps, "deviation");
        vm.assertTrue(p.cooldown >= b.minCooldown && p.roundTtl <= b.maxRoundTtl, "times of a round");
        vm.assertTrue(p.vetoDelay < p.roundTtl && p.twapWindow >= b.minTwapWindow, "other times");
        vm.assertTrue(p.budgetPeriod >= b.minBudgetPeriod, "period");
        vm.assertTrue(p.minTrade >= 1 && p.minTrade <= p.maxTrade && p.maxTrade <= b.maxTrade, "trade");
        vm.assertTrue(
            p.turnoverBudget <= b.maxTurnoverBudget && p.lossBudget >= 1 && p.lossBudget <= b.maxLossBudget,
            "budgets"
        );
    }

    function invariant_BudgetsLeftNeverExceedTheirCapacity() public view {
        (uint256 turnover, uint256 loss) = module.budgetsLeft();
        vm.assertLe(turnover, module.policy().turnoverBudget, "turnover");
        vm.assertLe(loss, module.policy().lossBudget, "loss");
    }

    function invariant_OnlyOwnerAndGuardianChangeTheTreasurysRules() public view {
        vm.assertFalse(warden.strangerSucceeded(), "no stranger, not even the Safe");
        vm.assertEq(module.owner(), address(this), "same owner");
        vm.assertEq(module.guardian(), guardian, "same guardian");
    }

    /// @dev forge calls this to know whom to fuzz.
    function targetContracts() external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(warden);
    }
}
