//! Our verifier: one contract, one function, no loops.
//!
//! Follows halo2's verifier with SHPLONK and the Keccak transcript (Boneh, Drake, Fisch, Gabizon,
//! "Efficient polynomial commitment schemes for multiple points and polynomials", section 4). With
//! x the evaluation challenge, W_1 and W_2 the opening points and P the linear combination of all
//! commitments, the last step checks e(P, G2) = e(W_2, tau G2).

use super::{
    constraints::constraints,
    lagrange::{Domain, inversion, lagrange, powers},
    memory::{INPUTS, Proof},
    opening::{combination, pairing},
    transcript::{shape, transcript},
    yul::Code,
};
use crate::{Error, keys::VerifyingKey, proof::PROOF_BYTES, srs::Srs};

/// Solidity source of the verifier of a key.
///
/// # Errors
/// [`Error::Prover`] for a constraint system that the generator does not know.
pub fn source(key: &VerifyingKey, srs: &Srs) -> Result<String, Error> {
    let mut code = Code::default();
    let inputs = key.schema().words();
    let start = INPUTS + 32 * inputs + 32;
    let proof = Proof::at(start);
    let omega = key.plonk().get_domain().get_omega();
    let domain = Domain {
        k: key.k(),
        omega,
        inputs,
    };
    shape(&mut code, inputs, start, &proof);
    // Blocks keep the number of live variables within the unoptimised compiler's reach. The Yul
    // optimiser would flatten them and share every repeated load, so it stays off for this file.
    code.line("{");
    transcript(&mut code, key, inputs, &proof);
    code.line("}");
    powers(&mut code, &domain);
    code.line("{");
    inversion(&mut code, &domain);
    lagrange(&mut code, &domain);
    code.line("}");
    code.line("{");
    constraints(&mut code, key, &proof)?;
    code.line("}");
    code.line("{");
    combination(&mut code, key, &proof);
    code.line("}");
    pairing(&mut code, srs.params().g2(), srs.params().s_g2(), &proof);
    Ok(contract(key, inputs, start, &code.text))
}

fn contract(key: &VerifyingKey, inputs: usize, start: usize, body: &str) -> String {
    let schema = key.schema();
    format!(
        r#"// SPDX-License-Identifier: MIT OR Apache-2.0
// Generated from a verifying key by `veriregime setup`; never edited.
//
//   model id       0x{id}
//   key digest     0x{digest}
//   SRS            {srs} (SHA-256 of its points 0x{srs_sha256})
//   circuit        2^{k} rows, {network_inputs} inputs, {classes} classes
//   public inputs  {inputs} words: binding, packed inputs, packed logits, class
//   proof          {proof} bytes
//
// Compile with the optimiser off or with via-IR: the legacy optimiser runs out of stack.
pragma solidity ^0.8.28;

/// @title Verifier of one model's inferences (Halo2-KZG, SHPLONK, Keccak transcript).
/// @notice Accepts exactly the valid proofs under the key above and reverts on anything else.
contract Verifier {{
    /// Calldata is not the canonical encoding of {inputs} words and {proof} bytes.
    error MalformedCalldata();
    /// A scalar is not below the modulus, a point is invalid, or the proof does not hold.
    error ProofRejected();

    /// @param publicInputs The statement: {inputs} words, each below the scalar modulus.
    /// @param proof The proof: {proof} bytes.
    /// @return Always true; anything but a valid proof reverts.
    function verify(uint256[] calldata publicInputs, bytes calldata proof) external view returns (bool) {{
        // Calldata offsets below are those of the canonical encoding: inputs at {INPUTS}, proof at {start}.
        publicInputs;
        proof;
        assembly {{
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
{body}        }}
    }}
}}
"#,
        id = hex::encode(key.model_id()),
        digest = hex::encode(key.digest()),
        srs = key.srs_kind().as_str(),
        srs_sha256 = hex::encode(key.srs_sha256()),
        k = key.k(),
        network_inputs = schema.inputs,
        classes = schema.classes,
        proof = PROOF_BYTES,
    )
}
