// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

/// @title Numbers that came from outside, in the types of the contracts
/// @notice A cast would drop the high bits in silence: 258 attestations needed would become 2.
library Narrow {
    /// @notice `field` is what the environment, params.json or the deployment file calls the number.
    error NumberTooLarge(string field, uint256 got, uint256 max);

    function toUint8(string memory field, uint256 got) internal pure returns (uint8) {
        return uint8(_bounded(field, got, type(uint8).max));
    }

    function toUint16(string memory field, uint256 got) internal pure returns (uint16) {
        return uint16(_bounded(field, got, type(uint16).max));
    }

    function toUint32(string memory field, uint256 got) internal pure returns (uint32) {
        return uint32(_bounded(field, got, type(uint32).max));
    }

    function toUint128(string memory field, uint256 got) internal pure returns (uint128) {
        return uint128(_bounded(field, got, type(uint128).max));
    }

    function _bounded(string memory field, uint256 got, uint256 max) private pure returns (uint256) {
        if (got > max) revert NumberTooLarge(field, got, max);
        return got;
    }
}
