// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {DemoMarketMaker} from "../../contracts/demo/DemoMarketMaker.sol";
import {DemoPriceFeed} from "../../contracts/demo/DemoPriceFeed.sol";
import {DemoToken} from "../../contracts/demo/DemoToken.sol";
import {
    IUniswapV3FactoryActions,
    IUniswapV3PoolActions
} from "../../contracts/demo/IUniswapV3PoolActions.sol";
import {Artifacts} from "./Artifacts.sol";
import {ISafeOwner, ISafeProxyFactory} from "./SafeOwner.sol";

/// @title A complete market on a local chain
/// @notice Real Uniswap v3 and real Safe bytecode around demo tokens and a demo price feed.
library LocalMarket {
    /// @dev 0.05 %, the tier of the deepest BTC pools.
    uint24 internal constant FEE = 500;

    struct Market {
        DemoToken base;
        DemoToken quote;
        address factory;
        address router;
        address pool;
        DemoMarketMaker maker;
        DemoPriceFeed feed;
        address safe;
    }

    /// @notice Deploys everything, opens the pool and funds the Safe.
    /// @param operator Who moves the price and owns the Safe; must be the caller of this code.
    /// @param priceE8 Opening price, quote per base.
    /// @param depthBase Base the pool holds, smallest units.
    /// @param treasuryBase Base the Safe gets, smallest units.
    /// @param treasuryQuote Quote the Safe gets, smallest units.
    function deploy(
        address operator,
        uint256 priceE8,
        uint256 depthBase,
        uint256 treasuryBase,
        uint256 treasuryQuote
    ) internal returns (Market memory) {
        DemoToken base = new DemoToken("Demo Bitcoin", "dBTC", 8);
        DemoToken quote = new DemoToken("Demo Tether", "dUSDT", 6);
        return deployWith(base, quote, operator, priceE8, depthBase, treasuryBase, treasuryQuote);
    }

    /// @notice The same around given tokens.
    function deployWith(
        DemoToken base,
        DemoToken quote,
        address operator,
        uint256 priceE8,
        uint256 depthBase,
        uint256 treasuryBase,
        uint256 treasuryQuote
    ) internal returns (Market memory m) {
        (m.base, m.quote) = (base, quote);
        m.factory = Artifacts.deploy(
            string.concat(Artifacts.UNISWAP_CORE, "UniswapV3Factory.sol/UniswapV3Factory.json"), ""
        );
        // No wrapped ether here: the router's second argument stays empty.
        m.router = Artifacts.deploy(
            string.concat(Artifacts.UNISWAP_PERIPHERY, "SwapRouter.sol/SwapRouter.json"),
            abi.encode(m.factory, address(0))
        );
        m.pool = IUniswapV3FactoryActions(m.factory).createPool(address(m.base), address(m.quote), FEE);
        m.maker = new DemoMarketMaker(IUniswapV3PoolActions(m.pool), m.base, m.quote, operator);
        m.feed = m.maker.feed();
        m.maker.open(priceE8, depthBase);
        m.safe = deploySafe(operator);
        m.base.mint(m.safe, treasuryBase);
        m.quote.mint(m.safe, treasuryQuote);
    }

    /// @notice A Safe 1.4.1 with one owner.
    function deploySafe(address owner) internal returns (address) {
        address singleton = Artifacts.deploy(string.concat(Artifacts.SAFE, "Safe.sol/Safe.json"), "");
        address factory = Artifacts.deploy(
            string.concat(Artifacts.SAFE, "proxies/SafeProxyFactory.sol/SafeProxyFactory.json"), ""
        );
        address[] memory owners = new address[](1);
        owners[0] = owner;
        bytes memory setup = abi.encodeCall(
            ISafeOwner.setup, (owners, 1, address(0), "", address(0), address(0), 0, payable(address(0)))
        );
        return ISafeProxyFactory(factory).createProxyWithNonce(singleton, setup, 0);
    }
}
