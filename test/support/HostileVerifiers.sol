// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalOracle, Round} from "../../contracts/interfaces/ISignalOracle.sol";
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

/// @dev Test double: reverts with a perfect accumulator, and decides in favour of anything.
contract RevertingAccumulator is ISignalVerifier {
    function verify(uint256[] calldata, bytes calldata) external pure returns (bool) {
        return true;
    }

    function accumulate(uint256[] calldata, bytes calldata) external pure returns (uint256[4] memory) {
        assembly { revert(0x00, 0x80) }
    }

    function decide(uint256[4][] calldata) external pure returns (bool) {
        return true;
    }
}

/// @dev Test double: while asked for a verdict it reads the oracle, and says yes only to what it expects to see there.
contract ReadingVerifier is ISignalVerifier {
    ISignalOracle private immutable _oracle;
    uint80 public latestRoundId;
    bytes32 public latest;

    constructor(ISignalOracle oracle) {
        _oracle = oracle;
    }

    /// @dev Remembers what the oracle tells now.
    function look() external {
        (latestRoundId, latest) = _read();
    }

    function verify(uint256[] calldata, bytes calldata) external view returns (bool) {
        return _sameAsBefore();
    }

    function accumulate(uint256[] calldata, bytes calldata)
        external
        view
        returns (uint256[4] memory accumulator)
    {
        require(_sameAsBefore());
        return accumulator;
    }

    function decide(uint256[4][] calldata) external view returns (bool) {
        return _sameAsBefore();
    }

    function _sameAsBefore() private view returns (bool) {
        (uint80 roundId, bytes32 read) = _read();
        return roundId == latestRoundId && read == latest;
    }

    function _read() private view returns (uint80, bytes32) {
        (, Round memory r) = _oracle.trySignal(type(uint64).max);
        return (_oracle.latestRoundId(), keccak256(abi.encode(r)));
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
