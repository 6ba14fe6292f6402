// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {IRebalanceModule} from "../contracts/interfaces/IRebalanceModule.sol";
import {ISignalVerifierGateway} from "../contracts/interfaces/ISignalVerifierGateway.sol";
import {VM} from "../test/support/Vm.sol";
import {DeploymentRecord} from "./support/DeploymentRecord.sol";
import {Script} from "./support/Script.sol";

/// @title What the guardian can stop, each with one transaction and no delay
///
///   forge script scripts/Freeze.s.sol --rpc-url sepolia --broadcast                       the model, for good
///   forge script scripts/Freeze.s.sol --sig 'pause()' --rpc-url sepolia --broadcast       the treasury
///   forge script scripts/Freeze.s.sol --sig 'veto(uint80)' 7 --rpc-url sepolia --broadcast    one round
///
/// Environment:
///   DEPLOYMENT   default deployments/<chain id>.json
///   MODEL_ID     the model to freeze (0x and eight digits), default the deployment's
contract Freeze is Script {
    error NoTreasury();

    function run() external {
        DeploymentRecord.Record memory d = _deployment();
        bytes4 modelId = bytes4(VM.envOr("MODEL_ID", abi.encodePacked(d.modelId)));
        VM.startBroadcast();
        ISignalVerifierGateway(d.gateway.deployed).freeze(modelId);
        VM.stopBroadcast();
    }

    function pause() external {
        IRebalanceModule module = _module();
        VM.startBroadcast();
        module.pause();
        VM.stopBroadcast();
    }

    function veto(uint80 roundId) external {
        IRebalanceModule module = _module();
        VM.startBroadcast();
        module.disableRound(roundId);
        VM.stopBroadcast();
    }

    function _module() private view returns (IRebalanceModule) {
        DeploymentRecord.Record memory d = _deployment();
        if (!d.hasModule) revert NoTreasury();
        return IRebalanceModule(d.module.deployed);
    }

    function _deployment() private view returns (DeploymentRecord.Record memory) {
        string memory standard = string.concat("deployments/", VM.toString(block.chainid), ".json");
        return DeploymentRecord.parse(VM.readFile(VM.envOr("DEPLOYMENT", standard)));
    }
}
