// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";
import {Signal} from "../../contracts/interfaces/ISignalOracle.sol";
import {RebalanceModule} from "../../contracts/treasury/RebalanceModule.sol";
import {LocalMarket} from "../../scripts/support/LocalMarket.sol";
import {ISafeOwner} from "../../scripts/support/SafeOwner.sol";
import {StubOracle} from "./StubOracle.sol";
import {TreasuryActor} from "./TreasuryActor.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @dev The same, while governance changes its mind: pauses, vetoes, new policies, withdrawals, the Safe's owners
/// taking the module out, and, rarely, a shutdown. Executes without looking first.
contract TreasuryWarden is TreasuryActor {
    address private constant GUARDIAN = address(0x6A2D);
    address private constant STRANGER = address(0x57A6);

    bool public paused;
    bool public shutDownSeen;
    bool public enabled = true;
    mapping(uint80 roundId => bool) public vetoed;
    uint80 public lastExecuted;
    uint256 private _policySetAt;

    bool public tradedWhileStopped;
    bool public tradedWhileDisabled;
    bool public toldWhileDisabled;
    bool public tradedVetoed;
    bool public tradedOnHold;
    bool public tradedUnderLaterPolicy;
    bool public tradedWithoutPreview;
    bool public wentBack;
    bool public belowMinimum;
    bool public belowFloor;
    bool public movedOutsideExecute;
    bool public withdrawalFailed;
    bool public strangerSucceeded;

    constructor(LocalMarket.Market memory market, StubOracle oracle, RebalanceModule module, uint256 price)
        TreasuryActor(market, oracle, module, price)
    {}

    /// @dev Whatever round is asked for, by anyone, looking at nothing first.
    function executeAny(uint80 roundId) external {
        _execute(uint80(bound(roundId, 0, uint256(_oracle.latestRoundId()) + 1)));
    }

    function execute() public override {
        _execute(_oracle.latestRoundId());
    }

    /// @dev Stops are rare, or nothing else would be seen. The fuzzer likes zeros and powers of two: no dice wins by them.
    function pause(uint256 dice) external {
        if (dice % 5 != 3) return;
        vm.prank(GUARDIAN);
        _module.pause();
        paused = true;
    }

    function unpause() external {
        vm.prank(_operator);
        _module.unpause();
        paused = false;
    }

    function shutDown(uint256 dice) external {
        if (dice % 31 != 7) return;
        vm.prank(GUARDIAN);
        _module.shutDown();
        shutDownSeen = true;
    }

    /// @dev The latest round or the one to come.
    function veto(uint256 dice) external {
        uint80 id = uint80(_oracle.latestRoundId() + dice % 2);
        vm.prank(GUARDIAN);
        _module.disableRound(id);
        vetoed[id] = true;
    }

    /// @dev The same round again, when it has rested.
    function insist(uint256 kind, uint256 wait) external {
        signal(kind, 10_000, wait);
        execute();
        vm.warp(vm.getBlockTimestamp() + bound(wait, 60, 290));
        execute();
    }

    /// @dev A signal is known, governance makes a policy for it, in its very block or soon after, and executes.
    function aim(uint256 kind, uint256 wait, uint16 step) external {
        signal(kind, 10_000, wait);
        vm.warp(vm.getBlockTimestamp() + wait % 3);
        IRebalanceModule.Policy memory p = _module.policy();
        (p.vetoDelay, p.maxStepBps) = (0, uint16(bound(step, 100, 2500)));
        _setPolicy(p);
        execute();
    }

    /// @dev Any policy: the module must refuse what is out of bounds.
    function setPolicy(uint16[6] calldata bps, uint32[6] calldata times, uint128[4] calldata values) public {
        IRebalanceModule.Policy memory p = _module.policy();
        p.sellTargetBps = uint16(bound(bps[0], 400, 6000));
        p.buyTargetBps = uint16(bound(bps[1], 4000, 9600));
        p.maxStepBps = uint16(bound(bps[2], 0, 2600));
        p.deadBandBps = uint16(bound(bps[3], 0, 200));
        p.maxSlippageBps = uint16(bound(bps[4], 5, 210));
        p.maxDeviationBps = uint16(bound(bps[5], 50, 310));
        p.cooldown = uint32(bound(times[0], 50, 300));
        p.roundTtl = uint32(bound(times[1], 60, 90_000));
        // Under most delays nothing can be executed in the block of its signal, where most is tried.
        p.vetoDelay = times[2] % 4 == 3 ? uint32(bound(times[2], 1, 30)) : 0;
        p.twapWindow = uint32(bound(times[3], 25, 300));
        p.budgetPeriod = uint32(bound(times[4], 3000, 12 hours));
        p.minTrade = uint128(bound(values[0], 0, 1000e6));
        p.maxTrade = uint128(bound(values[1], 500e6, 5_100_000e6));
        p.turnoverBudget = uint128(bound(values[2], 500e6, 20_100_000e6));
        p.lossBudget = uint128(bound(values[3], 0, 101_000e6));
        _setPolicy(p);
    }

    /// @dev The Safe's owners take a little out, whatever state the module is in.
    function withdraw(uint256 amount, bool base) external {
        IERC20 token = IERC20(base ? address(_market.base) : address(_market.quote));
        amount = bound(amount, 0, token.balanceOf(_market.safe) / 50);
        uint256 before = token.balanceOf(STRANGER);
        if (!_asSafe(address(token), abi.encodeCall(IERC20.transfer, (STRANGER, amount)))) {
            withdrawalFailed = true;
        }
        if (token.balanceOf(STRANGER) != before + amount) withdrawalFailed = true;
    }

    function toggleModule(uint256 dice) external {
        if (dice % 5 != 3 && enabled) return;
        bytes memory call = enabled
            ? abi.encodeCall(ISafeOwner.disableModule, (address(1), address(_module)))
            : abi.encodeCall(ISafeOwner.enableModule, (address(_module)));
        if (_asSafe(_market.safe, call)) enabled = !enabled;
        else withdrawalFailed = true;
    }

    function intrude(uint256 who, uint256 what) external {
        address caller = who % 2 == 0 ? STRANGER : _market.safe;
        bytes[8] memory calls = [
            abi.encodeCall(IRebalanceModule.setPolicy, (_module.policy())),
            abi.encodeCall(IRebalanceModule.disableRound, (_oracle.latestRoundId())),
            abi.encodeCall(IRebalanceModule.pause, ()),
            abi.encodeCall(IRebalanceModule.unpause, ()),
            abi.encodeCall(IRebalanceModule.shutDown, ()),
            abi.encodeCall(IRebalanceModule.setGuardian, (caller)),
            abi.encodeWithSignature("transferOwnership(address)", caller),
            abi.encodeWithSignature("acceptOwnership()")
        ];
        bytes32 before = _digest(_holdings());
        vm.prank(caller);
        (bool done,) = address(_module).call(calls[what % 8]);
        if (done) strangerSucceeded = true;
        if (before != _digest(_holdings())) movedOutsideExecute = true;
    }

    function _setPolicy(IRebalanceModule.Policy memory p) private {
        vm.prank(_operator);
        try _module.setPolicy(p) {
            _policySetAt = block.timestamp;
        } catch {}
    }

    function _execute(uint80 id) private {
        IRebalanceModule.Plan memory plan = _module.preview(id);
        bool switchedOff =
            plan.guard > IRebalanceModule.Guard.None && plan.guard <= IRebalanceModule.Guard.ModuleNotEnabled;
        if (!enabled && !switchedOff) toldWhileDisabled = true;
        Holdings memory before = _holdings();
        vm.prank(STRANGER);
        try _module.execute(id) {
            if (plan.guard != IRebalanceModule.Guard.None) tradedWithoutPreview = true;
            if (paused || shutDownSeen) tradedWhileStopped = true;
            if (!enabled) tradedWhileDisabled = true;
            if (vetoed[id]) tradedVetoed = true;
            if (Signal(_oracle.round(id).class) == Signal.HOLD) tradedOnHold = true;
            if (_oracle.round(id).acceptedAt <= _policySetAt) tradedUnderLaterPolicy = true;
            if (id <= lastExecuted) wentBack = true;
            lastExecuted = id;
            _look(plan, before, _holdings());
        } catch {
            if (_digest(before) != _digest(_holdings())) movedOutsideExecute = true;
        }
    }

    function _look(IRebalanceModule.Plan memory plan, Holdings memory before, Holdings memory later) private {
        ++executions;
        bool selling = Signal(_oracle.round(lastExecuted).class) == Signal.SELL;
        uint256 received = selling ? later.quote - before.quote : later.base - before.base;
        uint256 spent = selling ? before.base - later.base : before.quote - later.quote;
        if (received < plan.minAmountOut || spent != plan.amountIn) belowMinimum = true;
        uint256 expected = selling ? spent * _price / 1e10 : spent * 1e10 / _price;
        IRebalanceModule.Policy memory p = _module.policy();
        if (received + 1 < expected * (10_000 - p.maxSlippageBps) / 10_000) belowMinimum = true;
        uint256 lowest = uint256(p.sellTargetBps) > p.deadBandBps ? p.sellTargetBps - p.deadBandBps : 0;
        if (selling && later.bps < lowest) belowFloor = true;
        if (!selling && later.bps > uint256(p.buyTargetBps) + p.deadBandBps) belowFloor = true;
    }

    function _asSafe(address to, bytes memory call) private returns (bool) {
        vm.prank(_operator);
        // The signature of a sole owner who sends the transaction.
        bytes memory consent = abi.encodePacked(uint256(uint160(_operator)), uint256(0), uint8(1));
        try ISafeOwner(_market.safe)
            .execTransaction(to, 0, call, 0, 0, 0, 0, address(0), payable(address(0)), consent) returns (
            bool done
        ) {
            return done;
        } catch {
            return false;
        }
    }

    function _digest(Holdings memory h) private pure returns (bytes32) {
        return keccak256(abi.encode(h.base, h.quote));
    }
}
