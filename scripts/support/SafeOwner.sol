// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

/// @title What a deployment needs of the Safe proxy factory
interface ISafeProxyFactory {
    function createProxyWithNonce(address singleton, bytes memory initializer, uint256 saltNonce)
        external
        returns (address proxy);
}

/// @title What an owner does with a Safe 1.4.1
interface ISafeOwner {
    function setup(
        address[] calldata owners,
        uint256 threshold,
        address to,
        bytes calldata data,
        address fallbackHandler,
        address paymentToken,
        uint256 payment,
        address payable paymentReceiver
    ) external;
    function execTransaction(
        address to,
        uint256 value,
        bytes calldata data,
        uint8 operation,
        uint256 safeTxGas,
        uint256 baseGas,
        uint256 gasPrice,
        address gasToken,
        address payable refundReceiver,
        bytes memory signatures
    ) external payable returns (bool success);
    function enableModule(address module) external;
    function disableModule(address prevModule, address module) external;
    function isOwner(address owner) external view returns (bool);
    function getThreshold() external view returns (uint256);
}

/// @title Acting as the only signature a Safe needs
library SafeOwner {
    error SafeTransactionFailed(address safe);

    /// @notice Whether `account` alone can make the Safe act.
    function isSole(address safe, address account) internal view returns (bool) {
        return ISafeOwner(safe).isOwner(account) && ISafeOwner(safe).getThreshold() == 1;
    }

    /// @notice Makes the Safe call `to`; the caller must be `owner`, whose consent is then implied.
    function call(address safe, address owner, address to, bytes memory data) internal {
        // r = owner, s = 0, v = 1: "approved because the owner sends the transaction"
        bytes memory consent = abi.encodePacked(uint256(uint160(owner)), uint256(0), uint8(1));
        bool done = ISafeOwner(safe)
            .execTransaction(to, 0, data, 0, 0, 0, 0, address(0), payable(address(0)), consent);
        if (!done) revert SafeTransactionFailed(safe);
    }
}
