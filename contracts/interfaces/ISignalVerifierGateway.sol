// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

/// @title Routes from model ids to verifiers
/// @notice A route is added by the owner (a timelock), frozen at once by the guardian, and never reused or thawed.
/// A model id is the first four bytes of the model's verifying-key digest.
interface ISignalVerifierGateway {
    /// @notice Where proofs of one model are checked.
    /// @param verifier The generated verifier; zero when the model id is unknown.
    /// @param proofLength Exact length of a proof in bytes.
    /// @param inputCount Exact number of public inputs.
    /// @param frozen True once the route was stopped; final.
    /// @param codehash Code hash the verifier must have at every call.
    struct Route {
        address verifier;
        uint32 proofLength;
        uint16 inputCount;
        bool frozen;
        bytes32 codehash;
    }

    /// @notice A route to be added.
    struct RouteConfig {
        bytes4 modelId;
        address verifier;
        uint32 proofLength;
        uint16 inputCount;
        bytes32 codehash;
    }

    /// @notice A proof with its public inputs.
    struct ProvenStatement {
        uint256[] publicInputs;
        bytes proof;
    }

    event RouteAdded(
        bytes4 indexed modelId,
        address indexed verifier,
        bytes32 codehash,
        uint32 proofLength,
        uint16 inputCount
    );
    event RouteFrozen(bytes4 indexed modelId, address indexed by);
    /// @notice Two valid proofs of one model contradict each other: the model or its circuit is broken.
    event ExploitProven(bytes4 indexed modelId, uint256 classA, uint256 classB, address indexed by);
    event GuardianSet(address indexed previous, address indexed current);

    error ZeroAddress();
    error ZeroModelId();
    error RouteExists(bytes4 modelId);
    error RouteUnknown(bytes4 modelId);
    error RouteIsFrozen(bytes4 modelId);
    error BadRouteShape(uint32 proofLength, uint16 inputCount);
    error WrongCodehash(address verifier, bytes32 got, bytes32 want);
    error WrongProofLength(uint256 got, uint256 want);
    error WrongInputCount(uint256 got, uint256 want);
    /// @notice The verifier reverted, or answered with anything but the single word 1.
    error ProofRejected(bytes4 modelId);
    error NotGuardian(address got, address want);
    error NoContradiction();
    error RenounceBlocked();

    /// @notice Returns if and only if `proof` is valid for `publicInputs` under the model; reverts otherwise.
    function verify(bytes4 modelId, uint256[] calldata publicInputs, bytes calldata proof) external view;

    /// @notice Opens a route. Owner only; a model id can be used once, ever.
    function addRoute(RouteConfig calldata config) external;

    /// @notice Stops a route for good. Guardian or owner.
    function freeze(bytes4 modelId) external;

    /// @notice Stops a route for good on proof of an exploit: two valid proofs whose public inputs agree on the
    /// binding and on every packed input word but differ in the class. Anyone may call it.
    function freezeByContradiction(bytes4 modelId, ProvenStatement calldata a, ProvenStatement calldata b)
        external;

    /// @notice Names the account that may freeze routes. Owner only.
    function setGuardian(address newGuardian) external;

    /// @notice The route of a model id; all zero when unknown.
    function route(bytes4 modelId) external view returns (Route memory);

    /// @notice True when the route exists and is not frozen.
    function isActive(bytes4 modelId) external view returns (bool);

    /// @notice The account that may freeze routes.
    function guardian() external view returns (address);
}
