// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalVerifierGateway} from "../contracts/interfaces/ISignalVerifierGateway.sol";
import {SignalAggregatorV3} from "../contracts/oracle/SignalAggregatorV3.sol";
import {SignalVerifierGateway} from "../contracts/oracle/SignalVerifierGateway.sol";
import {RebalanceModule} from "../contracts/treasury/RebalanceModule.sol";
import {VM} from "../test/support/Vm.sol";
import {Comparison} from "./support/Comparison.sol";
import {DeploymentRecord} from "./support/DeploymentRecord.sol";
import {IDeployedOracle} from "./support/OracleArtifact.sol";
import {Script} from "./support/Script.sol";
import {StandIns} from "./support/StandIns.sol";
import {VerifierParams} from "./support/VerifierParams.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title Compares a live chain with its deployment file
/// @notice Reverts with the path of the first field of the file that the chain, the committed verifier or the rest
/// of the file contradicts; every field is compared. Sends nothing.
///
///   forge script scripts/CheckDeployment.s.sol --rpc-url sepolia
///
/// Environment:
///   DEPLOYMENT     the file to check, default deployments/<chain id>.json
///   VERIFIER_DIR   directory of params.json, default contracts/verifiers/<model id>
///   COMMIT         the commit the file must name; without it any well-formed one will do
///   ACCEPT         fields, separated by commas, that governance has changed since: the file tells how the
///                  deployment was made, and accepting a change is an act of whoever runs this
contract CheckDeployment is Script, Comparison {
    /// @dev A demonstration's file names no commit.
    uint256 private constant LOCAL_CHAIN = 31_337;
    /// @dev How many blocks a first transaction may wait to be mined.
    uint256 private constant PATIENCE = 64;

    function run() external {
        string memory path =
            VM.envOr("DEPLOYMENT", string.concat("deployments/", VM.toString(block.chainid), ".json"));
        DeploymentRecord.Record memory d = DeploymentRecord.parse(VM.readFile(path));
        _check(d);
        // The recorded block is the last one before the deployment: nothing was there, soon after it was.
        uint256 later = d.blockNumber + PATIENCE;
        if (later > block.number) later = block.number;
        _same("block", _codeSize(d.timelock.deployed, d.blockNumber) == 0, true);
        _same("block", _codeSize(d.timelock.deployed, later) != 0, true);
    }

    /// @notice Checks a deployment file's text against the current chain; `run` also looks at its past.
    function check(string memory json) external view {
        _check(DeploymentRecord.parse(json));
    }

    function _check(DeploymentRecord.Record memory d) private view {
        _same("chainId", block.chainid, d.chainId);
        _same("status", d.status, "active");
        if (d.blockNumber >= block.number) {
            revert Differs("block", bytes32(block.number), bytes32(d.blockNumber));
        }
        _same("commit", d.commit, VM.envOr("COMMIT", d.commit));
        if (block.chainid != LOCAL_CHAIN) _same("commit", bytes(d.commit).length, 40);

        _checkCode("timelock", d.timelock);
        _checkCode("verifier", d.verifier);
        _checkCode("gateway", d.gateway);
        _checkCode("oracle", d.oracle);
        _checkCode("aggregator", d.aggregator);
        _checkRoute(d);
        _checkOracle(d);
        _checkGovernance(d);
        if (d.hasModule) _checkTreasury(d);
        _checkArguments(d);
    }

    function _checkRoute(DeploymentRecord.Record memory d) private view {
        SignalVerifierGateway gateway = SignalVerifierGateway(d.gateway.deployed);
        ISignalVerifierGateway.Route memory route = gateway.route(d.modelId);
        if (route.verifier == address(0)) {
            revert Differs("model.id", 0, bytes32(d.modelId));
        }
        _same("contracts.verifier.address", route.verifier, d.verifier.deployed);
        _same("contracts.verifier.codehash", route.codehash, d.verifier.codehash);
        _same("model.proofLength", route.proofLength, d.proofLength);
        _same("feed.windowValues", route.windowValues, d.feed.windowValues);
        _same("feed.classes", route.classes, d.feed.classes);
        _same("feed.timeframe", route.timeframe, d.feed.timeframe);
        _same("model.frozen", route.frozen, false);

        string memory standard =
            string.concat("contracts/verifiers/", VM.toString(abi.encodePacked(d.modelId)));
        VerifierParams.Params memory params = VerifierParams.read(VM.envOr("VERIFIER_DIR", standard));
        _same("model.id", bytes32(params.modelId), bytes32(d.modelId));
        _same("model.verifyingKeyDigest", params.verifyingKeyDigest, d.verifyingKeyDigest);
        _same("feed.windowValues", params.inputs, d.feed.windowValues);
        _same("feed.classes", params.classes, d.feed.classes);
        _same("srs.kind", params.srsKind, d.srsKind);
        _same("srs.sha256", params.srsSha256, d.srsSha256);
        // The source beside params.json compiles to what is on the chain.
        _same(
            "contracts.verifier.codehash", keccak256(VM.getDeployedCode(params.artifact)), d.verifier.codehash
        );
    }

    function _checkOracle(DeploymentRecord.Record memory d) private view {
        IDeployedOracle oracle = IDeployedOracle(d.oracle.deployed);
        _same("contracts.gateway.address", address(oracle.gateway()), d.gateway.deployed);
        _same(
            "contracts.oracle.address",
            address(SignalAggregatorV3(d.aggregator.deployed).oracle()),
            address(oracle)
        );
        _same("feed.symbol", oracle.symbol(), d.feed.symbol);
        _same("feed.timeframe", oracle.timeframe(), d.feed.timeframe);
        _same("feed.windowValues", oracle.windowValues(), d.feed.windowValues);
        _same("feed.classes", oracle.classes(), d.feed.classes);
        _same("feed.maxAge", oracle.maxAge(), d.feed.maxAge);
        _same("governance.threshold", oracle.threshold(), d.threshold);
        _same(
            "governance.attestors",
            keccak256(abi.encode(oracle.attestors())),
            keccak256(abi.encode(d.attestors))
        );
    }

    function _checkGovernance(DeploymentRecord.Record memory d) private view {
        TimelockController timelock = TimelockController(payable(d.timelock.deployed));
        address owner = address(timelock);
        _same("contracts.timelock.address", IDeployedOracle(d.oracle.deployed).owner(), owner);
        _same("contracts.timelock.address", SignalVerifierGateway(d.gateway.deployed).owner(), owner);
        _same("governance.guardian", SignalVerifierGateway(d.gateway.deployed).guardian(), d.guardian);
        _same("governance.timelockDelay", timelock.getMinDelay(), d.timelockDelay);
        _same("governance.owner", timelock.hasRole(timelock.PROPOSER_ROLE(), d.owner), true);
        _same("governance.owner", timelock.hasRole(timelock.CANCELLER_ROLE(), d.owner), true);
        _same("governance.executor", timelock.hasRole(timelock.EXECUTOR_ROLE(), address(0)), true);
        _same("governance.owner", timelock.hasRole(timelock.DEFAULT_ADMIN_ROLE(), d.owner), false);
    }

    function _checkTreasury(DeploymentRecord.Record memory d) private view {
        _checkCode("module", d.module);
        RebalanceModule module = RebalanceModule(d.module.deployed);
        _same("contracts.oracle.address", address(module.oracle()), d.oracle.deployed);
        _same("contracts.timelock.address", module.owner(), d.timelock.deployed);
        _same("governance.guardian", module.guardian(), d.guardian);
        _same("treasury.safe", address(module.safe()), address(d.market.safe));
        _same("treasury.router", address(module.router()), address(d.market.router));
        _same("treasury.pool", address(module.pool()), address(d.market.pool));
        _same("treasury.priceFeed", address(module.feed()), address(d.market.feed));
        _same("treasury.base", module.base(), d.market.base);
        _same("treasury.quote", module.quote(), d.market.quote);
        _same("treasury.standIns", StandIns.isDemo(module.feed()), d.standIns);
        _same("contracts.module.enabled", module.safe().isModuleEnabled(address(module)), d.moduleEnabled);
    }

    /// @dev The arguments must be those that the rest of the file tells.
    function _checkArguments(DeploymentRecord.Record memory d) private view {
        _checkArguments("timelock", d.timelock, DeploymentRecord.timelockArgs(d));
        _checkArguments("verifier", d.verifier, "");
        _checkArguments("gateway", d.gateway, DeploymentRecord.gatewayArgs(d));
        _checkArguments("oracle", d.oracle, DeploymentRecord.oracleArgs(d));
        _checkArguments("aggregator", d.aggregator, abi.encode(d.oracle.deployed));
        if (!d.hasModule) return;
        RebalanceModule module = RebalanceModule(d.module.deployed);
        bytes memory want =
            abi.encode(d.market, module.bounds(), module.policy(), d.timelock.deployed, d.guardian);
        _checkArguments("module", d.module, want);
    }

    function _checkArguments(string memory name, DeploymentRecord.Contract memory c, bytes memory want)
        private
        view
    {
        string memory what = string.concat("contracts.", name, ".constructorArgs");
        _same(what, keccak256(want), keccak256(c.constructorArgs));
    }

    function _checkCode(string memory name, DeploymentRecord.Contract memory c) private view {
        string memory node = string.concat("contracts.", name);
        _same(string.concat(node, ".address"), c.deployed.code.length != 0, true);
        _same(string.concat(node, ".codehash"), c.deployed.codehash, c.codehash);
    }

    function _codeSize(address account, uint256 height) private returns (uint256) {
        string memory params = string.concat('["', VM.toString(account), '","', _quantity(height), '"]');
        return VM.rpc("eth_getCode", params).length;
    }

    /// @dev Hexadecimal without leading zeros, as RPC wants its quantities.
    function _quantity(uint256 value) private pure returns (string memory text) {
        bytes16 digits = "0123456789abcdef";
        do {
            text = string.concat(string(abi.encodePacked(digits[value % 16])), text);
            value /= 16;
        } while (value != 0);
        return string.concat("0x", text);
    }
}
