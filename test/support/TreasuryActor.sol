// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";
import {Signal} from "../../contracts/interfaces/ISignalOracle.sol";
import {RebalanceModule} from "../../contracts/treasury/RebalanceModule.sol";
import {LocalMarket} from "../../scripts/support/LocalMarket.sol";
import {StubOracle} from "./StubOracle.sol";
import {Test} from "./Test.sol";

/// @dev Time passes, prices move, signals flap, spots are pushed, trades sandwiched, gifts arrive; anyone executes. What
/// came of a trade is measured here, with the price and the policy known here: nothing the module says is believed.
contract TreasuryActor is Test {
    struct Holdings {
        uint256 base;
        uint256 quote;
        uint256 value;
        uint256 bps;
    }

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

    /// @dev Somebody pushes the spot against the trade, has it executed, and lets go, all in one block.
    function sandwich(uint256 kind, uint256 push, uint256 gap) external {
        signal(kind, 10_000, gap);
        push = bound(push, 20, 50);
        _push(Signal(kind % 3) == Signal.SELL ? 10_000 - push : 10_000 + push);
        execute();
        vm.prank(_operator);
        _market.maker.moveTo(_price);
    }

    function pass(uint256 gap) external {
        vm.warp(vm.getBlockTimestamp() + bound(gap, 1, 300));
    }

    function pushSpot(uint256 move) external {
        _push(bound(move, 9700, 10_300));
    }

    function donate(uint256 amount, bool base) external {
        if (base) _market.base.mint(_market.safe, bound(amount, 1, 1e8));
        else _market.quote.mint(_market.safe, bound(amount, 1, 60_000e6));
    }

    function execute() public virtual {
        uint80 id = _oracle.latestRoundId();
        IRebalanceModule.Plan memory plan = _module.preview(id);
        if (plan.guard != IRebalanceModule.Guard.None) return;
        Holdings memory before = _holdings();
        try _module.execute(id) {
            _record(plan.signal == Signal.SELL, before, _holdings());
        } catch {
            // The pool did not give the minimum: the treasury is as before.
        }
    }

    function _record(bool selling, Holdings memory before, Holdings memory later) private {
        IRebalanceModule.Policy memory p = _module.policy();
        ++executions;
        traded += selling ? (before.base - later.base) * _price / 1e10 : before.quote - later.quote;
        if (later.value < before.value) lost += before.value - later.value;
        uint256 step = later.bps > before.bps ? later.bps - before.bps : before.bps - later.bps;
        if (step > worstStepBps) worstStepBps = step;
        bool ok = selling
            ? later.bps <= before.bps && later.bps + p.deadBandBps >= p.sellTargetBps
            : later.bps >= before.bps && later.bps <= uint256(p.buyTargetBps) + p.deadBandBps;
        if (!ok) strayed = true;
        if (latestExecution != 0 && block.timestamp < latestExecution + p.cooldown) executedTooSoon = true;
        latestExecution = block.timestamp;
    }

    /// @dev At the feed's price; base and quote have 8 and 6 decimals.
    function _holdings() internal view returns (Holdings memory h) {
        (h.base, h.quote) = _module.balances();
        uint256 baseValue = h.base * _price / 1e10;
        h.value = baseValue + h.quote;
        h.bps = h.value == 0 ? 0 : baseValue * 10_000 / h.value;
    }

    function _push(uint256 bps) private {
        vm.prank(_operator);
        _market.maker.moveTo(_price * bps / 10_000);
        vm.prank(address(_market.maker));
        _market.feed.set(int256(_price));
    }
}
