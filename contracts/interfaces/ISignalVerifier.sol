// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

/// @title One proof system's verdict for one model
/// @notice Implemented by the verifiers generated from a verifying key (contracts/verifiers/). A proof comes down to
/// one pairing equation e(P, G2) = e(W, tau G2); several can share it: `accumulate` each, then `decide` all at once.
interface ISignalVerifier {
    /// @notice Accepts exactly the valid proofs of one verifying key.
    /// @param publicInputs The statement, one scalar per word, each below the BN254 group order.
    /// @param proof The proof, of the exact length the verifying key prescribes.
    /// @return accepted Always true: anything that is not a valid proof reverts.
    function verify(uint256[] calldata publicInputs, bytes calldata proof)
        external
        view
        returns (bool accepted);

    /// @notice All of `verify` but the pairing: the proof is valid if and only if `decide` accepts the accumulator.
    /// @return accumulator The points P and W as x, y, x, y.
    function accumulate(uint256[] calldata publicInputs, bytes calldata proof)
        external
        view
        returns (uint256[4] memory accumulator);

    /// @notice Decides accumulators together, by one pairing of their combination with powers of a challenge that is
    /// the hash of all of them.
    /// @return accepted Always true: reverts when there is none, or when one of them does not hold.
    function decide(uint256[4][] calldata accumulators) external view returns (bool accepted);
}
