// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

/// @dev Test double: a verifier in one of several moods. For sequences, where what matters is that the answer counts.
contract MoodyVerifier {
    enum Mood {
        Yes,
        No,
        Two,
        Silent,
        Long,
        Reverting,
        RevertingWithOne,
        Burning,
        Bomb
    }

    Mood public mood;

    function setMood(Mood next) external {
        mood = next;
    }

    /// @dev What it thinks shows when it decides.
    function accumulate(uint256[] calldata, bytes calldata) external pure returns (uint256[4] memory) {}

    function decide(uint256[4][] calldata) external view returns (bool) {
        _answer();
    }

    function verify(uint256[] calldata, bytes calldata) external view returns (bool) {
        _answer();
    }

    function _answer() private view {
        Mood now_ = mood;
        assembly ("memory-safe") {
            mstore(0x00, 1)
            switch now_
            case 0 { return(0x00, 0x20) }
            case 1 {
                mstore(0x00, 0)
                return(0x00, 0x20)
            }
            case 2 {
                mstore(0x00, 2)
                return(0x00, 0x20)
            }
            case 3 { return(0x00, 0x00) }
            case 4 { return(0x00, 0x40) }
            case 5 { revert(0x00, 0x00) }
            case 6 { revert(0x00, 0x20) }
            case 7 { invalid() }
            default { return(0x00, 200000) }
        }
    }
}
