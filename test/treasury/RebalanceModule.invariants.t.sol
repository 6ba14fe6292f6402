// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";
import {ISignalOracle, Signal} from "../../contracts/interfaces/ISignalOracle.sol";
import {RebalanceModule} from "../../contracts/treasury/RebalanceModule.sol";
import {LocalMarket} from "../../scripts/support/LocalMarket.sol";
import {StubOracle} from "../support/StubOracle.sol";
import {Test} from "../support/Test.sol";
import {TreasuryTest} from "../support/TreasuryTest.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @dev Time passes, prices move, signals flap, spots are pushed, gifts arrive; anyone executes.
contract TreasuryActor is Test {
    LocalMarket.Market private _market;
    StubOracle private immutable _oracle;
    RebalanceModule private immutable _module;
    uint256 private _price;
    /// @dev May move the market.
    address private immutable _operator;

    uint256 public executions;
    uint256 public traded;
    uint256 public lost;
    uint256 public worstStepBps;
    bool public strayed;
    uint256 public startedAt;
    uint256 public latestExecution;
    bool public executedTooSoon;

    constructor(LocalMarket.Market memory market, StubOracle oracle, RebalanceModule module, uint256 price) {
        (_market, _oracle, _module) = (market, oracle, module);
        _price = price;
        _operator = msg.sender;
        startedAt = block.timestamp;
    }

    /// @dev The usual way: a signal arrives and somebody executes it at once.
    function signalAndExecute(uint256 kind, uint256 move, uint256 gap) external {
        signal(kind, move, gap);
        execute();
    }

    function signal(uint256 kind, uint256 move, uint256 gap) public {
        vm.warp(vm.getBlockTimestamp() + bound(gap, 30, 900));
        _price = _price * bound(move, 9950, 10_050) / 10_000;
        vm.prank(_operator);
        _market.maker.moveTo(_price);
        _oracle.push(Signal(kind % 3), _price);
    }

    function pushSpot(uint256 move) external {
        vm.prank(_operator);
        _market.maker.moveTo(_price * bound(move, 9700, 10_300) / 10_000);
        vm.prank(address(_market.maker));
        _market.feed.set(int256(_price));
    }

    function donate(uint256 amount, bool base) external {
        if (base) _market.base.mint(_market.safe, bound(amount, 1, 1e8));
        else _market.quote.mint(_market.safe, bound(amount, 1, 60_000e6));
    }

    function execute() public {
        uint80 id = _oracle.latestRoundId();
        IRebalanceModule.Plan memory plan = _module.preview(id);
        if (plan.guard != IRebalanceModule.Guard.None) return;
        try _module.execute(id) {
            _record(plan);
        } catch {
            // The pool did not give the minimum: the treasury is as before.
        }
    }

    function _record(IRebalanceModule.Plan memory plan) private {
        (uint256 baseBalance, uint256 quoteBalance) = _module.balances();
        (uint256 value, uint256 bps) = _module.valueAt(plan.priceE8, baseBalance, quoteBalance);
        ++executions;
        traded += plan.tradeValue;
        if (value < plan.treasuryValue) lost += plan.treasuryValue - value;
        bool selling = plan.signal == Signal.SELL;
        uint256 step = bps > plan.allocationBps ? bps - plan.allocationBps : plan.allocationBps - bps;
        if (step > worstStepBps) worstStepBps = step;
        bool ok = selling
            ? bps <= plan.allocationBps && bps + 50 >= plan.targetBps
            : bps >= plan.allocationBps && bps <= plan.targetBps + 50;
        if (!ok) strayed = true;
        if (latestExecution != 0 && block.timestamp < latestExecution + 60) executedTooSoon = true;
        latestExecution = block.timestamp;
    }
}

/// @title What holds whatever happens around the treasury
contract RebalanceModuleInvariants is TreasuryTest {
    TreasuryActor private actor;
    IRebalanceModule.Policy private policy;

    function setUp() public override {
        super.setUp();
        StubOracle stub = new StubOracle();
        policy = _policy();
        (policy.turnoverBudget, policy.lossBudget, policy.budgetPeriod) = (400_000e6, 1000e6, 6 hours);
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
