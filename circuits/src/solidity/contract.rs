//! Our verifier: one contract; verifying one proof takes no loop but those over many public words.
//!
//! Follows halo2's verifier with SHPLONK and the Keccak transcript (Boneh, Drake, Fisch, Gabizon,
//! "Efficient polynomial commitment schemes for multiple points and polynomials", section 4). With
//! x the evaluation challenge, W_1 and W_2 the opening points and P the linear combination of all
//! commitments, the last step checks e(P, G2) = e(W_2, tau G2). Several proofs can share that step:
//! `accumulate` returns (P, W_2), and `decide` checks a random combination of such pairs.

use halo2_axiom::{halo2curves::bn256::Bn256, poly::kzg::commitment::ParamsKZG};

use super::{
    combination::combination,
    constraints::constraints,
    decision,
    expression::Places,
    inversion::{inversion, lagrange},
    lagrange::{power, sums},
    memory::{Calldata, INPUTS, Memory},
    opening::{shares, values},
    transcript::{canonical, shape, transcript},
    yul::Code,
};
use crate::{Error, keys::VerifyingKey, protocol::Protocol, srs::Srs};

/// Solidity source of the verifier of a key.
///
/// # Errors
/// [`Error::Prover`] for a constraint system that the generator does not know.
pub fn source(key: &VerifyingKey, srs: &Srs) -> Result<String, Error> {
    let protocol = key.protocol()?;
    let schema = key.schema();
    let lines = [
        ("model id", format!("0x{}", hex::encode(key.model_id()))),
        ("key digest", format!("0x{}", hex::encode(key.digest()))),
        (
            "SRS",
            format!(
                "{} (SHA-256 of its points 0x{})",
                key.srs_kind().as_str(),
                hex::encode(key.srs_sha256())
            ),
        ),
        (
            "network",
            format!("{} inputs, {} classes", schema.inputs, schema.classes),
        ),
        (
            "public inputs",
            format!(
                "{} words: binding, packed inputs, packed logits, class",
                schema.words()
            ),
        ),
    ];
    let header: String = lines
        .iter()
        .map(|(name, value)| format!("//   {name:<14} {value}\n"))
        .collect();
    contract(&protocol, srs.params(), &header)
}

/// Solidity source of the verifier of any circuit that the protocol supports. `header` are comment
/// lines that say what the key belongs to.
///
/// # Errors
/// [`Error::Prover`] for a constraint system that the generator does not know.
pub fn contract(
    protocol: &Protocol<'_>,
    params: &ParamsKZG<Bn256>,
    header: &str,
) -> Result<String, Error> {
    let calldata = Calldata::of(protocol);
    let memory = Memory::of(protocol);
    let places = Places {
        cs: protocol.cs(),
        calldata: &calldata,
        memory: &memory,
    };
    let mut code = Code::default();
    shape(&mut code, &calldata);
    canonical(&mut code, &calldata);
    transcript(&mut code, protocol, &calldata, &memory);
    power(&mut code, protocol, &memory);
    sums(&mut code, protocol, &calldata, &memory);
    inversion(&mut code, protocol, &calldata, &memory);
    lagrange(&mut code, protocol, &memory);
    constraints(&mut code, protocol, places)?;
    shares(&mut code, protocol, &memory);
    values(&mut code, protocol, &calldata, &memory);
    combination(&mut code, protocol, &calldata, &memory);

    let points = [params.g2(), params.s_g2()];
    let [mut one, mut accumulator, mut all] = [(); 3].map(|()| Code::default());
    decision::one(&mut one, &calldata, points);
    decision::accumulator(&mut accumulator, &calldata);
    decision::all(&mut all, points);
    let parts = Parts {
        combine: code.text,
        one: one.text,
        accumulator: accumulator.text,
        all: all.text,
    };
    Ok(file(protocol, &calldata, header, &parts))
}

/// Bodies of the contract's functions.
struct Parts {
    combine: String,
    one: String,
    accumulator: String,
    all: String,
}

fn file(protocol: &Protocol<'_>, calldata: &Calldata, header: &str, parts: &Parts) -> String {
    let counts = calldata.counts;
    let Parts {
        combine,
        one,
        accumulator,
        all,
    } = parts;
    // What only circuits with two phases have to say.
    let phases = match (counts.advice[1], counts.challenges) {
        (0, 0) => String::new(),
        (second, challenges) => format!(" ({second} of the second phase, {challenges} challenges)"),
    };
    format!(
        r#"// SPDX-License-Identifier: MIT OR Apache-2.0
// Generated from a verifying key by `veriregime setup`; never edited.
//
{header}//   circuit        2^{k} rows, degree {degree}; {advice} advice{phases}, {fixed} fixed, {permuted} permutation columns, {lookups} lookups
//   proof          {bytes} bytes: {points} points, {evaluations} evaluations, inverse of the denominators
pragma solidity ^0.8.28;

/// @title Verifier of one model's inferences (Halo2-KZG, SHPLONK, Keccak transcript).
/// @notice Accepts exactly the valid proofs under the key above and reverts on anything else.
contract Verifier {{
    /// Calldata is not the canonical encoding of the function's arguments.
    error MalformedCalldata();
    /// A scalar is not below the modulus, a point is invalid, or a proof does not hold.
    error ProofRejected();

    /// @param publicInputs The statement: {words} words, each below the scalar modulus.
    /// @param proof The proof: {bytes} bytes.
    /// @return Always true; anything but a valid proof reverts.
    function verify(uint256[] calldata publicInputs, bytes calldata proof) external view returns (bool) {{
        publicInputs;
        proof;
        _combine();
{one}    }}

    /// @notice All of `verify` but the pairing: the proof is valid if and only if `decide` accepts the accumulator.
    /// @return P and W as x, y, x, y.
    function accumulate(uint256[] calldata publicInputs, bytes calldata proof)
        external
        view
        returns (uint256[4] memory)
    {{
        publicInputs;
        proof;
        _combine();
{accumulator}    }}

    /// @notice Decides accumulators together. It knows nothing of where they come from: ask `accumulate` for them in
    /// the same transaction.
    /// @return Always true; reverts when there is none or one of them does not hold.
    function decide(uint256[4][] calldata accumulators) external view returns (bool) {{
        accumulators;
{all}    }}

    /// @dev Leaves the accumulator's P in memory. Calldata offsets are those of the canonical encoding of `verify`'s
    /// and `accumulate`'s arguments: inputs at {INPUTS}, proof at {start}. Blocks pass words to each other at fixed places
    /// of memory, which is all theirs: the functions that call this return by assembly.
    function _combine() private view {{
{combine}    }}
}}
"#,
        k = protocol.k(),
        degree = protocol.cs().degree(),
        advice = counts.advice_columns(),
        fixed = protocol.cs().num_fixed_columns(),
        permuted = counts.permuted,
        lookups = counts.lookups,
        bytes = counts.proof_bytes(),
        points = counts.commitments() + 2,
        evaluations = counts.evaluations(),
        words = calldata.words,
        start = calldata.proof(),
    )
}
