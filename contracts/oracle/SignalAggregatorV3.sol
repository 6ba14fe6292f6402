// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {AggregatorV3Interface} from "../interfaces/AggregatorV3Interface.sol";
import {ISignalOracle, Round, Signal} from "../interfaces/ISignalOracle.sol";

/// @title A SignalOracle read through Chainlink's interface
/// @notice Answer -1 / 0 / +1 for SELL / HOLD / BUY, or 0 / 1 for LOW / HIGH; no decimals. `startedAt` is the window's close, `updatedAt` the
/// acceptance. An unknown round reverts. The latest answer also reverts while its model is frozen, because
/// consumers of this interface look at nothing but the age.
contract SignalAggregatorV3 is AggregatorV3Interface {
    ISignalOracle public immutable oracle;
    /// @dev The class that is answered as 0.
    int256 private immutable _zero;

    constructor(ISignalOracle oracle_) {
        if (address(oracle_) == address(0)) revert ISignalOracle.ZeroAddress();
        oracle = oracle_;
        _zero = oracle_.classes() == 3 ? int256(uint256(Signal.HOLD)) : int256(0);
    }

    /// @inheritdoc AggregatorV3Interface
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        Round memory latest = oracle.signalNoOlderThan(type(uint64).max);
        return _shape(oracle.latestRoundId(), latest);
    }

    /// @inheritdoc AggregatorV3Interface
    function getRoundData(uint80 roundId) external view returns (uint80, int256, uint256, uint256, uint80) {
        return _shape(roundId, oracle.round(roundId));
    }

    /// @inheritdoc AggregatorV3Interface
    function description() external view returns (string memory) {
        bytes32 symbol = oracle.symbol();
        uint256 length = 0;
        while (length < 32 && symbol[length] != 0) ++length;
        bytes memory text = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            text[i] = symbol[i];
        }
        return string.concat("VeriRegime ", string(text));
    }

    /// @inheritdoc AggregatorV3Interface
    function decimals() external pure returns (uint8) {
        return 0;
    }

    /// @inheritdoc AggregatorV3Interface
    function version() external pure returns (uint256) {
        return 1;
    }

    function _shape(uint80 roundId, Round memory found)
        private
        view
        returns (uint80, int256, uint256, uint256, uint80)
    {
        int256 answer = int256(uint256(found.class)) - _zero;
        return (roundId, answer, found.closeTime, found.acceptedAt, roundId);
    }
}
