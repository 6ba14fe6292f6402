//! The value that the quotient must have at x: gates and permutation argument.

use super::{
    expression::{Places, yul},
    memory::{
        BETA, BLIND, EVAL_A, EVAL_FIXED, EVAL_PRODUCT, EVAL_PRODUCT_NEXT, EVAL_RANDOM, EVAL_SIGMA,
        FIRST, GAMMA, H_EVAL, INSTANCE, LAST, Proof, Y_GATE,
    },
    yul::{Code, add, load, mul, subtract},
};
use crate::{Error, keys::VerifyingKey};

pub(super) fn constraints(code: &mut Code, key: &VerifyingKey, proof: &Proof) -> Result<(), Error> {
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
