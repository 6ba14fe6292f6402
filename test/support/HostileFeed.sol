// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

/// @dev Test double: a feed with any decimals, whose answer is any bytes at all, given or thrown.
contract HostileFeed {
    uint8 public immutable decimals;
    bytes private _answer;
    uint256 private _padding;
    bool private _throws;

    constructor(uint8 decimals_) {
        decimals = decimals_;
    }

    /// @dev Answers with `answer`, then `padding` zero bytes.
    function answerWith(bytes calldata answer, uint256 padding) external {
        (_answer, _padding) = (answer, padding);
    }

    /// @dev The same answer as revert data.
    function throwIt() external {
        _throws = true;
    }

    function latestRoundData() external view {
        bytes memory answer = _answer;
        uint256 padding = _padding;
        if (_throws) {
            assembly { revert(add(answer, 0x20), add(mload(answer), padding)) }
        }
        assembly { return(add(answer, 0x20), add(mload(answer), padding)) }
    }
}
