// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {VM} from "../test/support/Vm.sol";
import {LocalMarket} from "./support/LocalMarket.sol";
import {Script} from "./support/Script.sol";

/// @title A market and a treasury to show the product on a local chain
/// @notice Chain 31337 only. Deploys worthless tokens, real Uniswap v3 (factory, pool, router) with liquidity, a
/// settable price feed, a market maker that moves pool and feed together, and a real Safe 1.4.1 holding a treasury.
///
///   forge script scripts/DemoMarket.s.sol --rpc-url $RPC --broadcast --unlocked --sender $ACCOUNT
///
/// Environment:
///   PRICE_E8         opening price, USDT per BTC with 8 decimals (required)
///   DEPTH_BASE       base in the pool, smallest units (default 5,000 BTC)
///   TREASURY_BASE    base in the Safe, smallest units (default 10 BTC)
///   TREASURY_QUOTE   quote in the Safe, smallest units (default: the same value as the base)
///   MARKET_OUT       file to write (default target/demo/market.json)
contract DemoMarket is Script {
    function run() external {
        LocalMarket.Market memory m;
        uint256 priceE8 = VM.envUint("PRICE_E8");
        uint256 treasuryBase = VM.envOr("TREASURY_BASE", uint256(10e8));
        // 8 decimals of the price, 8 of the base, 6 of the quote
        uint256 treasuryQuote = VM.envOr("TREASURY_QUOTE", treasuryBase * priceE8 / 1e10);

        VM.startBroadcast();
        m = LocalMarket.deploy(
            msg.sender, priceE8, VM.envOr("DEPTH_BASE", uint256(5000e8)), treasuryBase, treasuryQuote
        );
        VM.stopBroadcast();

        string memory json;
        VM.serializeAddress("market", "base", address(m.base));
        VM.serializeAddress("market", "quote", address(m.quote));
        VM.serializeAddress("market", "factory", m.factory);
        VM.serializeAddress("market", "router", m.router);
        VM.serializeAddress("market", "pool", m.pool);
        VM.serializeAddress("market", "maker", address(m.maker));
        VM.serializeAddress("market", "feed", address(m.feed));
        json = VM.serializeAddress("market", "safe", m.safe);
        VM.writeJson(json, VM.envOr("MARKET_OUT", string("target/demo/market.json")));
    }
}
