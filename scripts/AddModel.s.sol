// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalVerifierGateway} from "../contracts/interfaces/ISignalVerifierGateway.sol";
import {VM} from "../test/support/Vm.sol";
import {Artifacts} from "./support/Artifacts.sol";
import {DeploymentRecord} from "./support/DeploymentRecord.sol";
import {Script} from "./support/Script.sol";
import {VerifierParams} from "./support/VerifierParams.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title Adds a model to a deployment, through its timelock
/// @notice Two runs, the timelock's delay apart. The first deploys the verifier, schedules its route as the
/// timelock's proposer and writes ROUTE; the second, by anyone, executes what ROUTE says.
///
///   forge script scripts/AddModel.s.sol --sig 'schedule()' --rpc-url sepolia --broadcast --slow
///   forge script scripts/AddModel.s.sol --sig 'execute()'  --rpc-url sepolia --broadcast --slow
///
/// A proposer that is a Safe cannot sign here: `schedule()` run by anyone else deploys the verifier, schedules
/// nothing, and ROUTE then holds the call (to: the timelock, data: `scheduleCall`) for the Safe to make.
///
/// Environment:
///   VERIFIER_DIR   directory of the new model's Verifier.sol and params.json (schedule)
///   DEPLOYMENT     default deployments/<chain id>.json
///   ROUTE          the file between the two runs, default deployments/<chain id>.route.json
contract AddModel is Script {
    error SchemaMismatch(uint16 gotInputs, uint8 gotClasses, uint16 wantInputs, uint8 wantClasses);
    error RouteDiffers(bytes4 modelId);

    function schedule() external {
        DeploymentRecord.Record memory d = _deployment();
        VerifierParams.Params memory params = VerifierParams.read(VM.envString("VERIFIER_DIR"));
        // An oracle serves one schema: a proof of another could be routed, but never accepted.
        if (params.inputs != d.feed.windowValues || params.classes != d.feed.classes) {
            revert SchemaMismatch(params.inputs, params.classes, d.feed.windowValues, d.feed.classes);
        }

        TimelockController timelock = TimelockController(payable(d.timelock.deployed));
        bool proposes = timelock.hasRole(timelock.PROPOSER_ROLE(), msg.sender);

        VM.startBroadcast();
        address verifier = Artifacts.create(params.artifact, VM.getCode(params.artifact));
        bytes memory call = abi.encodeCall(
            ISignalVerifierGateway.addRoute,
            (ISignalVerifierGateway.RouteConfig({
                    modelId: params.modelId,
                    verifier: verifier,
                    proofLength: params.proofLength,
                    schema: DeploymentRecord.schema(d.feed),
                    codehash: verifier.codehash
                }))
        );
        uint256 delay = timelock.getMinDelay();
        if (proposes) timelock.schedule(d.gateway.deployed, 0, call, 0, 0, delay);
        VM.stopBroadcast();

        VM.serializeBytes("route", "modelId", abi.encodePacked(params.modelId));
        VM.serializeAddress("route", "verifier", verifier);
        VM.serializeAddress("route", "timelock", address(timelock));
        VM.serializeAddress("route", "gateway", d.gateway.deployed);
        VM.serializeBytes("route", "call", call);
        VM.serializeBytes(
            "route",
            "scheduleCall",
            abi.encodeCall(TimelockController.schedule, (d.gateway.deployed, 0, call, 0, 0, delay))
        );
        bytes32 id = timelock.hashOperation(d.gateway.deployed, 0, call, 0, 0);
        VM.serializeBytes32("route", "operation", id);
        VM.writeJson(VM.serializeBool("route", "scheduled", proposes), _path());
    }

    function execute() external {
        DeploymentRecord.Record memory d = _deployment();
        string memory json = VM.readFile(_path());
        bytes4 modelId = bytes4(VM.parseJsonBytes(json, ".modelId"));
        address verifier = VM.parseJsonAddress(json, ".verifier");
        bytes memory call = VM.parseJsonBytes(json, ".call");

        VM.startBroadcast();
        TimelockController(payable(d.timelock.deployed)).execute(d.gateway.deployed, 0, call, 0, 0);
        VM.stopBroadcast();

        ISignalVerifierGateway.Route memory route = ISignalVerifierGateway(d.gateway.deployed).route(modelId);
        if (route.verifier != verifier || route.frozen) revert RouteDiffers(modelId);
    }

    function _deployment() private view returns (DeploymentRecord.Record memory) {
        string memory standard = string.concat("deployments/", VM.toString(block.chainid), ".json");
        return DeploymentRecord.parse(VM.readFile(VM.envOr("DEPLOYMENT", standard)));
    }

    function _path() private view returns (string memory) {
        return VM.envOr("ROUTE", string.concat("deployments/", VM.toString(block.chainid), ".route.json"));
    }
}
