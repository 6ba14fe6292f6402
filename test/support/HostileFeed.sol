// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

/// @dev Test double: a feed with any decimals, whose answer is any bytes at all.
contract HostileFeed {
    uint8 public immutable decimals;
    bytes private _answer;
    uint256 private _padding;

    constructor(uint8 decimals_) {
        decimals = decimals_;
    }

    /// @dev Answers with `answer`, then `padding` zero bytes.
    function answerWith(bytes calldata answer, uint256 padding) external {
        (_answer, _padding) = (answer, padding);
    }

    function latestRoundData() external view {
        bytes memory answer = _answer;
        uint256 padding = _padding;
        assembly { return(add(answer, 0x20), add(mload(answer), padding)) }
    }
}
