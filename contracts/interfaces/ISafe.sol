// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

/// @title What the treasury module needs of a Safe 1.4.1
interface ISafe {
    enum Operation {
        Call,
        DelegateCall
    }

    /// @notice Lets an enabled module make the Safe call `to`.
    function execTransactionFromModuleReturnData(
        address to,
        uint256 value,
        bytes memory data,
        Operation operation
    ) external returns (bool success, bytes memory returnData);

    function isModuleEnabled(address module) external view returns (bool);
}
