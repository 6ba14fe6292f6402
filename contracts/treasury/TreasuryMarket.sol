// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {AggregatorV3Interface} from "../interfaces/AggregatorV3Interface.sol";
import {IRebalanceModule} from "../interfaces/IRebalanceModule.sol";
import {ISafe} from "../interfaces/ISafe.sol";
import {ISignalOracle} from "../interfaces/ISignalOracle.sol";
import {ISwapRouter, IUniswapV3Factory, IUniswapV3Pool} from "../interfaces/IUniswapV3.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title The one market a treasury module may touch
/// @notice Fixes the Safe, the oracle, the pair, the pool, the router and the price feed at construction, and
/// converts between them.
abstract contract TreasuryMarket {
    uint8 private constant MAX_DECIMALS = 18;

    /// @param safe Holds the treasury and must enable the module.
    /// @param oracle Where the signals come from.
    /// @param router Uniswap v3 SwapRouter.
    /// @param pool Uniswap v3 pool of base and quote, of the router's factory.
    /// @param feed Price of the base token in the quote token, independent of the pool.
    /// @param base The token whose share the signals set.
    /// @param quote The token everything is valued in.
    struct Wiring {
        ISafe safe;
        ISignalOracle oracle;
        ISwapRouter router;
        IUniswapV3Pool pool;
        AggregatorV3Interface feed;
        address base;
        address quote;
    }

    ISafe public immutable safe;
    ISignalOracle public immutable oracle;
    ISwapRouter public immutable router;
    IUniswapV3Pool public immutable pool;
    AggregatorV3Interface public immutable feed;
    address public immutable base;
    address public immutable quote;
    uint24 public immutable fee;

    uint256 internal immutable feedDecimals;
    bool internal immutable baseIsToken0;
    /// @dev 10^(base decimals + 8)
    uint256 internal immutable baseUnitE8;
    /// @dev 10^(quote decimals)
    uint256 internal immutable quoteUnit;

    constructor(Wiring memory w) {
        _requireCode(address(w.safe));
        _requireCode(address(w.oracle));
        _requireCode(address(w.router));
        _requireCode(address(w.pool));
        _requireCode(address(w.feed));
        // Classes of another oracle are no signals.
        if (w.oracle.classes() != 3) {
            revert IRebalanceModule.NotSignals(address(w.oracle), w.oracle.classes());
        }
        (safe, oracle, router, pool, feed) = (w.safe, w.oracle, w.router, w.pool, w.feed);
        (base, quote, fee) = (w.base, w.quote, w.pool.fee());
        baseIsToken0 = w.base < w.quote;
        (address token0, address token1) = baseIsToken0 ? (w.base, w.quote) : (w.quote, w.base);
        _requireSame(address(w.pool), w.pool.token0(), token0);
        _requireSame(address(w.pool), w.pool.token1(), token1);
        // The router finds pools by itself: it must find this one.
        address found = IUniswapV3Factory(w.router.factory()).getPool(w.base, w.quote, w.pool.fee());
        _requireSame(address(w.pool), found, address(w.pool));

        feedDecimals = _bounded(address(w.feed), w.feed.decimals());
        baseUnitE8 = 10 ** (uint256(_bounded(w.base, IERC20Metadata(w.base).decimals())) + 8);
        quoteUnit = 10 ** uint256(_bounded(w.quote, IERC20Metadata(w.quote).decimals()));
    }

    /// @notice What the Safe holds of the pair.
    function balances() public view returns (uint256 baseBalance, uint256 quoteBalance) {
        baseBalance = IERC20Metadata(base).balanceOf(address(safe));
        quoteBalance = IERC20Metadata(quote).balanceOf(address(safe));
    }

    /// @notice Total value in quote units and the base token's share of it in bps, at a price with 8 decimals.
    function valueAt(uint256 priceE8, uint256 baseBalance, uint256 quoteBalance)
        public
        view
        returns (uint256 value, uint256 allocationBps)
    {
        uint256 baseValue = toQuote(baseBalance, priceE8);
        value = baseValue + quoteBalance;
        if (value != 0) allocationBps = Math.mulDiv(baseValue, 10_000, value);
    }

    /// @notice Value of an amount of base, in quote units.
    function toQuote(uint256 amount, uint256 priceE8) internal view returns (uint256) {
        return Math.mulDiv(amount, priceE8 * quoteUnit, baseUnitE8);
    }

    /// @notice Amount of base worth a value in quote units.
    function toBase(uint256 value, uint256 priceE8) internal view returns (uint256) {
        return Math.mulDiv(value, baseUnitE8, priceE8 * quoteUnit);
    }

    function _requireCode(address account) private view {
        if (account.code.length == 0) revert IRebalanceModule.NoCode(account);
    }

    function _requireSame(address pool_, address got, address want) private pure {
        if (got != want) revert IRebalanceModule.PairMismatch(pool_, got, want);
    }

    function _bounded(address token, uint8 decimals) private pure returns (uint8) {
        if (decimals > MAX_DECIMALS) revert IRebalanceModule.DecimalsTooLarge(token, decimals, MAX_DECIMALS);
        return decimals;
    }
}
