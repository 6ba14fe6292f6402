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
    /// @return available False when the feed is gone, reverts, answers too little, is from the future, or is
    /// absurdly large.
    /// @return price Zero when the answer is not positive.
    /// @return updatedAt When the feed says it was last updated.
    function readFeed(AggregatorV3Interface feed, uint256 feedDecimals)
        internal
        view
        returns (bool available, uint256 price, uint256 updatedAt)
    {
        (bool answered, uint256[5] memory words) =
            _ask(address(feed), abi.encodeCall(AggregatorV3Interface.latestRoundData, ()));
        if (!answered) return (false, 0, 0);
        int256 answer = int256(words[1]);
        updatedAt = words[3];
        if (updatedAt == 0 || updatedAt > block.timestamp || answer > LARGEST_ANSWER) {
            return (false, 0, updatedAt);
        }
        if (answer <= 0) return (true, 0, updatedAt);
        uint256 raw = uint256(answer);
        price = feedDecimals >= 8 ? raw / 10 ** (feedDecimals - 8) : raw * 10 ** (8 - feedDecimals);
        return (true, price, updatedAt);
    }

    /// @notice The pool's price averaged over the last `window` seconds.
    /// @return available False when the pool does not remember that far back, answers anything but two cumulative
    /// ticks, or its tick is out of range.
    function readTwap(
        IUniswapV3Pool pool,
        uint32 window,
        bool baseIsToken0,
        uint256 baseUnitE8,
        uint256 quoteUnit
    ) internal view returns (bool available, uint256 price) {
        uint32[] memory ago = new uint32[](2);
        ago[0] = window;
        (bool answered, uint256[5] memory words) =
            _ask(address(pool), abi.encodeCall(IUniswapV3Pool.observe, (ago)));
        // Where the first array begins, where the second does, and the first: its length and both readings.
        if (!answered || words[0] != 0x40 || words[2] != 2) return (false, 0);
        (int256 earlier, int256 later) = (int256(words[3]), int256(words[4]));
        if (int56(earlier) != earlier || int56(later) != later) return (false, 0);
        int256 tick = TickPrice.mean(int56(earlier), int56(later), window);
        if (tick > TickPrice.MAX_TICK || tick < -TickPrice.MAX_TICK) return (false, 0);
        price = TickPrice.priceE8(tick, baseIsToken0, baseUnitE8, quoteUnit);
        return (price != 0, price);
    }

    /// @notice Distance between two prices in bps of `anchor`, rounded up.
    function deviationBps(uint256 price, uint256 anchor) internal pure returns (uint256) {
        uint256 distance = price > anchor ? price - anchor : anchor - price;
        return Math.mulDiv(distance, 10_000, anchor, Math.Rounding.Ceil);
    }

    /// @dev By hand: an answer that cannot be decoded, one of a megabyte, or a contract that is gone must not revert but
    /// block by name.
    function _ask(address source, bytes memory request)
        private
        view
        returns (bool answered, uint256[5] memory words)
    {
        assembly ("memory-safe") {
            answered := staticcall(gas(), source, add(request, 0x20), mload(request), words, 0xa0)
            answered := and(answered, gt(returndatasize(), 0x9f))
        }
    }
}
