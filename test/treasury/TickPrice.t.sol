// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {TickPrice} from "../../contracts/treasury/TickPrice.sol";
import {Test} from "../support/Test.sol";

/// @title Prices against values computed with 80 decimal digits
contract TickPriceTest is Test {
    uint256 private constant BASE_UNIT_E8 = 1e16;
    uint256 private constant QUOTE_UNIT = 1e6;

    function test_ratioX128_KnownTicks_AgreeToTwentyFiveDigits() public pure {
        vm.assertEq(TickPrice.ratioX128(0), 1 << 128, "tick 0");
        _assertClose(TickPrice.ratioX128(1), 340_316_395_157_630_557_309_720_944_892_511_388_277);
        _assertClose(TickPrice.ratioX128(63_973), 204_179_731_194_569_489_626_664_634_079_552_122_391_605);
        _assertClose(
            TickPrice.ratioX128(276_324), 340_281_467_274_263_344_194_458_752_290_081_064_433_641_032_252_902
        );
        _assertClose(
            TickPrice.ratioX128(443_636),
            6_276_865_796_315_986_613_124_653_049_736_089_218_042_070_172_883_354_907_230
        );
    }

    function test_priceE8_BothTokenOrders_KnownTicks() public pure {
        vm.assertEq(
            TickPrice.priceE8(63_973, true, BASE_UNIT_E8, QUOTE_UNIT), 6_000_303_014_290, "BTC as token0"
        );
        vm.assertEq(
            TickPrice.priceE8(-63_973, false, BASE_UNIT_E8, QUOTE_UNIT), 6_000_303_014_290, "BTC as token1"
        );
        vm.assertEq(TickPrice.priceE8(-63_973, true, BASE_UNIT_E8, QUOTE_UNIT), 16_665_825, "rounded down");
        vm.assertEq(TickPrice.priceE8(0, true, BASE_UNIT_E8, QUOTE_UNIT), 1e10, "one raw for one raw");
        vm.assertEq(TickPrice.priceE8(-196_000, true, 1e26, 1e6), 307_789_453_783, "18 and 6 decimals");
        vm.assertEq(TickPrice.priceE8(200_000, false, 1e26, 1e6), 206_321_566_944, "the other order");
    }

    function testFuzz_ratioX128_NextTick_IsOneBasisPointMore(uint256 tick) public pure {
        tick = bound(tick, 0, uint256(TickPrice.MAX_TICK) - 1);
        uint256 here = TickPrice.ratioX128(tick);
        _assertClose(TickPrice.ratioX128(tick + 1), here + here / 10_000);
    }

    function testFuzz_priceE8_TokenOrders_Agree(uint256 tick) public pure {
        int256 t = int256(bound(tick, 0, 300_000)) - 150_000;
        vm.assertEq(
            TickPrice.priceE8(t, true, BASE_UNIT_E8, QUOTE_UNIT),
            TickPrice.priceE8(-t, false, BASE_UNIT_E8, QUOTE_UNIT),
            "mirror"
        );
    }

    function test_ratioX128_RevertWhen_TickOutOfRange() public {
        vm.expectRevert(
            abi.encodeWithSelector(TickPrice.TickOutOfRange.selector, int256(443_637), int256(443_636))
        );
        this.ratio(443_637);
    }

    function test_mean_RoundsTowardNegativeInfinity() public pure {
        vm.assertEq(TickPrice.mean(0, 7, 2), int256(3), "3.5 down to 3");
        vm.assertEq(TickPrice.mean(0, -7, 2), int256(-4), "-3.5 down to -4");
        vm.assertEq(TickPrice.mean(5, -7, 2), int256(-6), "exact");
        vm.assertEq(
            TickPrice.mean(type(int56).min, type(int56).max, type(uint32).max), int256(16_777_216), "wide"
        );
    }

    function ratio(uint256 tick) external pure returns (uint256) {
        return TickPrice.ratioX128(tick);
    }

    /// @dev Relative 10^-25.
    function _assertClose(uint256 got, uint256 want) private pure {
        uint256 distance = got > want ? got - want : want - got;
        vm.assertLe(distance, want / 1e25 + 1, "close");
    }
}
