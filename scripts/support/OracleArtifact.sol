// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {Feed, ISignalOracle} from "../../contracts/interfaces/ISignalOracle.sol";
import {ISignalVerifierGateway} from "../../contracts/interfaces/ISignalVerifierGateway.sol";
import {VM} from "../../test/support/Vm.sol";
import {Artifacts} from "./Artifacts.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @title What a deployed oracle answers to
interface IDeployedOracle is ISignalOracle, IERC165 {
    function owner() external view returns (address);
    function pendingOwner() external view returns (address);
    function transferOwnership(address newOwner) external;
    function acceptOwnership() external;
    function renounceOwnership() external;
}

/// @title Creates SignalOracle from its artifact
/// @notice It is compiled through the intermediate representation, and whatever imports it would be, too: that takes
/// minutes for scripts and tests. They know its interface and its constructor's arguments.
library OracleArtifact {
    string private constant NAME = "SignalOracle.sol:SignalOracle";

    function create(
        ISignalVerifierGateway gateway,
        Feed memory feed,
        address owner,
        address[] memory attestors,
        uint8 threshold
    ) internal returns (IDeployedOracle) {
        bytes memory code = initCode(gateway, feed, owner, attestors, threshold);
        return IDeployedOracle(Artifacts.create(NAME, code));
    }

    function initCode(
        ISignalVerifierGateway gateway,
        Feed memory feed,
        address owner,
        address[] memory attestors,
        uint8 threshold
    ) internal view returns (bytes memory) {
        return bytes.concat(VM.getCode(NAME), abi.encode(gateway, feed, owner, attestors, threshold));
    }
}
