// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

/// @title The forge cheat codes this project uses
/// @notice Declared here instead of depending on an unofficial package of the standard library.
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    // Chain state
    function warp(uint256 timestamp) external;
    function roll(uint256 blockNumber) external;
    function chainId(uint256 id) external;
    function deal(address account, uint256 balance) external;
    function etch(address account, bytes calldata code) external;
    function store(address account, bytes32 slot, bytes32 value) external;
    function load(address account, bytes32 slot) external view returns (bytes32);
    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function mockCall(address callee, bytes calldata data, bytes calldata returnData) external;
    function mockCallRevert(address callee, bytes calldata data, bytes calldata revertData) external;
    function clearMockedCalls() external;
    function snapshotState() external returns (uint256 id);
    function revertToState(uint256 id) external returns (bool);
    function getBlockTimestamp() external view returns (uint256);

    // Expectations
    function expectRevert() external;
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata data) external;
    function expectPartialRevert(bytes4 selector) external;
    function expectEmit(address emitter) external;
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
    function assume(bool condition) external pure;
    function assertTrue(bool condition, string calldata why) external pure;
    function assertFalse(bool condition, string calldata why) external pure;
    function assertEq(uint256 got, uint256 want, string calldata why) external pure;
    function assertEq(int256 got, int256 want, string calldata why) external pure;
    function assertEq(address got, address want, string calldata why) external pure;
    function assertEq(bytes32 got, bytes32 want, string calldata why) external pure;
    function assertEq(bytes calldata got, bytes calldata want, string calldata why) external pure;
    function assertEq(string calldata got, string calldata want, string calldata why) external pure;
    function assertLe(uint256 got, uint256 want, string calldata why) external pure;
    function assertGe(uint256 got, uint256 want, string calldata why) external pure;
    function assertApproxEqRel(uint256 got, uint256 want, uint256 maxDelta, string calldata why) external pure;
    function skip(bool condition, string calldata why) external;

    // Keys
    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);

    // Gas
    function snapshotGasLastCall(string calldata name) external returns (uint256 gasUsed);
    function snapshotValue(string calldata name, uint256 value) external;

    // Files and JSON
    function getCode(string calldata artifact) external view returns (bytes memory);
    function getDeployedCode(string calldata artifact) external view returns (bytes memory);
    function exists(string calldata path) external view returns (bool);
    function readFile(string calldata path) external view returns (string memory);
    function writeJson(string calldata json, string calldata path) external;
    function writeJson(string calldata json, string calldata path, string calldata key) external;
    function writeFile(string calldata path, string calldata data) external;
    function createDir(string calldata path, bool recursive) external;
    function parseJsonKeys(string calldata json, string calldata key) external pure returns (string[] memory);
    function keyExistsJson(string calldata json, string calldata key) external view returns (bool);
    function parseJsonUint(string calldata json, string calldata key) external pure returns (uint256);
    function parseJsonInt(string calldata json, string calldata key) external pure returns (int256);
    function parseJsonUintArray(string calldata json, string calldata key)
        external
        pure
        returns (uint256[] memory);
    function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory);
    function parseJsonBytes32(string calldata json, string calldata key) external pure returns (bytes32);
    function parseJsonString(string calldata json, string calldata key) external pure returns (string memory);
    function parseJsonBool(string calldata json, string calldata key) external pure returns (bool);
    function parseJsonAddress(string calldata json, string calldata key) external pure returns (address);
    function parseJsonAddressArray(string calldata json, string calldata key)
        external
        pure
        returns (address[] memory);
    function serializeAddress(string calldata object, string calldata key, address value)
        external
        returns (string memory json);
    function serializeAddress(string calldata object, string calldata key, address[] calldata values)
        external
        returns (string memory json);
    function serializeBool(string calldata object, string calldata key, bool value)
        external
        returns (string memory json);
    function serializeBytes(string calldata object, string calldata key, bytes calldata value)
        external
        returns (string memory json);
    function serializeBytes32(string calldata object, string calldata key, bytes32 value)
        external
        returns (string memory json);
    function serializeBytes32(string calldata object, string calldata key, bytes32[] calldata values)
        external
        returns (string memory json);
    function serializeUint(string calldata object, string calldata key, uint256 value)
        external
        returns (string memory json);
    function serializeString(string calldata object, string calldata key, string calldata value)
        external
        returns (string memory json);
    function toString(uint256 value) external pure returns (string memory);
    function toString(bytes calldata value) external pure returns (string memory);
    function toString(address value) external pure returns (string memory);

    // Environment
    function envString(string calldata name) external view returns (string memory);
    function envAddress(string calldata name) external view returns (address);
    function envAddress(string calldata name, string calldata delimiter)
        external
        view
        returns (address[] memory);
    function envUint(string calldata name) external view returns (uint256);
    function envOr(string calldata name, uint256 otherwise) external view returns (uint256);
    function envOr(string calldata name, string calldata otherwise) external view returns (string memory);
    function envOr(string calldata name, address otherwise) external view returns (address);

    function envOr(string calldata name, bytes calldata otherwise) external view returns (bytes memory);
    function setEnv(string calldata name, string calldata value) external;

    // Scripts
    function rpc(string calldata method, string calldata params) external returns (bytes memory);
    function startBroadcast() external;
    function stopBroadcast() external;
}

/// @dev The address forge listens on: the low 20 bytes of keccak256("hevm cheat code").
Vm constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
