// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {VM} from "../../test/support/Vm.sol";
import {Deploy} from "../Deploy.s.sol";
import {StandIns} from "./StandIns.sol";

/// @title The record of a deployment
/// @notice deployments/<chain id>.json: addresses, code hashes, constructor arguments, model, SRS,
/// governance, the treasury's market.
library DeploymentFile {
    /// @notice Writes the record to DEPLOYMENT_OUT or to deployments/<chain id>.json.
    function write(Deploy.Deployed memory d) internal {
        string memory path =
            VM.envOr("DEPLOYMENT_OUT", string.concat("deployments/", VM.toString(block.chainid), ".json"));
        VM.serializeUint("deployment", "chainId", block.chainid);
        VM.serializeUint("deployment", "block", block.number);
        VM.serializeString("deployment", "commit", VM.envOr("COMMIT", string("")));
        VM.serializeString("deployment", "status", "active");
        VM.serializeString("deployment", "model", _model(d));
        VM.serializeString("deployment", "srs", _srs(d));
        VM.serializeString("deployment", "feed", _feed(d));
        VM.serializeString("deployment", "governance", _governance(d));
        if (address(d.module) != address(0)) VM.serializeString("deployment", "treasury", _treasury(d));
        VM.writeJson(VM.serializeString("deployment", "contracts", _contracts(d)), path);
    }

    function _model(Deploy.Deployed memory d) private returns (string memory) {
        VM.serializeBytes("model", "id", abi.encodePacked(d.params.modelId));
        VM.serializeUint("model", "proofLength", d.params.proofLength);
        return VM.serializeBytes32("model", "verifyingKeyDigest", d.params.verifyingKeyDigest);
    }

    function _srs(Deploy.Deployed memory d) private returns (string memory) {
        VM.serializeString("srs", "kind", d.params.srsKind);
        return VM.serializeString("srs", "sha256", d.params.srsSha256);
    }

    function _feed(Deploy.Deployed memory d) private returns (string memory) {
        VM.serializeBytes32("feed", "symbol", d.feed.symbol);
        VM.serializeUint("feed", "timeframe", d.feed.timeframe);
        VM.serializeUint("feed", "windowValues", d.feed.windowValues);
        VM.serializeUint("feed", "classes", d.feed.classes);
        return VM.serializeUint("feed", "maxAge", d.feed.maxAge);
    }

    function _governance(Deploy.Deployed memory d) private returns (string memory) {
        VM.serializeAddress("governance", "owner", d.governance.owner);
        VM.serializeAddress("governance", "guardian", d.governance.guardian);
        VM.serializeUint("governance", "timelockDelay", d.governance.timelockDelay);
        VM.serializeUint("governance", "threshold", d.governance.threshold);
        return VM.serializeAddress("governance", "attestors", d.governance.attestors);
    }

    function _treasury(Deploy.Deployed memory d) private returns (string memory) {
        VM.serializeAddress("treasury", "safe", address(d.market.safe));
        VM.serializeAddress("treasury", "router", address(d.market.router));
        VM.serializeAddress("treasury", "pool", address(d.market.pool));
        VM.serializeAddress("treasury", "priceFeed", address(d.market.feed));
        VM.serializeAddress("treasury", "base", d.market.base);
        VM.serializeAddress("treasury", "quote", d.market.quote);
        return VM.serializeBool("treasury", "standIns", StandIns.isDemo(d.market.feed));
    }

    function _contracts(Deploy.Deployed memory d) private returns (string memory json) {
        VM.serializeString(
            "contracts", "timelock", _contract("timelock", address(d.timelock), d.timelockArgs)
        );
        VM.serializeString("contracts", "verifier", _contract("verifier", d.verifier, ""));
        VM.serializeString("contracts", "gateway", _contract("gateway", address(d.gateway), d.gatewayArgs));
        VM.serializeString(
            "contracts", "aggregator", _contract("aggregator", address(d.aggregator), abi.encode(d.oracle))
        );
        json = VM.serializeString("contracts", "oracle", _contract("oracle", address(d.oracle), d.oracleArgs));
        if (address(d.module) != address(0)) {
            string memory module = _contract("module", address(d.module), d.moduleArgs);
            module = VM.serializeBool("module", "enabled", d.moduleEnabled);
            json = VM.serializeString("contracts", "module", module);
        }
    }

    function _contract(string memory name, address deployed, bytes memory arguments)
        private
        returns (string memory)
    {
        VM.serializeAddress(name, "address", deployed);
        VM.serializeBytes(name, "constructorArgs", arguments);
        return VM.serializeBytes32(name, "codehash", deployed.codehash);
    }
}
