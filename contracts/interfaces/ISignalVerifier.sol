// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

/// @title One proof system's verdict for one model
/// @notice Implemented by the verifiers generated from a verifying key (contracts/verifiers/).
interface ISignalVerifier {
    /// @notice Accepts exactly the valid proofs of one verifying key.
    /// @param publicInputs The statement, one scalar per word, each below the BN254 group order.
    /// @param proof The proof, of the exact length the verifying key prescribes.
    /// @return accepted Always true: anything that is not a valid proof reverts.
    function verify(uint256[] calldata publicInputs, bytes calldata proof)
        external
        view
        returns (bool accepted);
}
