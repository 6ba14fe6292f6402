// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

/// @title Routes from model ids to verifiers
/// @notice A route is added by the owner (a timelock), frozen at once by the guardian, and never reused or thawed.
/// A model id is the first four bytes of the model's verifying-key digest.
interface ISignalVerifierGateway {
    /// @notice What a model reads and what it answers.
    /// @param windowValues Values in a window; 31 make one packed input word.
    /// @param classes How many classes the model tells apart: 3 for signals, 2 for regimes.
    /// @param timeframe Seconds per candle.
    struct Schema {
        uint16 windowValues;
        uint8 classes;
        uint32 timeframe;
    }

    /// @notice Where proofs of one model are checked. Two storage slots.
    /// @param verifier The generated verifier; zero when the model id is unknown.
    /// @param proofLength Exact length of a proof in bytes.
    /// @param frozen True once the route was stopped; final.
    /// @param windowValues See `Schema`; so are classes and timeframe.
    /// @param codehash Code hash the verifier must have at every call.
    struct Route {
        address verifier;
        uint32 proofLength;
        bool frozen;
        uint16 windowValues;
        uint8 classes;
        uint32 timeframe;
        bytes32 codehash;
    }

    /// @notice A route to be added.
    struct RouteConfig {
        bytes4 modelId;
        address verifier;
        uint32 proofLength;
        Schema schema;
        bytes32 codehash;
    }

    /// @notice A proof with its public inputs.
    struct ProvenStatement {
        uint256[] publicInputs;
        bytes proof;
    }

    event RouteAdded(
        bytes4 indexed modelId, address indexed verifier, bytes32 codehash, uint32 proofLength, Schema schema
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
    error BadProofLength(uint32 got);
    error BadSchema(Schema got);
    /// @notice The model's schema is not the one that the caller expects.
    error SchemaMismatch(bytes4 modelId, Schema got, Schema want);
    error WrongCodehash(address verifier, bytes32 got, bytes32 want);
    error WrongProofLength(uint256 got, uint256 want);
    error WrongInputCount(uint256 got, uint256 want);
    /// @notice The verifier reverted, or answered with anything but the single word 1.
    error ProofRejected(bytes4 modelId);
    error NotGuardian(address got, address want);
    error EmptyBatch();
    error NoContradiction();
    error RenounceBlocked();

    /// @notice Returns if and only if the model has this schema and `proof` is valid for `publicInputs` under it;
    /// reverts otherwise.
    function verify(
        bytes4 modelId,
        Schema calldata schema,
        uint256[] calldata publicInputs,
        bytes calldata proof
    ) external view;

    /// @notice `verify` for several statements of one model, which share one pairing check: returns if and only if
    /// all of them are valid.
    function verifyBatch(bytes4 modelId, Schema calldata schema, ProvenStatement[] calldata statements)
        external
        view;

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
