// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";
import {ISignalOracle, Signal} from "../../contracts/interfaces/ISignalOracle.sol";
import {IUniswapV3Pool} from "../../contracts/interfaces/IUniswapV3.sol";
import {RebalanceModule} from "../../contracts/treasury/RebalanceModule.sol";
import {TickPrice} from "../../contracts/treasury/TickPrice.sol";
import {TreasuryMarket} from "../../contracts/treasury/TreasuryMarket.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {HostilePool} from "../support/HostilePool.sol";
import {HostileRouter} from "../support/HostileRouter.sol";
import {TreasuryTest} from "../support/TreasuryTest.sol";

/// @title Whatever the pool answers, a guard has a name for it
contract RebalanceModulePoolTest is TreasuryTest {
    HostilePool private pool;
    bool private baseIsToken0;
    int256 private tick;
    uint80 private id;

    function setUp() public override {
        super.setUp();
        pool = new HostilePool(address(market.base), address(market.quote));
        baseIsToken0 = address(market.base) < address(market.quote);
        HostileRouter router = new HostileRouter(address(pool));
        market.base.mint(address(router), 1000e8);
        TreasuryMarket.Wiring memory w = _wiring(address(router), ISignalOracle(address(oracle)));
        w.pool = IUniswapV3Pool(address(pool));
        module = new RebalanceModule(w, _bounds(), _policy(), address(this), guardian);
        _enable(module);
        id = _reach(Fixtures.find(Signal.BUY, 0));
        tick = _tickOfFeed();
        pool.answerWith(_observed(tick), 0);
    }

    function test_execute_PoolAgrees_Works() public {
        module.execute(id);
    }

    function test_execute_RevertWhen_PoolReverts() public {
        pool.setMood(HostilePool.Mood.Reverts);
        _expectBlocked(id, IRebalanceModule.Guard.TwapUnavailable, 0, 60);
    }

    function test_execute_RevertWhen_PoolIsGone() public {
        vm.etch(address(pool), "");
        _expectBlocked(id, IRebalanceModule.Guard.TwapUnavailable, 0, 60);
    }

    function test_execute_RevertWhen_PoolAnswersTooLittle() public {
        bytes memory whole = _observed(tick);
        uint256[6] memory lengths = [uint256(0), 1, 32, 64, 128, 159];
        for (uint256 i = 0; i < lengths.length; ++i) {
            bytes memory part = new bytes(lengths[i]);
            for (uint256 j = 0; j < part.length; ++j) {
                part[j] = whole[j];
            }
            pool.answerWith(part, 0);
            _expectBlocked(id, IRebalanceModule.Guard.TwapUnavailable, 0, 60);
        }
    }

    function test_execute_RevertWhen_PoolAnswersAnotherShape() public {
        int56[] memory one = new int56[](1);
        pool.answerWith(abi.encode(one, new uint160[](1)), 64);
        _expectBlocked(id, IRebalanceModule.Guard.TwapUnavailable);
        pool.answerWith(abi.encode(new int56[](3), new uint160[](3)), 0);
        _expectBlocked(id, IRebalanceModule.Guard.TwapUnavailable);
        // The right numbers behind an offset of their own.
        pool.answerWith(abi.encode(uint256(0x60), uint256(0xa0), uint256(2), int256(0), tick * 60), 0);
        _expectBlocked(id, IRebalanceModule.Guard.TwapUnavailable);
        // A sum that is no int56, though its low bits are the right ones.
        uint256 dirty = uint256(uint56(int56(tick * 60))) | 1 << 200;
        pool.answerWith(abi.encode(uint256(0x40), uint256(0xa0), uint256(2), int256(0), dirty), 0);
        _expectBlocked(id, IRebalanceModule.Guard.TwapUnavailable);
    }

    function test_execute_RevertWhen_PoolAnswersATickThatNoPoolHas() public {
        pool.answerWith(_observed(TickPrice.MAX_TICK + 1), 0);
        _expectBlocked(id, IRebalanceModule.Guard.TwapUnavailable);
        pool.answerWith(_observed(-TickPrice.MAX_TICK - 1), 0);
        _expectBlocked(id, IRebalanceModule.Guard.TwapUnavailable);
    }

    function test_execute_RevertWhen_PoolLiesAboutThePrice() public {
        // 102 ticks are 1.02 %.
        pool.answerWith(_observed(tick + 102), 0);
        _expectBlocked(id, IRebalanceModule.Guard.TwapDeviates);
        pool.answerWith(_observed(tick - 102), 0);
        _expectBlocked(id, IRebalanceModule.Guard.TwapDeviates);
        pool.answerWith(_observed(-tick), 0);
        _expectBlocked(id, IRebalanceModule.Guard.TwapDeviates);
    }

    function test_execute_PoolAnswersAMegabyte_CostsLittle() public {
        pool.answerWith(_observed(tick), 1_000_000);
        uint256 before = gasleft();
        vm.assertEq(uint256(module.preview(id).guard), 0, "the first five words count");
        vm.assertLe(before - gasleft(), 6_000_000, "the pool's own memory, not ours as well");
        module.execute(id);
    }

    function test_execute_PoolBurnsItsGas_IsNamedFromTheRest() public {
        pool.setMood(HostilePool.Mood.BurnsItsGas);
        vm.assertEq(
            uint256(module.preview(id).guard), uint256(IRebalanceModule.Guard.TwapUnavailable), "named"
        );
    }

    function test_execute_PoolReentersWhileObserved_TradesOnce() public {
        (, uint256 before) = module.balances();
        IRebalanceModule.Plan memory plan = module.preview(id);
        pool.reenterWith(address(module), abi.encodeCall(IRebalanceModule.execute, (id)));
        module.execute(id);
        (, uint256 later) = module.balances();
        vm.assertEq(before - later, plan.amountIn, "spent once");
    }

    function testFuzz_preview_AnyObservation_NamesAGuardOrAgrees(bytes calldata noise, int56 sum) public {
        if (noise.length % 2 == 0) pool.answerWith(noise, 0);
        else pool.answerWith(abi.encode(uint256(0x40), uint256(0xa0), uint256(2), int256(0), sum), 0);
        IRebalanceModule.Plan memory plan = module.preview(id);
        if (plan.guard != IRebalanceModule.Guard.None) {
            bool named = plan.guard == IRebalanceModule.Guard.TwapUnavailable
                || plan.guard == IRebalanceModule.Guard.TwapDeviates;
            vm.assertTrue(named, "by what is wrong with it");
        }
    }

    /// @dev The answer of a pool that stood at one tick for the whole window.
    function _observed(int256 tick_) private pure returns (bytes memory) {
        int56[] memory sums = new int56[](2);
        sums[1] = int56(tick_ * 60);
        return abi.encode(sums, new uint160[](2));
    }

    /// @dev By search: the tick whose price is the feed's.
    function _tickOfFeed() private view returns (int256) {
        (, int256 answer,,,) = market.feed.latestRoundData();
        (int256 low, int256 high) = (-TickPrice.MAX_TICK, TickPrice.MAX_TICK);
        while (low < high) {
            int256 middle = (low + high) / 2;
            bool above = TickPrice.priceE8(middle, baseIsToken0, 1e16, 1e6) >= uint256(answer);
            if (above == baseIsToken0) high = middle;
            else low = middle + 1;
        }
        return low;
    }
}
