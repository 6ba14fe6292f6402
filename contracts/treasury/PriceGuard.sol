// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {AggregatorV3Interface} from "../interfaces/AggregatorV3Interface.sol";
import {IUniswapV3Pool} from "../interfaces/IUniswapV3.sol";
import {TickPrice} from "./TickPrice.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Independent prices
/// @notice Reads a Chainlink-shaped feed and a pool's time-weighted price, both as quote per base with 8 decimals.
library PriceGuard {
    /// @dev Larger answers are nonsense and would only threaten later multiplications.
    int256 private constant LARGEST_ANSWER = 1e36;

    /// @notice The feed's answer in 8 decimals.
    /// @return available False when the feed reverts, is from the future, or is absurdly large.
    /// @return price Zero when the answer is not positive.
    /// @return updatedAt When the feed says it was last updated.
    function readFeed(AggregatorV3Interface feed, uint256 feedDecimals)
        internal
        view
        returns (bool available, uint256 price, uint256 updatedAt)
    {
        try feed.latestRoundData() returns (uint80, int256 answer, uint256, uint256 updated, uint80) {
            if (updated == 0 || updated > block.timestamp || answer > LARGEST_ANSWER) {
                return (false, 0, updated);
            }
            if (answer <= 0) return (true, 0, updated);
            uint256 raw = uint256(answer);
            price = feedDecimals >= 8 ? raw / 10 ** (feedDecimals - 8) : raw * 10 ** (8 - feedDecimals);
            return (true, price, updated);
        } catch {
            return (false, 0, 0);
        }
    }

    /// @notice The pool's price averaged over the last `window` seconds.
    /// @return available False when the pool does not remember that far back or its tick is out of range.
    function readTwap(
        IUniswapV3Pool pool,
        uint32 window,
        bool baseIsToken0,
        uint256 baseUnitE8,
        uint256 quoteUnit
    ) internal view returns (bool available, uint256 price) {
        uint32[] memory ago = new uint32[](2);
        ago[0] = window;
        try pool.observe(ago) returns (int56[] memory cumulatives, uint160[] memory) {
            int256 tick = TickPrice.mean(cumulatives[0], cumulatives[1], window);
            if (tick > TickPrice.MAX_TICK || tick < -TickPrice.MAX_TICK) return (false, 0);
            price = TickPrice.priceE8(tick, baseIsToken0, baseUnitE8, quoteUnit);
            return (price != 0, price);
        } catch {
            return (false, 0);
        }
    }

    /// @notice Distance between two prices in bps of `anchor`, rounded up.
    function deviationBps(uint256 price, uint256 anchor) internal pure returns (uint256) {
        uint256 distance = price > anchor ? price - anchor : anchor - price;
        return Math.mulDiv(distance, 10_000, anchor, Math.Rounding.Ceil);
    }
}
