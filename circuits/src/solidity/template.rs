//! Our verifier: one contract, one function, no loops.
//!
//! Follows halo2's verifier with SHPLONK and the Keccak transcript (Boneh, Drake, Fisch, Gabizon,
//! "Efficient polynomial commitment schemes for multiple points and polynomials", section 4). With
//! x the evaluation challenge, W_1 and W_2 the opening points and P the linear combination of all
//! commitments, the last step checks e(P, G2) = e(W_2, tau G2).

use std::fmt::Write;

use halo2_axiom::halo2curves::{
    bn256::{Fq, G1Affine, G2Affine},
    ff::{Field, PrimeField},
};

use sha3::{Digest, Keccak256};

use super::expression::{Places, literal, yul};
use crate::{
    Error,
    field::{Fr, to_word},
    keys::VerifyingKey,
    proof::PROOF_BYTES,
    srs::Srs,
    tape::RESERVED_ROWS,
};

/// The base field's modulus q.
const BASE_MODULUS: &str = "0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";

// Calldata: selector, two offsets, length of the inputs; the inputs; length of the proof; the proof.
const INPUTS: usize = 4 + 3 * 32;
// Memory: 0x000..0x0c0 points under work and hashing (up to 0x400), then named words.
const Y_GATE: usize = 0x400;
const BETA: usize = 0x420;
const GAMMA: usize = 0x440;
const X: usize = 0x460;
const Y_OPEN: usize = 0x480;
const V: usize = 0x4a0;
const U: usize = 0x4c0;
const H_EVAL: usize = 0x500;
const OPEN_INVERSE: usize = 0x520;
const STEP_INVERSE: usize = 0x540;
const INSTANCE: usize = 0x560;
const FIRST: usize = 0x580;
const LAST: usize = 0x5a0;
const BLIND: usize = 0x5c0;
// Gas forwarded to the precompiles, several times what they cost (150, 6,000, 113,000, 4,048): one
// that fails takes all it was given, and a malformed proof should not cost the caller everything.
const ADD_GAS: usize = 2_000;
const MULTIPLY_GAS: usize = 40_000;
const PAIRING_GAS: usize = 600_000;
const EXPONENTIATE_GAS: usize = 30_000;
/// Factors of the batched inversion, then their running products.
const FACTORS: usize = 0x600;

/// Offsets of the proof's parts in calldata.
struct Proof {
    a: usize,
    acc: usize,
    product: usize,
    random: usize,
    quotient: [usize; 4],
    evals: usize,
    w1: usize,
    w2: usize,
}

impl Proof {
    fn at(start: usize) -> Self {
        let point = |index: usize| start + 64 * index;
        let evals = point(8);
        Self {
            a: point(0),
            acc: point(1),
            product: point(2),
            random: point(3),
            quotient: [point(4), point(5), point(6), point(7)],
            evals,
            w1: evals + 320,
            w2: evals + 384,
        }
    }

    fn points(&self) -> Vec<usize> {
        let [h0, h1, h2, h3] = self.quotient;
        vec![
            self.a,
            self.acc,
            self.product,
            self.random,
            h0,
            h1,
            h2,
            h3,
            self.w1,
            self.w2,
        ]
    }

    // Evaluations in transcript order.
    fn eval(&self, index: usize) -> String {
        format!("calldataload({})", self.evals + 32 * index)
    }
}

const EVAL_A: usize = 0;
const EVAL_ACC: usize = 1;
const EVAL_ACC_NEXT: usize = 2;
const EVAL_FIXED: usize = 3;
const EVAL_RANDOM: usize = 6;
const EVAL_SIGMA: usize = 7;
const EVAL_PRODUCT: usize = 8;
const EVAL_PRODUCT_NEXT: usize = 9;

/// Solidity source of the verifier of a key.
///
/// # Errors
/// [`Error::Prover`] for a constraint system that the generator does not know.
pub fn source(key: &VerifyingKey, srs: &Srs) -> Result<String, Error> {
    let mut code = Code {
        text: String::new(),
    };
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

/// Yul under construction.
struct Code {
    text: String,
}

impl Code {
    fn line(&mut self, text: impl AsRef<str>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "            {}", text.as_ref());
    }

    fn section(&mut self, title: &str) {
        self.text.push('\n');
        self.line(format!("// {title}"));
    }

    /// Reverts with a custom error unless a condition holds.
    fn revert_unless(&mut self, condition: &str, error: &str) {
        let selector = hex::encode(&Keccak256::digest(error.as_bytes())[..4]);
        self.line(format!("if iszero({condition}) {{"));
        self.line(format!(
            "    mstore(0, 0x{selector}{}) // {error}",
            "0".repeat(56)
        ));
        self.line("    revert(0, 4)");
        self.line("}");
    }

    fn store(&mut self, place: usize, value: impl AsRef<str>) {
        self.line(format!("mstore({place:#x}, {})", value.as_ref()));
    }
}

struct Domain {
    k: u32,
    omega: Fr,
    inputs: usize,
}

impl Domain {
    fn power(&self, exponent: i64) -> Fr {
        let base = if exponent < 0 {
            self.omega.invert().unwrap_or(Fr::ONE)
        } else {
            self.omega
        };
        base.pow_vartime([exponent.unsigned_abs()])
    }

    fn n_inverse(&self) -> Fr {
        Fr::from(1u64 << self.k).invert().unwrap_or(Fr::ONE)
    }

    /// Rows whose Lagrange polynomials are needed: l_last, the blinding rows, the public inputs.
    fn rows(&self) -> Vec<i64> {
        (-(RESERVED_ROWS as i64)..self.inputs as i64).collect()
    }
}

fn load(place: usize) -> String {
    format!("mload({place:#x})")
}

fn mul(a: impl AsRef<str>, b: impl AsRef<str>) -> String {
    format!("mulmod({}, {}, r)", a.as_ref(), b.as_ref())
}

fn add(a: impl AsRef<str>, b: impl AsRef<str>) -> String {
    format!("addmod({}, {}, r)", a.as_ref(), b.as_ref())
}

fn subtract(a: impl AsRef<str>, b: impl AsRef<str>) -> String {
    format!("addmod({}, sub(r, {}), r)", a.as_ref(), b.as_ref())
}

fn shape(code: &mut Code, inputs: usize, start: usize, proof: &Proof) {
    code.section(
        "Calldata is exactly the canonical encoding, every scalar is below r, no point is (0, 0).",
    );
    code.line("// Coordinates below q and points on the curve are left to the precompiles, which refuse others.");
    let last = start + PROOF_BYTES;
    code.line(format!("let ok := eq(calldatasize(), {last})"));
    code.line("ok := and(ok, eq(calldataload(4), 64))");
    code.line(format!(
        "ok := and(ok, eq(calldataload(36), {}))",
        start - 36
    ));
    code.line(format!("ok := and(ok, eq(calldataload(68), {inputs}))"));
    code.line(format!(
        "ok := and(ok, eq(calldataload({}), {PROOF_BYTES}))",
        start - 32
    ));
    code.revert_unless("ok", "MalformedCalldata()");
    let scalars = (0..inputs)
        .map(|i| INPUTS + 32 * i)
        .chain((0..10).map(|i| proof.evals + 32 * i));
    for offset in scalars {
        code.line(format!("ok := and(ok, lt(calldataload({offset}), r))"));
    }
    for offset in proof.points() {
        code.line(format!(
            "ok := and(ok, gt(calldataload({}), 0))",
            offset + 32
        ));
    }
}

/// One squeeze: hash of the last hash and what came since (a lone hash gets a trailing 1).
fn squeeze(code: &mut Code, copied: Option<(usize, usize)>, place: Option<usize>) {
    match copied {
        Some((offset, length)) => {
            code.line(format!("calldatacopy(0x20, {offset}, {length})"));
            code.line(format!("hash := keccak256(0, {})", 32 + length));
        }
        None => {
            code.line("mstore8(0x20, 1)");
            code.line("hash := keccak256(0, 33)");
        }
    }
    code.store(0, "hash");
    if let Some(place) = place {
        code.store(place, "mod(hash, r)");
    }
}

fn transcript(code: &mut Code, key: &VerifyingKey, inputs: usize, proof: &Proof) {
    code.section(
        "Transcript: key digest, public inputs, commitments; theta is squeezed but unused.",
    );
    code.store(
        0,
        format!("0x{}", hex::encode(to_word(&key.plonk().transcript_repr()))),
    );
    code.line(format!("calldatacopy(0x20, {INPUTS}, {})", 32 * inputs));
    code.line(format!(
        "calldatacopy({}, {}, 128)",
        32 + 32 * inputs,
        proof.a
    ));
    code.line(format!(
        "let hash := keccak256(0, {})",
        32 + 32 * inputs + 128
    ));
    code.store(0, "hash");
    squeeze(code, None, Some(BETA));
    squeeze(code, None, Some(GAMMA));
    squeeze(code, Some((proof.product, 128)), Some(Y_GATE));
    squeeze(code, Some((proof.quotient[0], 256)), Some(X));
    squeeze(code, Some((proof.evals, 320)), Some(Y_OPEN));
    squeeze(code, None, Some(V));
    squeeze(code, Some((proof.w1, 64)), Some(U));
}

fn powers(code: &mut Code, domain: &Domain) {
    code.section(&format!("t = x^n for n = 2^{}", domain.k));
    code.line(format!("let x := {}", load(X)));
    code.line("let t := x");
    for _ in 0..domain.k {
        code.line("t := mulmod(t, t, r)");
    }
}

/// Factors of the batched inversion: x - omega^i for every needed row, then x^n - 1, u - omega x
/// and omega x - x. One exponentiation inverts their product.
fn inversion(code: &mut Code, domain: &Domain) {
    code.section("One inversion for all denominators");
    let omega_x = mul("x", literal(&domain.omega));
    let mut factors: Vec<String> = domain
        .rows()
        .iter()
        .map(|&i| add("x", literal(&-domain.power(i))))
        .collect();
    factors.push(add("t", literal(&-Fr::ONE)));
    factors.push(subtract(load(U), &omega_x));
    factors.push(subtract(&omega_x, "x"));
    let products = FACTORS + 32 * factors.len();
    code.line("let f");
    for (index, factor) in factors.iter().enumerate() {
        let place = FACTORS + 32 * index;
        code.line(format!("f := {factor}"));
        code.store(place, "f");
        code.line(if index == 0 {
            "let p := f"
        } else {
            "p := mulmod(p, f, r)"
        });
        code.store(products + 32 * index, "p");
    }
    for (place, value) in [
        (0x00, "32"),
        (0x20, "32"),
        (0x40, "32"),
        (0x60, "p"),
        (0x80, "sub(r, 2)"),
        (0xa0, "r"),
    ] {
        code.store(place, value);
    }
    code.line(format!(
        "ok := and(ok, staticcall({EXPONENTIATE_GAS}, 5, 0, 0xc0, 0, 0x20))"
    ));
    code.line("let inverse := mload(0)");
    code.line("ok := and(ok, eq(mulmod(inverse, p, r), 1)) // no denominator is zero");
    let previous = |index: usize| load(products + 32 * (index - 1));
    for (index, place) in (0..factors.len())
        .rev()
        .zip([STEP_INVERSE, OPEN_INVERSE, H_EVAL])
    {
        code.store(place, mul("inverse", previous(index)));
        code.line(format!(
            "inverse := {}",
            mul("inverse", load(FACTORS + 32 * index))
        ));
    }
}

/// Lagrange values, walking the inversion backwards: l_i(x) = omega^i (x^n - 1) / (n (x - omega^i)).
fn lagrange(code: &mut Code, domain: &Domain) {
    code.section(
        "Lagrange polynomials: value of the instance, l_0, l_last, sum over the blinding rows",
    );
    let factors = domain.rows().len() + 3;
    let products = FACTORS + 32 * factors;
    code.line("let instance := 0");
    code.line("let blind := 0");
    let scale = mul(add("t", literal(&-Fr::ONE)), literal(&domain.n_inverse()));
    for (index, row) in domain.rows().into_iter().enumerate().rev() {
        let inverse = if index == 0 {
            "inverse".to_string()
        } else {
            mul("inverse", load(products + 32 * (index - 1)))
        };
        let power = domain.power(row);
        let value = if power == Fr::ONE {
            inverse
        } else {
            mul(inverse, literal(&power))
        };
        match row {
            0.. => {
                code.line(format!("f := {value}"));
                let input = format!("calldataload({})", INPUTS + 32 * row as usize);
                code.line(format!("instance := {}", add("instance", mul("f", input))));
                if row == 0 {
                    code.store(FIRST, "f");
                }
            }
            _ if index > 0 => code.line(format!("blind := {}", add("blind", value))),
            _ => code.store(LAST, value),
        }
        if index > 0 {
            code.line(format!(
                "inverse := {}",
                mul("inverse", load(FACTORS + 32 * index))
            ));
        }
    }
    code.line(format!("f := {scale}"));
    code.store(INSTANCE, mul("instance", "f"));
    code.store(BLIND, mul("blind", "f"));
    code.store(FIRST, mul(load(FIRST), "f"));
    code.store(LAST, mul(load(LAST), "f"));
}

fn constraints(code: &mut Code, key: &VerifyingKey, proof: &Proof) -> Result<(), Error> {
    let cs = key.plonk().cs();
    let known = cs.lookups().is_empty()
        && cs.permutation().get_columns().len() == 1
        && cs.num_challenges() == 0
        && cs.degree() == 5
        && cs.advice_queries().len() == EVAL_FIXED
        && cs.fixed_queries().len() == EVAL_RANDOM - EVAL_FIXED;
    if !known {
        return Err(Error::Prover(
            "verifier generator: unknown constraint system".into(),
        ));
    }
    let instance = load(INSTANCE);
    let places = Places {
        cs,
        advice: proof.evals,
        fixed: proof.evals + 32 * EVAL_FIXED,
        instance: &instance,
    };
    code.section("Constraints, folded with powers of the gate challenge");
    code.line(format!("let y := {}", load(Y_GATE)));
    code.line("let e := 0");
    code.line("let f");
    let fold = |code: &mut Code, value: String| {
        code.line(format!("e := addmod(mulmod(e, y, r), {value}, r)"));
    };
    for gate in cs.gates() {
        code.line(format!("// gate: {}", gate.name()));
        for polynomial in gate.polynomials() {
            fold(code, yul(polynomial, &places)?);
        }
    }
    let z = proof.eval(EVAL_PRODUCT);
    code.line("// permutation: l_0 (1 - z), l_last (z^2 - z), l_active (z(omega x)(a + beta sigma + gamma) - z (a + beta x + gamma))");
    fold(code, mul(load(FIRST), subtract("1", &z)));
    fold(code, mul(load(LAST), subtract(mul(&z, &z), &z)));
    let shifted = add(proof.eval(EVAL_A), load(GAMMA));
    code.line(format!("f := {shifted}"));
    let left = mul(
        proof.eval(EVAL_PRODUCT_NEXT),
        add("f", mul(load(BETA), proof.eval(EVAL_SIGMA))),
    );
    code.line(format!("let g := {left}"));
    code.line(format!("f := {}", add("f", mul(load(BETA), "x"))));
    code.line(format!("g := {}", subtract("g", mul(&z, "f"))));
    let active = subtract("1", add(load(LAST), load(BLIND)));
    fold(code, mul("g", active));
    code.store(H_EVAL, mul("e", load(H_EVAL)));
    Ok(())
}

fn coordinate(value: &Fq) -> String {
    let mut bytes = value.to_repr();
    bytes.reverse();
    format!("0x{}", hex::encode(bytes))
}

impl Code {
    /// Point at 0x00 times a scalar.
    fn scale(&mut self, scalar: impl AsRef<str>) {
        self.store(0x40, scalar);
        self.line(format!(
            "ok := and(ok, staticcall({MULTIPLY_GAS}, 7, 0, 0x60, 0, 0x40))"
        ));
    }

    /// Point at 0x00 plus the point at 0x40.
    fn join(&mut self) {
        self.line(format!(
            "ok := and(ok, staticcall({ADD_GAS}, 6, 0, 0x80, 0, 0x40))"
        ));
    }

    /// Point at 0x00 plus a point of the proof.
    fn join_proof(&mut self, offset: usize) {
        self.line(format!("calldatacopy(0x40, {offset}, 0x40)"));
        self.join();
    }

    /// Point at 0x00 plus the point at 0x80 times a scalar.
    fn join_scaled(&mut self, scalar: impl AsRef<str>) {
        self.store(0xc0, scalar);
        self.line(format!(
            "ok := and(ok, staticcall({MULTIPLY_GAS}, 7, 0x80, 0x60, 0x40, 0x40))"
        ));
        self.join();
    }
}

fn combination(code: &mut Code, key: &VerifyingKey, proof: &Proof) {
    let [h0, h1, h2, h3] = proof.quotient;
    code.section("Value of the combination at u: openings at x, then at x and omega x");
    code.line(format!(
        "calldatacopy(0, {h3}, 0x40) // last quotient piece"
    ));
    code.line(format!("let y := {}", load(Y_OPEN)));
    // Highest power first: random, quotient, sigma, fixed in reverse, A.
    let quotient = load(H_EVAL);
    let mut evals = vec![proof.eval(EVAL_RANDOM), quotient, proof.eval(EVAL_SIGMA)];
    evals.extend(
        (EVAL_FIXED..EVAL_RANDOM)
            .rev()
            .map(|index| proof.eval(index)),
    );
    evals.push(proof.eval(EVAL_A));
    for (index, eval) in evals.iter().enumerate() {
        code.line(if index == 0 {
            format!("let e := {eval}")
        } else {
            format!("e := addmod(mulmod(e, y, r), {eval}, r)")
        });
    }
    code.line(format!("let d := {}", subtract(load(U), "x")));
    code.line(format!("let f := {}", mul("d", load(STEP_INVERSE))));
    let line = |here: usize, next: usize| {
        let (here, next) = (proof.eval(here), proof.eval(next));
        add(&here, mul("f", subtract(next, &here)))
    };
    code.line(format!(
        "let p := {}",
        line(EVAL_PRODUCT, EVAL_PRODUCT_NEXT)
    ));
    code.line(format!(
        "p := {}",
        add(mul("p", "y"), line(EVAL_ACC, EVAL_ACC_NEXT))
    ));
    code.line(format!("let w := {}", mul(load(V), load(OPEN_INVERSE))));
    code.line(format!("e := {}", add("e", mul("p", "w"))));

    code.section("Combination of commitments: quotient pieces by x^n, then all openings at x by y");
    for piece in [h2, h1, h0] {
        code.scale("t");
        code.join_proof(piece);
    }
    code.line(format!(
        "calldatacopy(0x80, {}, 0x40) // random polynomial",
        proof.random
    ));
    code.join_scaled("y");
    let sigma = key.plonk().permutation().commitments().iter();
    for (name, point) in sigma.map(|point| ("permutation", point)).chain(
        key.plonk()
            .fixed_commitments()
            .iter()
            .rev()
            .zip(["digit", "kind", "coefficient"])
            .map(|(p, n)| (n, p)),
    ) {
        code.scale("y");
        code.line(format!("// {name} column"));
        constant_point(code, 0x40, point);
        code.join();
    }
    code.scale("y");
    code.join_proof(proof.a);

    code.section("Openings at x and omega x: (ACC + y Z) v / (u - omega x)");
    code.line("mstore(0x100, mload(0))");
    code.line("mstore(0x120, mload(0x20))");
    code.line(format!("calldatacopy(0, {}, 0x40)", proof.product));
    code.scale("y");
    code.join_proof(proof.acc);
    code.scale("w");
    code.line("mstore(0x40, mload(0x100))");
    code.line("mstore(0x60, mload(0x120))");
    code.join();

    code.section("Minus the value times the generator, minus (u - x) W_1, plus u W_2");
    code.store(0x80, "1");
    code.store(0xa0, "2");
    code.join_scaled("sub(r, e)");
    code.line(format!("calldatacopy(0x80, {}, 0x40)", proof.w1));
    code.join_scaled("sub(r, d)");
    code.line(format!("calldatacopy(0x80, {}, 0x40)", proof.w2));
    code.join_scaled(load(U));
}

fn constant_point(code: &mut Code, place: usize, point: &G1Affine) {
    code.store(place, coordinate(&point.x));
    code.store(place + 0x20, coordinate(&point.y));
}

fn pairing(code: &mut Code, g2: G2Affine, s_g2: G2Affine, proof: &Proof) {
    code.section("e(P, G2) e(-W_2, tau G2) = 1");
    for (base, point) in [(0x40, g2), (0x100, s_g2)] {
        let parts = [&point.x.c1, &point.x.c0, &point.y.c1, &point.y.c0];
        for (index, part) in parts.into_iter().enumerate() {
            code.store(base + 32 * index, coordinate(part));
        }
    }
    code.store(0xc0, format!("calldataload({})", proof.w2));
    code.store(
        0xe0,
        format!("sub({BASE_MODULUS}, calldataload({}))", proof.w2 + 32),
    );
    code.line(format!(
        "ok := and(ok, staticcall({PAIRING_GAS}, 8, 0, 0x180, 0, 0x20))"
    ));
    code.revert_unless("and(ok, eq(mload(0), 1))", "ProofRejected()");
    code.store(0, "1");
    code.line("return(0, 0x20)");
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
