// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {AggregatorV3Interface} from "../interfaces/AggregatorV3Interface.sol";
import {LocalOnly} from "./LocalOnly.sol";

/// @title DEMO ONLY: a Chainlink-shaped feed whose operator sets the price
contract DemoPriceFeed is AggregatorV3Interface, LocalOnly {
    /// @inheritdoc AggregatorV3Interface
    uint8 public constant decimals = 8;
    /// @inheritdoc AggregatorV3Interface
    uint256 public constant version = 1;
    /// @inheritdoc AggregatorV3Interface
    string public constant description = "BTC / USDT (demo feed)";

    /// @notice Who sets the price.
    address public immutable operator;

    uint80 private _round;
    int256 private _answer;
    uint256 private _updatedAt;

    error NotOperator(address got, address want);
    error UnknownRound(uint80 got, uint80 latest);

    constructor(address operator_) {
        operator = operator_;
    }

    /// @notice Publishes a price with 8 decimals, as of now.
    function set(int256 answer) external {
        if (msg.sender != operator) revert NotOperator(msg.sender, operator);
        ++_round;
        _answer = answer;
        _updatedAt = block.timestamp;
    }

    /// @inheritdoc AggregatorV3Interface
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (_round, _answer, _updatedAt, _updatedAt, _round);
    }

    /// @inheritdoc AggregatorV3Interface
    /// @dev Remembers the latest round only.
    function getRoundData(uint80 roundId) external view returns (uint80, int256, uint256, uint256, uint80) {
        if (roundId != _round || roundId == 0) revert UnknownRound(roundId, _round);
        return (_round, _answer, _updatedAt, _updatedAt, _round);
    }
}
