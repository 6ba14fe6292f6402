//! The multi-point opening: one combination of all commitments and one pairing check.

use halo2_axiom::halo2curves::bn256::G2Affine;

use super::{
    memory::{
        EVAL_A, EVAL_ACC, EVAL_ACC_NEXT, EVAL_FIXED, EVAL_PRODUCT, EVAL_PRODUCT_NEXT, EVAL_RANDOM,
        EVAL_SIGMA, H_EVAL, OPEN_INVERSE, Proof, STEP_INVERSE, U, V, Y_OPEN,
    },
    yul::{Code, PAIRING_GAS, add, constant_point, coordinate, load, mul, subtract},
};
use crate::keys::VerifyingKey;

/// The base field's modulus q.
const BASE_MODULUS: &str = "0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";

pub(super) fn combination(code: &mut Code, key: &VerifyingKey, proof: &Proof) {
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

pub(super) fn pairing(code: &mut Code, g2: G2Affine, s_g2: G2Affine, proof: &Proof) {
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
