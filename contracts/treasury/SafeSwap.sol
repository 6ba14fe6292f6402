// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {IRebalanceModule} from "../interfaces/IRebalanceModule.sol";
import {ISafe} from "../interfaces/ISafe.sol";
import {ISwapRouter} from "../interfaces/IUniswapV3.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title A swap made by a Safe
/// @notice The Safe approves exactly the amount, swaps to itself, and is left without an allowance.
library SafeSwap {
    /// @notice Makes `safe` swap `amountIn` of `tokenIn` for at least `minAmountOut` of `tokenOut`.
    /// @dev Balances are for the caller to check: nothing the router returns is believed.
    function swap(
        ISafe safe,
        ISwapRouter router,
        uint24 fee,
        address tokenIn,
        address tokenOut,
        uint256 amountIn,
        uint256 minAmountOut
    ) internal {
        if (IERC20(tokenIn).allowance(address(safe), address(router)) != 0) {
            // Some tokens, USDT among them, refuse to change one non-zero allowance into another.
            _approve(safe, tokenIn, address(router), 0);
        }
        _approve(safe, tokenIn, address(router), amountIn);
        _call(
            safe,
            address(router),
            abi.encodeCall(
                ISwapRouter.exactInputSingle,
                (ISwapRouter.ExactInputSingleParams({
                        tokenIn: tokenIn,
                        tokenOut: tokenOut,
                        fee: fee,
                        recipient: address(safe),
                        // Freshness is the guards' business: everything was checked in this very block.
                        deadline: block.timestamp,
                        amountIn: amountIn,
                        amountOutMinimum: minAmountOut,
                        sqrtPriceLimitX96: 0
                    }))
            )
        );
        _approve(safe, tokenIn, address(router), 0);
        uint256 allowance = IERC20(tokenIn).allowance(address(safe), address(router));
        if (allowance != 0) revert IRebalanceModule.AllowanceLeft(allowance);
    }

    /// @dev Accepts tokens that return nothing (USDT) and tokens that return true.
    function _approve(ISafe safe, address token, address spender, uint256 amount) private {
        bytes memory answer = _call(safe, token, abi.encodeCall(IERC20.approve, (spender, amount)));
        bool refused = answer.length != 0 && (answer.length != 32 || abi.decode(answer, (uint256)) != 1);
        if (refused) revert IRebalanceModule.SafeCallFailed(token, answer);
    }

    function _call(ISafe safe, address to, bytes memory data) private returns (bytes memory answer) {
        bool success;
        (success, answer) = safe.execTransactionFromModuleReturnData(to, 0, data, ISafe.Operation.Call);
        if (!success) revert IRebalanceModule.SafeCallFailed(to, answer);
    }
}
