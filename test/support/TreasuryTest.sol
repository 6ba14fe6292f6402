// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {AggregatorV3Interface} from "../../contracts/interfaces/AggregatorV3Interface.sol";
import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";
import {ISafe} from "../../contracts/interfaces/ISafe.sol";
import {ISignalOracle} from "../../contracts/interfaces/ISignalOracle.sol";
import {ISwapRouter, IUniswapV3Pool} from "../../contracts/interfaces/IUniswapV3.sol";
import {RebalanceModule} from "../../contracts/treasury/RebalanceModule.sol";
import {TreasuryMarket} from "../../contracts/treasury/TreasuryMarket.sol";
import {LocalMarket} from "../../scripts/support/LocalMarket.sol";
import {ISafeOwner, SafeOwner} from "../../scripts/support/SafeOwner.sol";
import {Fixtures} from "./Fixtures.sol";
import {OracleTest} from "./OracleTest.sol";

/// @title A treasury in a real Safe beside a real Uniswap v3 pool, fed by the real oracle
/// @notice 10 dBTC and the same value of dUSDT: an allocation of 50 %.
abstract contract TreasuryTest is OracleTest {
    uint256 internal constant TREASURY_BASE = 10e8;
    uint256 internal constant DEPTH = 5000e8;

    LocalMarket.Market internal market;
    RebalanceModule internal module;

    function setUp() public virtual override {
        super.setUp();
        Fixtures.Proven memory first = Fixtures.round(0);
        uint256 price = uint256(uint64(first.lastCloseE8));
        vm.warp(first.closeTime - 300);
        market = LocalMarket.deploy(address(this), price, DEPTH, TREASURY_BASE, TREASURY_BASE * price / 1e10);
        module = _deployModule(market.router, ISignalOracle(address(oracle)), _policy());
        _enable(module);
    }

    /// @dev The market reaches the round's close, the feed follows, the signal is submitted.
    function _reach(uint256 index) internal returns (uint80) {
        Fixtures.Proven memory s = Fixtures.round(index);
        vm.warp(s.closeTime);
        market.maker.moveTo(uint256(uint64(s.lastCloseE8)));
        return _submit(s);
    }

    /// @dev Moves the pool's spot price to so many bps of the feed's, without touching the feed.
    function _pushSpot(uint256 bps) internal {
        (, int256 price,,,) = market.feed.latestRoundData();
        // The maker moves both; the feed is put back.
        market.maker.moveTo(uint256(price) * bps / 10_000);
        vm.prank(address(market.maker));
        market.feed.set(price);
    }

    function _expectBlocked(uint80 roundId, IRebalanceModule.Guard guard) internal {
        IRebalanceModule.Plan memory plan = module.preview(roundId);
        vm.assertEq(uint256(plan.guard), uint256(guard), "preview names the guard");
        vm.expectRevert(abi.encodeWithSelector(IRebalanceModule.Blocked.selector, guard, plan.got, plan.want));
        module.execute(roundId);
    }

    function _expectBlocked(uint80 roundId, IRebalanceModule.Guard guard, uint256 got, uint256 want)
        internal
    {
        IRebalanceModule.Plan memory plan = module.preview(roundId);
        vm.assertEq(plan.got, got, "got");
        vm.assertEq(plan.want, want, "want");
        _expectBlocked(roundId, guard);
    }

    /// @dev At the feed's price.
    function _allocation() internal view returns (uint256 bps) {
        (, bps) = _valueAndAllocation();
    }

    function _valueAndAllocation() internal view returns (uint256, uint256) {
        (, int256 price,,,) = market.feed.latestRoundData();
        (uint256 baseBalance, uint256 quoteBalance) = module.balances();
        return module.valueAt(uint256(price), baseBalance, quoteBalance);
    }

    function _deployModule(address router, ISignalOracle oracle_, IRebalanceModule.Policy memory policy)
        internal
        returns (RebalanceModule)
    {
        return new RebalanceModule(_wiring(router, oracle_), _bounds(), policy, address(this), guardian);
    }

    function _wiring(address router, ISignalOracle oracle_)
        internal
        view
        returns (TreasuryMarket.Wiring memory)
    {
        return TreasuryMarket.Wiring({
            safe: ISafe(market.safe),
            oracle: oracle_,
            router: ISwapRouter(router),
            pool: IUniswapV3Pool(market.pool),
            feed: AggregatorV3Interface(address(market.feed)),
            base: address(market.base),
            quote: address(market.quote)
        });
    }

    function _enable(RebalanceModule module_) internal {
        SafeOwner.call(
            market.safe,
            address(this),
            market.safe,
            abi.encodeCall(ISafeOwner.enableModule, (address(module_)))
        );
    }

    function _policy() internal pure returns (IRebalanceModule.Policy memory) {
        return IRebalanceModule.Policy({
            sellTargetBps: 2000,
            buyTargetBps: 8000,
            maxStepBps: 1000,
            deadBandBps: 50,
            maxSlippageBps: 50,
            maxDeviationBps: 100,
            cooldown: 60,
            roundTtl: 300,
            vetoDelay: 0,
            feedMaxAge: 300,
            twapWindow: 60,
            budgetPeriod: 1 days,
            minTrade: 100e6,
            maxTrade: 250_000e6,
            turnoverBudget: 1_000_000e6,
            lossBudget: 5000e6
        });
    }

    function _bounds() internal pure returns (IRebalanceModule.Bounds memory) {
        return IRebalanceModule.Bounds({
            minTargetBps: 500,
            maxTargetBps: 9500,
            maxStepBps: 2500,
            maxSlippageBps: 200,
            maxDeviationBps: 300,
            minCooldown: 60,
            maxRoundTtl: 1 days,
            maxFeedAge: 1 days,
            minTwapWindow: 30,
            minBudgetPeriod: 1 hours,
            maxTrade: 5_000_000e6,
            maxTurnoverBudget: 20_000_000e6,
            maxLossBudget: 100_000e6
        });
    }
}
