// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {IUniswapV3Pool} from "../../contracts/interfaces/IUniswapV3.sol";
import {PriceGuard} from "../../contracts/treasury/PriceGuard.sol";
import {TickPrice} from "../../contracts/treasury/TickPrice.sol";
import {Test} from "../support/Test.sol";

/// @title What the time-weighted price makes of a pool at the ends of the tick range
contract PriceGuardTest is Test {
    uint32 private constant WINDOW = 60;
    IUniswapV3Pool private constant POOL = IUniswapV3Pool(address(0x9001));

    function setUp() public {
        vm.etch(address(POOL), hex"00");
    }

    function test_readTwap_TickOutOfRange_IsUnavailableAndDoesNotRevert() public {
        int256[4] memory ticks =
            [TickPrice.MAX_TICK + 1, -TickPrice.MAX_TICK - 1, int256(887_272), int256(-887_272)];
        for (uint256 i = 0; i < ticks.length; ++i) {
            (bool available, uint256 price) = _twapAt(ticks[i]);
            vm.assertFalse(available, "out of range");
            vm.assertEq(price, 0, "no price");
        }
    }

    function test_readTwap_TickAtTheEndOfTheRange_HasAPriceUnlessItRoundsToZero() public {
        (bool available, uint256 price) = _twapAt(TickPrice.MAX_TICK);
        vm.assertTrue(available && price != 0, "the highest");
        (available, price) = _twapAt(-TickPrice.MAX_TICK);
        vm.assertTrue(!available && price == 0, "the lowest is less than a unit of the eighth decimal");
    }

    function _twapAt(int256 tick) private returns (bool, uint256) {
        int56[] memory cumulatives = new int56[](2);
        cumulatives[1] = int56(tick * int256(uint256(WINDOW)));
        vm.clearMockedCalls();
        vm.mockCall(
            address(POOL),
            abi.encodePacked(IUniswapV3Pool.observe.selector),
            abi.encode(cumulatives, new uint160[](2))
        );
        return PriceGuard.readTwap(POOL, WINDOW, true, 1e16, 1e6);
    }
}
