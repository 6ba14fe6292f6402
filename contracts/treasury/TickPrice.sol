// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Prices from Uniswap v3 ticks
/// @notice A tick t stands for the raw price 1.0001^t (token1 per token0, in smallest units). The power is taken by
/// squaring in 128-bit fixed point; the relative error stays below 2^-100.
library TickPrice {
    /// @notice Ticks beyond this (raw prices outside 2^-64..2^64) are refused.
    int256 internal constant MAX_TICK = 443_636;
    /// @dev 1.0001 * 2^128, rounded to nearest
    uint256 private constant BASE = 0x100068db8bac710cb295e9e1b089a0275;

    error TickOutOfRange(int256 got, int256 max);

    /// @notice Average tick of a period, rounded down, from two cumulative readings.
    function mean(int56 earlier, int56 later, uint32 period) internal pure returns (int256 tick) {
        int256 sum = int256(later) - int256(earlier);
        tick = sum / int256(uint256(period));
        if (sum < 0 && sum % int256(uint256(period)) != 0) --tick;
    }

    /// @notice 1.0001^|tick| * 2^128.
    function ratioX128(uint256 absTick) internal pure returns (uint256 ratio) {
        if (absTick > uint256(MAX_TICK)) revert TickOutOfRange(int256(absTick), MAX_TICK);
        ratio = 1 << 128;
        uint256 square = BASE;
        for (uint256 bits = absTick; bits != 0; bits >>= 1) {
            if (bits & 1 != 0) ratio = Math.mulShr(ratio, square, 128, Math.Rounding.Floor);
            square = Math.mulShr(square, square, 128, Math.Rounding.Floor);
        }
    }

    /// @notice Quote per base with 8 decimals.
    /// @param tick Tick of the pool.
    /// @param baseIsToken0 Whether the base token is the pool's token0.
    /// @param baseUnitE8 10^(base decimals + 8).
    /// @param quoteUnit 10^(quote decimals).
    function priceE8(int256 tick, bool baseIsToken0, uint256 baseUnitE8, uint256 quoteUnit)
        internal
        pure
        returns (uint256)
    {
        int256 exponent = baseIsToken0 ? tick : -tick;
        if (exponent >= 0) {
            return Math.mulDiv(ratioX128(uint256(exponent)), baseUnitE8, quoteUnit << 128);
        }
        // The ratio is at most 2^192 and a unit at most 10^18: the product fits.
        return Math.mulDiv(baseUnitE8, 1 << 128, ratioX128(uint256(-exponent)) * quoteUnit);
    }
}
