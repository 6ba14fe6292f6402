// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {VM} from "./Vm.sol";

/// @title What a compiled contract offers to callers
/// @notice Reads out/<name>.sol/<name>.json, which forge has just written.
library Abi {
    error Payable(string contractName, string entry);
    error Overloaded(string contractName, string entry);

    /// @notice Signatures of the functions that can change state. Reverts if anything takes ether.
    function stateChanging(string memory name) internal view returns (string[] memory found) {
        string memory json = VM.readFile(string.concat("out/", name, ".sol/", name, ".json"));
        string[] memory signatures = VM.parseJsonKeys(json, ".methodIdentifiers");
        found = new string[](signatures.length);
        uint256 count = 0;
        for (uint256 i = 0;; ++i) {
            string memory entry = string.concat(".abi[", VM.toString(i), "]");
            if (!VM.keyExistsJson(json, entry)) break;
            string memory kind = VM.parseJsonString(json, string.concat(entry, ".type"));
            if (_same(kind, "error") || _same(kind, "event") || _same(kind, "constructor")) continue;
            string memory mutability = VM.parseJsonString(json, string.concat(entry, ".stateMutability"));
            // Includes `receive` and a payable `fallback`.
            if (_same(mutability, "payable")) revert Payable(name, kind);
            if (!_same(mutability, "nonpayable")) continue;
            string memory function_ = VM.parseJsonString(json, string.concat(entry, ".name"));
            found[count++] = _signature(name, signatures, function_);
        }
        assembly ("memory-safe") { mstore(found, count) }
    }

    function _signature(string memory name, string[] memory signatures, string memory function_)
        private
        pure
        returns (string memory found)
    {
        for (uint256 i = 0; i < signatures.length; ++i) {
            if (!_startsWith(bytes(signatures[i]), bytes(string.concat(function_, "(")))) continue;
            if (bytes(found).length != 0) revert Overloaded(name, function_);
            found = signatures[i];
        }
    }

    function _startsWith(bytes memory text, bytes memory head) private pure returns (bool) {
        if (text.length < head.length) return false;
        for (uint256 i = 0; i < head.length; ++i) {
            if (text[i] != head[i]) return false;
        }
        return true;
    }

    function _same(string memory a, string memory b) private pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }
}
