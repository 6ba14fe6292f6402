// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";
import {Signal} from "../../contracts/interfaces/ISignalOracle.sol";
import {RebalanceModule} from "../../contracts/treasury/RebalanceModule.sol";
import {LocalMarket} from "../../scripts/support/LocalMarket.sol";
import {StubOracle} from "./StubOracle.sol";
import {Test} from "./Test.sol";

/// @dev Time passes, prices move, signals flap, spots are pushed, gifts arrive; anyone executes.
contract TreasuryActor is Test {
    LocalMarket.Market internal _market;
    StubOracle internal immutable _oracle;
    RebalanceModule internal immutable _module;
    uint256 internal _price;
    /// @dev May move the market; owns Safe and module.
    address internal immutable _operator;

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

    function execute() public virtual {
        uint80 id = _oracle.latestRoundId();
        IRebalanceModule.Plan memory plan = _module.preview(id);
        if (plan.guard != IRebalanceModule.Guard.None) return;
        try _module.execute(id) {
            _record(plan);
        } catch {
            // The pool did not give the minimum: the treasury is as before.
        }
    }

    function _record(IRebalanceModule.Plan memory plan) internal virtual {
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
