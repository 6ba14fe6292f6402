// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {AggregatorV3Interface} from "../../contracts/interfaces/AggregatorV3Interface.sol";
import {ISafe} from "../../contracts/interfaces/ISafe.sol";
import {Feed, ISignalOracle} from "../../contracts/interfaces/ISignalOracle.sol";
import {ISignalVerifierGateway} from "../../contracts/interfaces/ISignalVerifierGateway.sol";
import {ISwapRouter, IUniswapV3Pool} from "../../contracts/interfaces/IUniswapV3.sol";
import {TreasuryMarket} from "../../contracts/treasury/TreasuryMarket.sol";
import {VM} from "../../test/support/Vm.sol";
import {Narrow} from "./Narrow.sol";

/// @title A deployment file, read
/// @notice The other half of DeploymentFile, which writes it.
library DeploymentRecord {
    struct Contract {
        address deployed;
        bytes32 codehash;
        bytes constructorArgs;
    }

    struct Record {
        uint256 chainId;
        uint256 blockNumber;
        string commit;
        string status;
        // model and srs
        bytes4 modelId;
        uint256 proofLength;
        bytes32 verifyingKeyDigest;
        string srsKind;
        string srsSha256;
        Feed feed;
        // governance
        address owner;
        address guardian;
        uint256 timelockDelay;
        uint256 threshold;
        address[] attestors;
        // contracts
        Contract timelock;
        Contract verifier;
        Contract gateway;
        Contract oracle;
        Contract aggregator;
        // treasury
        bool hasModule;
        Contract module;
        bool moduleEnabled;
        bool standIns;
        TreasuryMarket.Wiring market;
    }

    /// @notice Reads a file's text; a missing field is named by the parser.
    function parse(string memory json) internal view returns (Record memory d) {
        d.chainId = VM.parseJsonUint(json, ".chainId");
        d.blockNumber = VM.parseJsonUint(json, ".block");
        d.commit = VM.parseJsonString(json, ".commit");
        d.status = VM.parseJsonString(json, ".status");
        d.modelId = bytes4(VM.parseJsonBytes(json, ".model.id"));
        d.proofLength = VM.parseJsonUint(json, ".model.proofLength");
        d.verifyingKeyDigest = VM.parseJsonBytes32(json, ".model.verifyingKeyDigest");
        d.srsKind = VM.parseJsonString(json, ".srs.kind");
        d.srsSha256 = VM.parseJsonString(json, ".srs.sha256");
        d.feed.symbol = VM.parseJsonBytes32(json, ".feed.symbol");
        d.feed.timeframe = Narrow.toUint32("feed.timeframe", VM.parseJsonUint(json, ".feed.timeframe"));
        d.feed.windowValues =
            Narrow.toUint16("feed.windowValues", VM.parseJsonUint(json, ".feed.windowValues"));
        d.feed.classes = Narrow.toUint8("feed.classes", VM.parseJsonUint(json, ".feed.classes"));
        d.feed.maxAge = Narrow.toUint32("feed.maxAge", VM.parseJsonUint(json, ".feed.maxAge"));
        d.owner = VM.parseJsonAddress(json, ".governance.owner");
        d.guardian = VM.parseJsonAddress(json, ".governance.guardian");
        d.timelockDelay = VM.parseJsonUint(json, ".governance.timelockDelay");
        d.threshold = VM.parseJsonUint(json, ".governance.threshold");
        d.attestors = VM.parseJsonAddressArray(json, ".governance.attestors");
        d.timelock = _contract(json, "timelock");
        d.verifier = _contract(json, "verifier");
        d.gateway = _contract(json, "gateway");
        d.oracle = _contract(json, "oracle");
        d.aggregator = _contract(json, "aggregator");
        d.hasModule = VM.keyExistsJson(json, ".contracts.module");
        if (d.hasModule) _treasury(d, json);
    }

    /// @notice What the timelock was made with: anyone may execute, nobody is admin.
    function timelockArgs(Record memory d) internal pure returns (bytes memory) {
        address[] memory proposers = new address[](1);
        proposers[0] = d.owner;
        return abi.encode(d.timelockDelay, proposers, new address[](1), address(0));
    }

    function gatewayArgs(Record memory d) internal pure returns (bytes memory) {
        ISignalVerifierGateway.RouteConfig[] memory routes = new ISignalVerifierGateway.RouteConfig[](1);
        routes[0] = ISignalVerifierGateway.RouteConfig({
            modelId: d.modelId,
            verifier: d.verifier.deployed,
            proofLength: Narrow.toUint32("model.proofLength", d.proofLength),
            schema: schema(d.feed),
            codehash: d.verifier.codehash
        });
        return abi.encode(d.timelock.deployed, d.guardian, routes);
    }

    /// @notice What every model of an oracle reads and answers.
    function schema(Feed memory feed) internal pure returns (ISignalVerifierGateway.Schema memory) {
        return ISignalVerifierGateway.Schema(feed.windowValues, feed.classes, feed.timeframe);
    }

    function oracleArgs(Record memory d) internal pure returns (bytes memory) {
        return abi.encode(
            d.gateway.deployed,
            d.feed,
            d.timelock.deployed,
            d.attestors,
            Narrow.toUint8("governance.threshold", d.threshold)
        );
    }

    function _treasury(Record memory d, string memory json) private pure {
        d.module = _contract(json, "module");
        d.moduleEnabled = VM.parseJsonBool(json, ".contracts.module.enabled");
        d.standIns = VM.parseJsonBool(json, ".treasury.standIns");
        d.market = TreasuryMarket.Wiring({
            safe: ISafe(VM.parseJsonAddress(json, ".treasury.safe")),
            oracle: ISignalOracle(d.oracle.deployed),
            router: ISwapRouter(VM.parseJsonAddress(json, ".treasury.router")),
            pool: IUniswapV3Pool(VM.parseJsonAddress(json, ".treasury.pool")),
            feed: AggregatorV3Interface(VM.parseJsonAddress(json, ".treasury.priceFeed")),
            base: VM.parseJsonAddress(json, ".treasury.base"),
            quote: VM.parseJsonAddress(json, ".treasury.quote")
        });
    }

    function _contract(string memory json, string memory name) private pure returns (Contract memory c) {
        string memory node = string.concat(".contracts.", name);
        c.deployed = VM.parseJsonAddress(json, string.concat(node, ".address"));
        c.codehash = VM.parseJsonBytes32(json, string.concat(node, ".codehash"));
        c.constructorArgs = VM.parseJsonBytes(json, string.concat(node, ".constructorArgs"));
    }
}
