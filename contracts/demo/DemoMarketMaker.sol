// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {DemoPriceFeed} from "./DemoPriceFeed.sol";
import {DemoToken} from "./DemoToken.sol";
import {IUniswapV3PoolActions} from "./IUniswapV3PoolActions.sol";
import {LocalOnly} from "./LocalOnly.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title DEMO ONLY: keeps a local Uniswap v3 pool at the market's price
/// @notice Provides liquidity with tokens it mints itself, and moves the pool and its own price feed to a given
/// price in one transaction, as arbitrage would on a real market.
contract DemoMarketMaker is LocalOnly {
    int24 private constant MAX_TICK = 887_272;
    uint256 private constant E8 = 1e8;

    IUniswapV3PoolActions public immutable pool;
    DemoToken public immutable base;
    DemoToken public immutable quote;
    DemoPriceFeed public immutable feed;
    /// @notice Who moves the price.
    address public immutable operator;
    bool private immutable _baseIsToken0;

    event Moved(uint256 priceE8);

    error NotOperator(address got, address want);
    error NotPool(address got, address want);
    error PriceIsZero();

    modifier onlyOperator() {
        if (msg.sender != operator) revert NotOperator(msg.sender, operator);
        _;
    }

    constructor(IUniswapV3PoolActions pool_, DemoToken base_, DemoToken quote_, address operator_) {
        (pool, base, quote, operator) = (pool_, base_, quote_, operator_);
        _baseIsToken0 = address(base_) < address(quote_);
        feed = new DemoPriceFeed(address(this));
    }

    /// @notice Opens the pool at a price and fills it with full-range liquidity.
    /// @param priceE8 Quote per base, 8 decimals.
    /// @param depthBase About how much base (and the same value of quote) the pool shall hold.
    function open(uint256 priceE8, uint256 depthBase) external onlyOperator {
        uint160 sqrtPrice = sqrtPriceX96(priceE8);
        pool.initialize(sqrtPrice);
        // Four hours of history at one observation a minute.
        pool.increaseObservationCardinalityNext(240);
        // Full range: base = L / sqrt(P) when base is token0, L * sqrt(P) when it is token1.
        uint256 liquidity = _baseIsToken0
            ? Math.mulDiv(depthBase, sqrtPrice, 1 << 96)
            : Math.mulDiv(depthBase, 1 << 96, sqrtPrice);
        int24 spacing = pool.tickSpacing();
        int24 edge = MAX_TICK / spacing * spacing;
        pool.mint(address(this), -edge, edge, SafeCast.toUint128(liquidity), "");
        feed.set(SafeCast.toInt256(priceE8));
        emit Moved(priceE8);
    }

    /// @notice Swaps the pool to a price (quote per base, 8 decimals) and publishes it on the feed.
    function moveTo(uint256 priceE8) external onlyOperator {
        uint160 target = sqrtPriceX96(priceE8);
        (uint160 current,,,,,,) = pool.slot0();
        if (current != target) pool.swap(address(this), target < current, type(int128).max, target, "");
        feed.set(SafeCast.toInt256(priceE8));
        emit Moved(priceE8);
    }

    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata) external {
        _pay(amount0, amount1);
    }

    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata) external {
        _pay(amount0 > 0 ? uint256(amount0) : 0, amount1 > 0 ? uint256(amount1) : 0);
    }

    /// @notice Uniswap's square-root price for quote per base with 8 decimals.
    function sqrtPriceX96(uint256 priceE8) public view returns (uint160) {
        if (priceE8 == 0) revert PriceIsZero();
        uint256 quoteRaw = priceE8 * 10 ** quote.decimals();
        uint256 baseRaw = E8 * 10 ** base.decimals();
        (uint256 raw1, uint256 raw0) = _baseIsToken0 ? (quoteRaw, baseRaw) : (baseRaw, quoteRaw);
        return SafeCast.toUint160(Math.sqrt(Math.mulDiv(raw1, 1 << 192, raw0)));
    }

    function _pay(uint256 amount0, uint256 amount1) private {
        if (msg.sender != address(pool)) revert NotPool(msg.sender, address(pool));
        (uint256 baseAmount, uint256 quoteAmount) = _baseIsToken0 ? (amount0, amount1) : (amount1, amount0);
        if (baseAmount != 0) base.mint(address(pool), baseAmount);
        if (quoteAmount != 0) quote.mint(address(pool), quoteAmount);
    }
}
