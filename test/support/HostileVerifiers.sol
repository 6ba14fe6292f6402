// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalVerifier} from "../../contracts/interfaces/ISignalVerifier.sol";

/// @dev Test double: accepts everything. For the gateway's own rules only, never for the oracle's.
contract AcceptingVerifier is ISignalVerifier {
    function verify(uint256[] calldata, bytes calldata) external pure returns (bool) {
        return true;
    }

    function accumulate(uint256[] calldata, bytes calldata) external pure returns (uint256[4] memory) {}

    function decide(uint256[4][] calldata) external pure returns (bool) {
        return true;
    }
}

/// @dev Test double: returns whatever bytes it was built with, or reverts with them.
contract RawVerifier {
    bytes private _answer;
    bool private immutable _reverts;

    constructor(bytes memory answer, bool reverts) {
        _answer = answer;
        _reverts = reverts;
    }

    fallback() external {
        bytes memory answer = _answer;
        bool reverts = _reverts;
        assembly {
            if reverts { revert(add(answer, 0x20), mload(answer)) }
            return(add(answer, 0x20), mload(answer))
        }
    }
}

/// @dev Test double: one answer to `accumulate`, another to `decide`.
contract SplitVerifier is ISignalVerifier {
    bytes private _accumulator;
    bytes private _decision;

    constructor(bytes memory accumulator, bytes memory decision) {
        (_accumulator, _decision) = (accumulator, decision);
    }

    function verify(uint256[] calldata, bytes calldata) external view returns (bool) {
        _return(_decision);
    }

    function accumulate(uint256[] calldata, bytes calldata) external view returns (uint256[4] memory) {
        _return(_accumulator);
    }

    function decide(uint256[4][] calldata) external view returns (bool) {
        _return(_decision);
    }

    function _return(bytes memory answer) private pure {
        assembly {
            return(add(answer, 0x20), mload(answer))
        }
    }
}

/// @dev Test double: returns a megabyte.
contract BombVerifier {
    fallback() external {
        assembly {
            mstore(0, 1)
            return(0, 1000000)
        }
    }
}

/// @dev Test double: burns all gas it is given.
contract BurningVerifier {
    fallback() external {
        assembly { invalid() }
    }
}

/// @dev Test double: tries to write while being asked for a verdict.
contract WritingVerifier {
    uint256 public calls;

    function verify(uint256[] calldata, bytes calldata) external returns (bool) {
        ++calls;
        return true;
    }
}
