// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

/// @dev Test double: the factory and the only pool of a market, whose `observe` answers any bytes, reverts, burns its
/// gas, or calls somebody first.
contract HostilePool {
    enum Mood {
        Answers,
        Reverts,
        BurnsItsGas
    }

    address public immutable token0;
    address public immutable token1;
    uint24 public constant fee = 500;

    Mood public mood;
    bytes private _answer;
    uint256 private _padding;
    address private _victim;
    bytes private _call;

    constructor(address tokenA, address tokenB) {
        (token0, token1) = tokenA < tokenB ? (tokenA, tokenB) : (tokenB, tokenA);
    }

    function factory() external view returns (address) {
        return address(this);
    }

    function getPool(address, address, uint24) external view returns (address) {
        return address(this);
    }

    function setMood(Mood mood_) external {
        mood = mood_;
    }

    /// @dev Answers with `answer`, then `padding` zero bytes.
    function answerWith(bytes calldata answer, uint256 padding) external {
        (_answer, _padding) = (answer, padding);
    }

    /// @dev Calls `victim` before it answers, whatever comes of it.
    function reenterWith(address victim, bytes calldata call) external {
        (_victim, _call) = (victim, call);
    }

    function observe(uint32[] calldata) external view {
        if (mood == Mood.Reverts) revert("OLD");
        if (mood == Mood.BurnsItsGas) {
            assembly { invalid() }
        }
        if (_victim != address(0)) {
            // A state change inside a static call burns all it is given.
            (bool done,) = _victim.staticcall{gas: 2_000_000}(_call);
            if (done) revert("reentered");
        }
        bytes memory answer = _answer;
        uint256 padding = _padding;
        assembly { return(add(answer, 0x20), add(mload(answer), padding)) }
    }
}
