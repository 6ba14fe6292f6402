// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {Feed} from "../contracts/interfaces/ISignalOracle.sol";
import {ISignalVerifierGateway} from "../contracts/interfaces/ISignalVerifierGateway.sol";
import {SignalAggregatorV3} from "../contracts/oracle/SignalAggregatorV3.sol";
import {SignalVerifierGateway} from "../contracts/oracle/SignalVerifierGateway.sol";
import {RebalanceModule} from "../contracts/treasury/RebalanceModule.sol";
import {TreasuryMarket} from "../contracts/treasury/TreasuryMarket.sol";
import {VM} from "../test/support/Vm.sol";
import {Artifacts} from "./support/Artifacts.sol";
import {DeploymentConfig} from "./support/DeploymentConfig.sol";
import {DeploymentFile} from "./support/DeploymentFile.sol";
import {DeploymentRecord} from "./support/DeploymentRecord.sol";
import {IDeployedOracle, OracleArtifact} from "./support/OracleArtifact.sol";
import {ISafeOwner, SafeOwner} from "./support/SafeOwner.sol";
import {Script} from "./support/Script.sol";
import {VerifierParams} from "./support/VerifierParams.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title Deploys and wires VeriRegime on one chain and writes deployments/<chain id>.json
/// @notice The owner of everything is a new TimelockController whose proposer and canceller is OWNER and whose
/// executor is anyone. A verifier built on a development SRS is refused on every chain but 31337.
///
///   forge script scripts/Deploy.s.sol --rpc-url sepolia --broadcast --slow
///
/// The signing key comes from ETH_KEYSTORE and ETH_PASSWORD (files), never from an argument; docs/deploying.md.
///
/// Environment, required:
///   VERIFIER_DIR      directory of the generated Verifier.sol and params.json, e.g. contracts/verifiers/0x12345678
///   ATTESTORS         addresses, separated by commas, in any order
///   THRESHOLD         attestations needed for a round
///   OWNER, GUARDIAN   proposer of the timelock; who may stop things (default on chain 31337: the deployer)
/// Optional:
///   TIMELOCK_DELAY    seconds, default 3 days; at least 1 day except on chain 31337
///   SYMBOL, TIMEFRAME, MAX_AGE                    default BTC/USDT, 60, 600
///   SAFE, ROUTER, POOL, PRICE_FEED, BASE, QUOTE   the treasury's Safe and market; or MARKET, a JSON file with
///                     safe, router, pool, feed, base, quote (as DemoMarket writes it). Without either no treasury
///                     module is deployed
///   SELL_TARGET_BPS .. LOSS_BUDGET                the treasury's policy, see scripts/support/DeploymentConfig.sol
///   DEPLOYMENT_OUT    file to write, default deployments/<chain id>.json
///   COMMIT            commit to record
/// The module is enabled on the Safe when the deployer is its only needed owner; otherwise the Safe must do it and
/// the file says "enabled": false.
contract Deploy is Script {
    struct Deployed {
        VerifierParams.Params params;
        DeploymentConfig.Governance governance;
        Feed feed;
        TimelockController timelock;
        address verifier;
        SignalVerifierGateway gateway;
        IDeployedOracle oracle;
        SignalAggregatorV3 aggregator;
        RebalanceModule module;
        bytes timelockArgs;
        bytes gatewayArgs;
        bytes oracleArgs;
        TreasuryMarket.Wiring market;
        bytes moduleArgs;
        bool moduleEnabled;
    }

    function run() external {
        Deployed memory d;
        d.params = VerifierParams.read(VM.envString("VERIFIER_DIR"));
        d.governance = DeploymentConfig.governance(msg.sender);
        d.feed = DeploymentConfig.feed(d.params);
        d.market = DeploymentConfig.market();

        VM.startBroadcast();
        _deployOracle(d);
        if (address(d.market.safe) != address(0)) _deployModule(d);
        VM.stopBroadcast();

        DeploymentFile.write(d);
    }

    function _deployOracle(Deployed memory d) private {
        address[] memory proposers = new address[](1);
        proposers[0] = d.governance.owner;
        // The zero address as executor: anyone may execute what has waited long enough.
        address[] memory executors = new address[](1);
        d.timelock = new TimelockController(d.governance.timelockDelay, proposers, executors, address(0));
        d.timelockArgs = abi.encode(d.governance.timelockDelay, proposers, executors, address(0));

        d.verifier = Artifacts.create(d.params.artifact, VM.getCode(d.params.artifact));
        ISignalVerifierGateway.RouteConfig[] memory routes = new ISignalVerifierGateway.RouteConfig[](1);
        routes[0] = ISignalVerifierGateway.RouteConfig({
            modelId: d.params.modelId,
            verifier: d.verifier,
            proofLength: d.params.proofLength,
            schema: DeploymentRecord.schema(d.feed),
            codehash: d.verifier.codehash
        });
        address owner = address(d.timelock);
        d.gateway = new SignalVerifierGateway(owner, d.governance.guardian, routes);
        d.gatewayArgs = abi.encode(owner, d.governance.guardian, routes);

        d.oracle =
            OracleArtifact.create(d.gateway, d.feed, owner, d.governance.attestors, d.governance.threshold);
        d.oracleArgs = abi.encode(d.gateway, d.feed, owner, d.governance.attestors, d.governance.threshold);
        d.aggregator = new SignalAggregatorV3(d.oracle);
    }

    function _deployModule(Deployed memory d) private {
        d.market.oracle = d.oracle;
        address owner = address(d.timelock);
        d.module = new RebalanceModule(
            d.market, DeploymentConfig.bounds(), DeploymentConfig.policy(), owner, d.governance.guardian
        );
        d.moduleArgs = abi.encode(
            d.market, DeploymentConfig.bounds(), DeploymentConfig.policy(), owner, d.governance.guardian
        );
        address safe = address(d.market.safe);
        if (SafeOwner.isSole(safe, msg.sender)) {
            bytes memory enable = abi.encodeCall(ISafeOwner.enableModule, (address(d.module)));
            SafeOwner.call(safe, msg.sender, safe, enable);
            d.moduleEnabled = true;
        }
    }
}
