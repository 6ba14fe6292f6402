// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {VM} from "../../test/support/Vm.sol";

/// @title Deployment of contracts compiled by others
/// @notice Takes the bytecode from the artifact files that the npm packages ship.
library Artifacts {
    string internal constant SAFE = "node_modules/@safe-global/safe-contracts/build/artifacts/contracts/";
    string internal constant UNISWAP_CORE = "node_modules/@uniswap/v3-core/artifacts/contracts/";
    string internal constant UNISWAP_PERIPHERY = "node_modules/@uniswap/v3-periphery/artifacts/contracts/";

    error DeploymentFailed(string artifact);

    /// @notice Deploys the artifact at `path` with ABI-encoded constructor arguments.
    function deploy(string memory path, bytes memory arguments) internal returns (address) {
        return create(path, bytes.concat(VM.parseJsonBytes(VM.readFile(path), ".bytecode"), arguments));
    }

    /// @notice Deploys init code. A constructor's error is passed on; `name` is for a failure without one.
    function create(string memory name, bytes memory initCode) internal returns (address deployed) {
        assembly ("memory-safe") {
            deployed := create(0, add(initCode, 0x20), mload(initCode))
            if and(iszero(deployed), gt(returndatasize(), 0)) {
                returndatacopy(mload(0x40), 0, returndatasize())
                revert(mload(0x40), returndatasize())
            }
        }
        if (deployed == address(0)) revert DeploymentFailed(name);
    }
}
