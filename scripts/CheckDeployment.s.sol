// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalVerifierGateway} from "../contracts/interfaces/ISignalVerifierGateway.sol";
import {SignalOracle} from "../contracts/oracle/SignalOracle.sol";
import {SignalVerifierGateway} from "../contracts/oracle/SignalVerifierGateway.sol";
import {RebalanceModule} from "../contracts/treasury/RebalanceModule.sol";
import {VM} from "../test/support/Vm.sol";
import {Script} from "./support/Script.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title Compares a live chain with its deployment file
/// @notice Reverts with the name of the first thing that differs: chain id, code hashes, wiring, route, owners,
/// attestors. Sends nothing.
///
///   forge script scripts/CheckDeployment.s.sol --rpc-url $RPC
///
/// Environment: DEPLOYMENT, the file to check (default deployments/<chain id>.json).
contract CheckDeployment is Script {
    error Differs(string what, bytes32 got, bytes32 want);

    function run() external view {
        string memory path =
            VM.envOr("DEPLOYMENT", string.concat("deployments/", VM.toString(block.chainid), ".json"));
        check(VM.readFile(path));
    }

    /// @notice Checks a deployment file's text against the current chain.
    function check(string memory json) public view {
        _same("chainId", bytes32(block.chainid), bytes32(VM.parseJsonUint(json, ".chainId")));
        address timelock = _code(json, "timelock");
        address verifier = _code(json, "verifier");
        address gateway = _code(json, "gateway");
        address oracle = _code(json, "oracle");
        _code(json, "aggregator");

        _same("oracle.gateway", address(SignalOracle(oracle).gateway()), gateway);
        _same("oracle.owner", SignalOracle(oracle).owner(), timelock);
        _same("gateway.owner", SignalVerifierGateway(gateway).owner(), timelock);
        _checkFeed(SignalOracle(oracle), json);
        _checkRoute(SignalVerifierGateway(gateway), json, verifier);
        _checkGovernance(json, SignalOracle(oracle), SignalVerifierGateway(gateway), timelock);
        if (VM.keyExistsJson(json, ".contracts.module")) {
            RebalanceModule module = RebalanceModule(_code(json, "module"));
            _same("module.oracle", address(module.oracle()), oracle);
            _same("module.owner", module.owner(), timelock);
            bool enabled = module.safe().isModuleEnabled(address(module));
            bool want = VM.parseJsonBool(json, ".contracts.module.enabled");
            // A module may be enabled later than it was deployed, but not the reverse.
            if (want && !enabled) revert Differs("module.enabled", 0, bytes32(uint256(1)));
        }
    }

    function _checkFeed(SignalOracle oracle, string memory json) private view {
        _same("oracle.symbol", oracle.symbol(), VM.parseJsonBytes32(json, ".feed.symbol"));
        uint256 timeframe = VM.parseJsonUint(json, ".feed.timeframe");
        _same("oracle.timeframe", bytes32(uint256(oracle.timeframe())), bytes32(timeframe));
        uint256 values = VM.parseJsonUint(json, ".feed.windowValues");
        _same("oracle.windowValues", bytes32(uint256(oracle.windowValues())), bytes32(values));
    }

    function _checkRoute(SignalVerifierGateway gateway, string memory json, address verifier) private view {
        bytes4 modelId = bytes4(VM.parseJsonBytes(json, ".model.id"));
        ISignalVerifierGateway.Route memory route = gateway.route(modelId);
        _same("route.verifier", route.verifier, verifier);
        _same("route.codehash", route.codehash, VM.parseJsonBytes32(json, ".contracts.verifier.codehash"));
        if (route.frozen) revert Differs("route.frozen", bytes32(uint256(1)), 0);
    }

    function _checkGovernance(
        string memory json,
        SignalOracle oracle,
        SignalVerifierGateway gateway,
        address timelock
    ) private view {
        address guardian = VM.parseJsonAddress(json, ".governance.guardian");
        _same("gateway.guardian", gateway.guardian(), guardian);
        uint256 delay = VM.parseJsonUint(json, ".governance.timelockDelay");
        uint256 actual = TimelockController(payable(timelock)).getMinDelay();
        _same("timelock.delay", bytes32(actual), bytes32(delay));
        uint256 threshold = VM.parseJsonUint(json, ".governance.threshold");
        _same("oracle.threshold", bytes32(uint256(oracle.threshold())), bytes32(threshold));
        address[] memory attestors = VM.parseJsonAddressArray(json, ".governance.attestors");
        _same("oracle.attestors", keccak256(abi.encode(oracle.attestors())), keccak256(abi.encode(attestors)));
    }

    function _code(string memory json, string memory name) private view returns (address deployed) {
        string memory node = string.concat(".contracts.", name);
        deployed = VM.parseJsonAddress(json, string.concat(node, ".address"));
        _same(
            string.concat(name, ".codehash"),
            deployed.codehash,
            VM.parseJsonBytes32(json, string.concat(node, ".codehash"))
        );
    }

    function _same(string memory what, address got, address want) private pure {
        _same(what, bytes32(uint256(uint160(got))), bytes32(uint256(uint160(want))));
    }

    function _same(string memory what, bytes32 got, bytes32 want) private pure {
        if (got != want) revert Differs(what, got, want);
    }
}
