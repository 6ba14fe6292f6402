// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {VM} from "../../test/support/Vm.sol";

/// @title Comparisons that name what differs
abstract contract Comparison {
    /// @notice `field` of the deployment file says `want`; the chain, or the rest of the file, says `got`. Longer
    /// values appear as their keccak256.
    error Differs(string field, bytes32 got, bytes32 want);

    function _same(string memory field, bytes32 got, bytes32 want) internal view {
        if (got != want && !_isAccepted(field)) revert Differs(field, got, want);
    }

    function _same(string memory field, uint256 got, uint256 want) internal view {
        _same(field, bytes32(got), bytes32(want));
    }

    function _same(string memory field, address got, address want) internal view {
        _same(field, bytes32(uint256(uint160(got))), bytes32(uint256(uint160(want))));
    }

    function _same(string memory field, bool got, bool want) internal view {
        _same(field, bytes32(uint256(got ? 1 : 0)), bytes32(uint256(want ? 1 : 0)));
    }

    function _same(string memory field, string memory got, string memory want) internal view {
        _same(field, keccak256(bytes(got)), keccak256(bytes(want)));
    }

    /// @dev Whether ACCEPT, a list separated by commas, has the field.
    function _isAccepted(string memory field) private view returns (bool) {
        bytes memory list = bytes(VM.envOr("ACCEPT", string("")));
        uint256 start = 0;
        for (uint256 end = 0; end <= list.length; ++end) {
            if (end != list.length && list[end] != ",") continue;
            bytes memory item = new bytes(end - start);
            for (uint256 i = 0; i < item.length; ++i) {
                item[i] = list[start + i];
            }
            if (keccak256(item) == keccak256(bytes(field))) return true;
            start = end + 1;
        }
        return false;
    }
}
