// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalVerifier} from "../interfaces/ISignalVerifier.sol";
import {ISignalVerifierGateway} from "../interfaces/ISignalVerifierGateway.sol";
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
    function verify(bytes4 modelId, uint256[] calldata publicInputs, bytes calldata proof) external view {
        _verify(modelId, publicInputs, proof);
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
        _verify(modelId, a.publicInputs, a.proof);
        _verify(modelId, b.publicInputs, b.proof);
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

    function _verify(bytes4 modelId, uint256[] calldata publicInputs, bytes calldata proof) private view {
        Route storage found = _routes[modelId];
        address verifier = found.verifier;
        if (verifier == address(0)) revert RouteUnknown(modelId);
        if (found.frozen) revert RouteIsFrozen(modelId);
        if (proof.length != found.proofLength) revert WrongProofLength(proof.length, found.proofLength);
        if (publicInputs.length != found.inputCount) {
            revert WrongInputCount(publicInputs.length, found.inputCount);
        }
        bytes32 codehash = found.codehash;
        if (verifier.codehash != codehash) revert WrongCodehash(verifier, verifier.codehash, codehash);

        bytes memory request = abi.encodeCall(ISignalVerifier.verify, (publicInputs, proof));
        bool accepted;
        // By hand, so that a hostile verifier can neither return a bomb nor anything but the exact word 1.
        assembly ("memory-safe") {
            accepted := staticcall(gas(), verifier, add(request, 0x20), mload(request), 0x00, 0x20)
            accepted := and(accepted, and(eq(returndatasize(), 0x20), eq(mload(0x00), 1)))
        }
        if (!accepted) revert ProofRejected(modelId);
    }

    function _addRoute(RouteConfig memory config) private {
        if (config.modelId == bytes4(0)) revert ZeroModelId();
        if (_routes[config.modelId].verifier != address(0)) revert RouteExists(config.modelId);
        if (config.verifier == address(0)) revert ZeroAddress();
        // binding, at least one packed word, logits, class
        if (config.proofLength == 0 || config.inputCount < 4) {
            revert BadRouteShape(config.proofLength, config.inputCount);
        }
        bytes32 deployed = config.verifier.codehash;
        if (config.verifier.code.length == 0 || deployed != config.codehash) {
            revert WrongCodehash(config.verifier, deployed, config.codehash);
        }
        _routes[config.modelId] = Route({
            verifier: config.verifier,
            proofLength: config.proofLength,
            inputCount: config.inputCount,
            frozen: false,
            codehash: config.codehash
        });
        emit RouteAdded(
            config.modelId, config.verifier, config.codehash, config.proofLength, config.inputCount
        );
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
