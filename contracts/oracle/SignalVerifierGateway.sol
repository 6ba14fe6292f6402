// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalVerifier} from "../interfaces/ISignalVerifier.sol";
import {ISignalVerifierGateway} from "../interfaces/ISignalVerifierGateway.sol";
import {PublicInputs} from "./PublicInputs.sol";
import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

/// @title The gateway of ISignalVerifierGateway
contract SignalVerifierGateway is ISignalVerifierGateway, Ownable2Step {
    /// @inheritdoc ISignalVerifierGateway
    address public guardian;

    mapping(bytes4 modelId => Route) private _routes;

    /// @param initialOwner In production a timelock: adding a route then takes its delay.
    /// @param initialGuardian May freeze any route at once, and nothing else.
    /// @param initialRoutes The routes the deployment starts with.
    constructor(address initialOwner, address initialGuardian, RouteConfig[] memory initialRoutes)
        Ownable(initialOwner)
    {
        _setGuardian(initialGuardian);
        for (uint256 i = 0; i < initialRoutes.length; ++i) {
            _addRoute(initialRoutes[i]);
        }
    }

    /// @inheritdoc ISignalVerifierGateway
    function verify(
        bytes4 modelId,
        Schema calldata schema,
        uint256[] calldata publicInputs,
        bytes calldata proof
    ) external view {
        Route memory found = _activeRoute(modelId);
        _requireSchema(modelId, found, schema);
        _verify(modelId, found, publicInputs, proof);
    }

    /// @inheritdoc ISignalVerifierGateway
    function verifyBatch(bytes4 modelId, Schema calldata schema, ProvenStatement[] calldata statements)
        external
        view
    {
        if (statements.length == 0) revert EmptyBatch();
        Route memory found = _activeRoute(modelId);
        _requireSchema(modelId, found, schema);
        uint256[4][] memory accumulators = new uint256[4][](statements.length);
        for (uint256 i = 0; i < statements.length; ++i) {
            (uint256[] calldata publicInputs, bytes calldata proof) =
                (statements[i].publicInputs, statements[i].proof);
            _requireShape(found, publicInputs, proof);
            bytes memory accumulate = abi.encodeCall(ISignalVerifier.accumulate, (publicInputs, proof));
            if (!_ask(found.verifier, accumulate, accumulators[i])) revert ProofRejected(modelId);
        }
        bytes memory decide = abi.encodeCall(ISignalVerifier.decide, (accumulators));
        if (!_confirms(found.verifier, decide)) revert ProofRejected(modelId);
    }

    /// @inheritdoc ISignalVerifierGateway
    function addRoute(RouteConfig calldata config) external onlyOwner {
        _addRoute(config);
    }

    /// @inheritdoc ISignalVerifierGateway
    function freeze(bytes4 modelId) external {
        if (msg.sender != guardian && msg.sender != owner()) revert NotGuardian(msg.sender, guardian);
        _freeze(modelId);
    }

    /// @inheritdoc ISignalVerifierGateway
    function freezeByContradiction(bytes4 modelId, ProvenStatement calldata a, ProvenStatement calldata b)
        external
    {
        Route memory found = _activeRoute(modelId);
        _verify(modelId, found, a.publicInputs, a.proof);
        _verify(modelId, found, b.publicInputs, b.proof);
        // Equal lengths: both passed the route's exact input count, which is at least four.
        uint256 last = a.publicInputs.length - 1;
        bytes32 premiseA = keccak256(abi.encodePacked(a.publicInputs[:last - 1]));
        bytes32 premiseB = keccak256(abi.encodePacked(b.publicInputs[:last - 1]));
        uint256 classA = a.publicInputs[last];
        uint256 classB = b.publicInputs[last];
        if (premiseA != premiseB || classA == classB) revert NoContradiction();
        emit ExploitProven(modelId, classA, classB, msg.sender);
        _freeze(modelId);
    }

    /// @inheritdoc ISignalVerifierGateway
    function setGuardian(address newGuardian) external onlyOwner {
        _setGuardian(newGuardian);
    }

    /// @inheritdoc ISignalVerifierGateway
    function route(bytes4 modelId) external view returns (Route memory) {
        return _routes[modelId];
    }

    /// @inheritdoc ISignalVerifierGateway
    function isActive(bytes4 modelId) external view returns (bool) {
        Route storage found = _routes[modelId];
        return found.verifier != address(0) && !found.frozen;
    }

    /// @notice Blocked: without an owner no new model could ever be routed.
    function renounceOwnership() public pure override {
        revert RenounceBlocked();
    }

    /// @dev The route, if it is open and its verifier is the code that was routed.
    function _activeRoute(bytes4 modelId) private view returns (Route memory found) {
        found = _routes[modelId];
        address verifier = found.verifier;
        if (verifier == address(0)) revert RouteUnknown(modelId);
        if (found.frozen) revert RouteIsFrozen(modelId);
        if (verifier.codehash != found.codehash) {
            revert WrongCodehash(verifier, verifier.codehash, found.codehash);
        }
    }

    function _verify(
        bytes4 modelId,
        Route memory found,
        uint256[] calldata publicInputs,
        bytes calldata proof
    ) private view {
        _requireShape(found, publicInputs, proof);
        bytes memory request = abi.encodeCall(ISignalVerifier.verify, (publicInputs, proof));
        if (!_confirms(found.verifier, request)) revert ProofRejected(modelId);
    }

    function _requireSchema(bytes4 modelId, Route memory found, Schema calldata want) private pure {
        bool same = found.windowValues == want.windowValues && found.classes == want.classes
            && found.timeframe == want.timeframe;
        if (same) return;
        revert SchemaMismatch(modelId, Schema(found.windowValues, found.classes, found.timeframe), want);
    }

    function _requireShape(Route memory found, uint256[] calldata publicInputs, bytes calldata proof)
        private
        pure
    {
        if (proof.length != found.proofLength) {
            revert WrongProofLength(proof.length, found.proofLength);
        }
        uint256 want = PublicInputs.count(found.windowValues);
        if (publicInputs.length != want) revert WrongInputCount(publicInputs.length, want);
    }

    /// @dev Whether the verifier answers exactly the word 1.
    function _confirms(address verifier, bytes memory request) private view returns (bool yes) {
        // By hand, so that a hostile verifier can neither return a bomb nor anything else.
        assembly ("memory-safe") {
            yes := staticcall(gas(), verifier, add(request, 0x20), mload(request), 0x00, 0x20)
            yes := and(yes, and(eq(returndatasize(), 0x20), eq(mload(0x00), 1)))
        }
    }

    /// @dev Whether the verifier answers exactly four words, which go to `answer`.
    function _ask(address verifier, bytes memory request, uint256[4] memory answer)
        private
        view
        returns (bool answered)
    {
        assembly ("memory-safe") {
            answered := staticcall(gas(), verifier, add(request, 0x20), mload(request), answer, 0x80)
            answered := and(answered, eq(returndatasize(), 0x80))
        }
    }

    function _addRoute(RouteConfig memory config) private {
        if (config.modelId == bytes4(0)) revert ZeroModelId();
        if (_routes[config.modelId].verifier != address(0)) revert RouteExists(config.modelId);
        if (config.verifier == address(0)) revert ZeroAddress();
        if (config.proofLength == 0) revert BadProofLength(config.proofLength);
        Schema memory schema = config.schema;
        bool known = schema.classes == 2 || schema.classes == 3;
        if (schema.windowValues == 0 || !known || schema.timeframe == 0) revert BadSchema(schema);
        bytes32 deployed = config.verifier.codehash;
        if (config.verifier.code.length == 0 || deployed != config.codehash) {
            revert WrongCodehash(config.verifier, deployed, config.codehash);
        }
        _routes[config.modelId] = Route({
            verifier: config.verifier,
            proofLength: config.proofLength,
            frozen: false,
            windowValues: schema.windowValues,
            classes: schema.classes,
            timeframe: schema.timeframe,
            codehash: config.codehash
        });
        emit RouteAdded(config.modelId, config.verifier, config.codehash, config.proofLength, schema);
    }

    function _freeze(bytes4 modelId) private {
        Route storage found = _routes[modelId];
        if (found.verifier == address(0)) revert RouteUnknown(modelId);
        if (found.frozen) revert RouteIsFrozen(modelId);
        found.frozen = true;
        emit RouteFrozen(modelId, msg.sender);
    }

    function _setGuardian(address newGuardian) private {
        if (newGuardian == address(0)) revert ZeroAddress();
        emit GuardianSet(guardian, newGuardian);
        guardian = newGuardian;
    }
}
