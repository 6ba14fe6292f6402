// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISwapRouter} from "../../contracts/interfaces/IUniswapV3.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @dev Test double: takes and gives other amounts than asked.
contract HostileRouter is ISwapRouter {
    address public immutable factory;
    uint256 public takeBps = 10_000;
    uint256 public giveBps = 10_000;
    bytes public reenter;

    constructor(address factory_) {
        factory = factory_;
    }

    /// @dev Shares of the amount in that it takes and of the minimum that it gives.
    function behave(uint256 takeBps_, uint256 giveBps_) external {
        (takeBps, giveBps) = (takeBps_, giveBps_);
    }

    /// @dev Makes it call its Safe's module again while swapping.
    function reenterWith(bytes calldata call) external {
        reenter = call;
    }

    function exactInputSingle(ExactInputSingleParams calldata p) external payable returns (uint256) {
        if (reenter.length != 0) {
            (address module, bytes memory data) = abi.decode(reenter, (address, bytes));
            (bool success, bytes memory problem) = module.call(data);
            if (!success) {
                assembly ("memory-safe") { revert(add(problem, 0x20), mload(problem)) }
            }
        }
        IERC20(p.tokenIn).transferFrom(msg.sender, address(this), p.amountIn * takeBps / 10_000);
        IERC20(p.tokenOut).transfer(p.recipient, p.amountOutMinimum * giveBps / 10_000);
        return p.amountOutMinimum;
    }
}
