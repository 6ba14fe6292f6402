// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {AggregatorV3Interface} from "../../contracts/interfaces/AggregatorV3Interface.sol";

/// @title Tells a rehearsal's market from a real one
/// @notice A deployment file says "standIns": true when the price feed is contracts/demo/DemoPriceFeed.sol, whose
/// operator sets the price; tokens and pool are then the demo's, too.
library StandIns {
    bytes32 private constant DEMO_FEED = keccak256("BTC / USDT (demo feed)");

    /// @notice True for the demo's price feed.
    function isDemo(AggregatorV3Interface feed) internal view returns (bool) {
        return keccak256(bytes(feed.description())) == DEMO_FEED;
    }
}
