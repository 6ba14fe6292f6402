// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {AggregatorV3Interface} from "../../contracts/interfaces/AggregatorV3Interface.sol";
import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";
import {ISafe} from "../../contracts/interfaces/ISafe.sol";
import {ISignalOracle} from "../../contracts/interfaces/ISignalOracle.sol";
import {ISwapRouter, IUniswapV3Pool} from "../../contracts/interfaces/IUniswapV3.sol";
import {RebalanceModule} from "../../contracts/treasury/RebalanceModule.sol";
import {TreasuryMarket} from "../../contracts/treasury/TreasuryMarket.sol";
import {HostilePool} from "../support/HostilePool.sol";
import {HostileRouter} from "../support/HostileRouter.sol";
import {TreasuryTest} from "../support/TreasuryTest.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

/// @title Who may change the treasury's rules, and how far
contract RebalanceModuleGovernanceTest is TreasuryTest {
    function test_setPolicy_EachFieldPastItsBound_Reverts() public {
        IRebalanceModule.Policy memory p = _policy();
        p.sellTargetBps = 499;
        _expectOutOfBounds(p, "sellTargetBps");
        p = _policy();
        p.sellTargetBps = 8001;
        _expectOutOfBounds(p, "sellTargetBps");
        p = _policy();
        p.buyTargetBps = 9501;
        _expectOutOfBounds(p, "buyTargetBps");
        p = _policy();
        p.maxStepBps = 2501;
        _expectOutOfBounds(p, "maxStepBps");
        p = _policy();
        p.maxStepBps = 0;
        _expectOutOfBounds(p, "maxStepBps");
        p = _policy();
        p.deadBandBps = 0;
        _expectOutOfBounds(p, "deadBandBps");
        p = _policy();
        p.maxSlippageBps = 201;
        _expectOutOfBounds(p, "maxSlippageBps");
        p = _policy();
        p.maxDeviationBps = 301;
        _expectOutOfBounds(p, "maxDeviationBps");
        p = _policy();
        p.cooldown = 59;
        _expectOutOfBounds(p, "cooldown");
        p = _policy();
        p.roundTtl = 1 days + 1;
        _expectOutOfBounds(p, "roundTtl");
        p = _policy();
        p.vetoDelay = 300;
        _expectOutOfBounds(p, "roundTtl");
        p = _policy();
        p.feedMaxAge = 1 days + 1;
        _expectOutOfBounds(p, "feedMaxAge");
        p = _policy();
        p.twapWindow = 29;
        _expectOutOfBounds(p, "twapWindow");
        p = _policy();
        p.budgetPeriod = 1 hours - 1;
        _expectOutOfBounds(p, "budgetPeriod");
        p = _policy();
        p.minTrade = 0;
        _expectOutOfBounds(p, "minTrade");
        p = _policy();
        p.maxTrade = 5_000_000e6 + 1;
        _expectOutOfBounds(p, "maxTrade");
        p = _policy();
        p.turnoverBudget = 20_000_000e6 + 1;
        _expectOutOfBounds(p, "turnoverBudget");
        p = _policy();
        p.lossBudget = 100_000e6 + 1;
        _expectOutOfBounds(p, "lossBudget");
    }

    function test_setPolicy_EachFieldAtOddsWithAnother_Reverts() public {
        IRebalanceModule.Policy memory p = _policy();
        p.buyTargetBps = 1999;
        _expectOutOfBounds(p, "sellTargetBps");
        p = _policy();
        p.deadBandBps = 10_000;
        _expectOutOfBounds(p, "deadBandBps");
        p = _policy();
        p.maxSlippageBps = 0;
        _expectOutOfBounds(p, "maxSlippageBps");
        p = _policy();
        p.maxDeviationBps = 0;
        _expectOutOfBounds(p, "maxDeviationBps");
        p = _policy();
        p.feedMaxAge = 0;
        _expectOutOfBounds(p, "feedMaxAge");
        p = _policy();
        p.twapWindow = 1 days + 1;
        _expectOutOfBounds(p, "twapWindow");
        p = _policy();
        p.budgetPeriod = 365 days + 1;
        _expectOutOfBounds(p, "budgetPeriod");
        p = _policy();
        p.minTrade = p.maxTrade + 1;
        _expectOutOfBounds(p, "minTrade");
        p = _policy();
        p.turnoverBudget = p.minTrade - 1;
        _expectOutOfBounds(p, "turnoverBudget");
        p = _policy();
        p.lossBudget = 0;
        _expectOutOfBounds(p, "lossBudget");
    }

    function test_setPolicy_AtTheBounds_IsAccepted() public {
        IRebalanceModule.Policy memory p = _policy();
        (p.sellTargetBps, p.buyTargetBps, p.maxStepBps) = (500, 9500, 2500);
        (p.maxSlippageBps, p.maxDeviationBps, p.maxTrade) = (200, 300, 5_000_000e6);
        (p.turnoverBudget, p.lossBudget, p.roundTtl) = (20_000_000e6, 100_000e6, 1 days);
        module.setPolicy(p);
        vm.assertEq(abi.encode(module.policy()), abi.encode(p), "stored");
        vm.assertEq(uint256(module.policySetAt()), block.timestamp, "time stored");
    }

    function test_constructor_RevertWhen_BoundsBoundNothing() public {
        IRebalanceModule.Bounds memory b = _bounds();
        b.minTargetBps = 9501;
        _expectBadBounds(b, "bounds.maxTargetBps", 9500);
        b = _bounds();
        b.maxTargetBps = 10_001;
        _expectBadBounds(b, "bounds.maxTargetBps", 10_001);
        b = _bounds();
        b.maxStepBps = 10_001;
        _expectBadBounds(b, "bounds.maxStepBps", 10_001);
        b = _bounds();
        b.maxSlippageBps = 1001;
        _expectBadBounds(b, "bounds.maxSlippageBps", 1001);
        b = _bounds();
        b.maxDeviationBps = 1001;
        _expectBadBounds(b, "bounds.maxDeviationBps", 1001);
        b = _bounds();
        b.minTwapWindow = 0;
        _expectBadBounds(b, "bounds.minTwapWindow", 0);
        b = _bounds();
        b.minBudgetPeriod = 0;
        _expectBadBounds(b, "bounds.minBudgetPeriod", 0);
    }

    function test_constructor_RevertWhen_InitialPolicyOutOfBounds() public {
        IRebalanceModule.Policy memory p = _policy();
        p.maxStepBps = 2501;
        TreasuryMarket.Wiring memory w = _wiring(market.router, ISignalOracle(address(oracle)));
        vm.expectPartialRevert(IRebalanceModule.PolicyOutOfBounds.selector);
        new RebalanceModule(w, _bounds(), p, address(this), guardian);
    }

    function test_constructor_RevertWhen_WiringIsWrong() public {
        TreasuryMarket.Wiring memory w = _wiring(market.router, ISignalOracle(address(oracle)));
        (w.base, w.quote) = (w.quote, address(oracle));
        _expectBadWiring(w, IRebalanceModule.PairMismatch.selector);
        w = _wiring(address(new HostileRouter(address(new EmptyFactory()))), ISignalOracle(address(oracle)));
        _expectBadWiring(w, IRebalanceModule.PairMismatch.selector);
        w = _wiring(market.router, ISignalOracle(stranger));
        _expectBadWiring(w, IRebalanceModule.NoCode.selector);
        w = _wiring(market.router, ISignalOracle(address(oracle)));
        w.safe = ISafe(stranger);
        _expectBadWiring(w, IRebalanceModule.NoCode.selector);
        w = _wiring(market.router, ISignalOracle(address(oracle)));
        vm.mockCall(
            address(w.feed), abi.encodeCall(AggregatorV3Interface.decimals, ()), abi.encode(uint8(19))
        );
        _expectBadWiring(w, IRebalanceModule.DecimalsTooLarge.selector);
    }

    /// @dev A factory that vouches for any pool does not make another pair of it.
    function test_constructor_RevertWhen_PoolHoldsOtherTokens() public {
        TreasuryMarket.Wiring memory w = _wiring(market.router, ISignalOracle(address(oracle)));
        address[2] memory others = [address(1), address(type(uint160).max)];
        for (uint256 i = 0; i < 4; ++i) {
            (address kept, address other) = (i < 2 ? w.base : w.quote, others[i % 2]);
            HostilePool pool = new HostilePool(kept, other);
            w.pool = IUniswapV3Pool(address(pool));
            w.router = ISwapRouter(address(new HostileRouter(address(pool))));
            _expectBadWiring(w, IRebalanceModule.PairMismatch.selector);
        }
    }

    function test_ownerFunctions_RevertWhen_GuardianOrStranger() public {
        for (uint256 i = 0; i < 2; ++i) {
            address caller = i == 0 ? guardian : stranger;
            bytes memory refused = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, caller);
            vm.prank(caller);
            vm.expectRevert(refused);
            module.setPolicy(_policy());
            vm.prank(caller);
            vm.expectRevert(refused);
            module.unpause();
            vm.prank(caller);
            vm.expectRevert(refused);
            module.setGuardian(caller);
            vm.prank(caller);
            vm.expectRevert(refused);
            module.transferOwnership(caller);
        }
    }

    function test_stops_RevertWhen_Stranger() public {
        bytes memory refused =
            abi.encodeWithSelector(IRebalanceModule.NotGuardian.selector, stranger, guardian);
        vm.startPrank(stranger);
        vm.expectRevert(refused);
        module.pause();
        vm.expectRevert(refused);
        module.shutDown();
        vm.expectRevert(refused);
        module.disableRound(1);
        vm.stopPrank();
    }

    function test_stops_OwnerToo() public {
        module.pause();
        module.disableRound(7);
        module.shutDown();
        vm.assertTrue(module.paused() && module.isRoundDisabled(7) && module.isShutDown(), "all stopped");
    }

    function test_setGuardian_RevertWhen_Zero() public {
        vm.expectRevert(IRebalanceModule.ZeroAddress.selector);
        module.setGuardian(address(0));
        module.setGuardian(stranger);
        vm.assertEq(module.guardian(), stranger, "set");
    }

    function test_renounceOwnership_IsBlocked() public {
        vm.expectRevert(IRebalanceModule.RenounceBlocked.selector);
        module.renounceOwnership();
    }

    function _expectOutOfBounds(IRebalanceModule.Policy memory p, bytes32 field) private {
        try module.setPolicy(p) {
            vm.assertTrue(false, "must revert");
        } catch (bytes memory problem) {
            vm.assertEq(
                bytes32(bytes4(problem)),
                bytes32(IRebalanceModule.PolicyOutOfBounds.selector),
                "PolicyOutOfBounds"
            );
            bytes32 named;
            assembly ("memory-safe") { named := mload(add(problem, 0x24)) }
            vm.assertEq(named, field, "names the field");
        }
    }

    function _expectBadBounds(IRebalanceModule.Bounds memory b, bytes32 field, uint256 got) private {
        TreasuryMarket.Wiring memory w = _wiring(market.router, ISignalOracle(address(oracle)));
        try new RebalanceModule(w, b, _policy(), address(this), guardian) {
            vm.assertTrue(false, "must revert");
        } catch (bytes memory problem) {
            bytes memory named =
                abi.encodeWithSelector(IRebalanceModule.PolicyOutOfBounds.selector, field, got);
            assembly ("memory-safe") { mstore(problem, mload(named)) }
            vm.assertEq(problem, named, "names the field");
        }
    }

    function _expectBadWiring(TreasuryMarket.Wiring memory w, bytes4 want) private {
        try new RebalanceModule(w, _bounds(), _policy(), address(this), guardian) {
            vm.assertTrue(false, "must revert");
        } catch (bytes memory problem) {
            vm.assertEq(bytes32(bytes4(problem)), bytes32(want), "names what is wrong");
        }
    }
}

/// @dev Test double: a factory that knows no pool.
contract EmptyFactory {
    function getPool(address, address, uint24) external pure returns (address) {
        return address(0);
    }
}
