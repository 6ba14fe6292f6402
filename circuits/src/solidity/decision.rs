//! The pairing check of one accumulator, or of a random combination of several.
//!
//! Accumulators (P_i, W_i) hold when e(P_i, G2) = e(W_i, tau G2). With a challenge c that hashes all of them, they hold
//! together when e(sum c^i P_i, G2) = e(sum c^i W_i, tau G2): were one of them wrong, the difference would be a nonzero
//! polynomial in c of degree below their number, over a field of 254 bits.

use halo2_axiom::halo2curves::bn256::G2Affine;

use super::{
    memory::{ACCUMULATORS, ADDEND, Calldata, FACTOR, SECOND, SUM},
    yul::{Code, coordinate},
};

/// The base field's modulus q.
const BASE_MODULUS: &str = "0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";
/// Bytes of an accumulator.
const ACCUMULATOR: usize = 128;

/// Pairing check of the sum and the proof's W_2, to the end of the function.
pub(super) fn one(code: &mut Code, calldata: &Calldata, points: [G2Affine; 2]) {
    code.block("e(P, G2) e(-W_2, tau G2) = 1", |code| {
        code.line("let ok := 1");
        code.copy_point(SECOND, calldata.opening() + 64);
        pairing(code, points);
    });
}

/// Returns the accumulator.
pub(super) fn accumulator(code: &mut Code, calldata: &Calldata) {
    code.block("P, W_2", |code| {
        code.copy_point(SUM + 64, calldata.opening() + 64);
        code.line(format!("return({SUM:#x}, {ACCUMULATOR:#x})"));
    });
}

/// Combination of the accumulators in calldata and their pairing check, to the end of the function.
pub(super) fn all(code: &mut Code, points: [G2Affine; 2]) {
    code.block(
        "Calldata is exactly the canonical encoding of one accumulator or more.",
        |code| {
            code.line("let count := calldataload(36)");
            code.line("let ok := eq(calldataload(4), 32)");
            code.line("ok := and(ok, and(gt(count, 0), lt(count, 0x10000)))");
            code.line(format!(
                "ok := and(ok, eq(calldatasize(), add({ACCUMULATORS}, mul(count, {ACCUMULATOR}))))"
            ));
            code.revert_unless("ok", "MalformedCalldata()");
        },
    );
    code.block(
        "Sums of P and W by powers of a challenge from all of them, highest power first",
        |code| {
            code.line("let ok := 1");
            code.line(format!("let size := sub(calldatasize(), {ACCUMULATORS})"));
            code.line(format!("calldatacopy(0, {ACCUMULATORS}, size)"));
            code.line("let c := mod(keccak256(0, size), r)");
            code.line(format!("let at := sub(calldatasize(), {ACCUMULATOR})"));
            code.line(format!("calldatacopy({SUM:#x}, at, 0x40)"));
            code.line(format!("calldatacopy({SECOND:#x}, add(at, 0x40), 0x40)"));
            code.line(format!("for {{}} gt(at, {ACCUMULATORS}) {{}} {{"));
            code.line(format!("    at := sub(at, {ACCUMULATOR})"));
            for (sum, half) in [(SUM, "at"), (SECOND, "add(at, 0x40)")] {
                let (addend, factor) = (sum - SUM + ADDEND, sum - SUM + FACTOR);
                code.line(format!("    calldatacopy({addend:#x}, {half}, 0x40)"));
                code.store(factor, "c");
                code.scale_and_join([sum, sum], [addend, sum]);
            }
            code.line("}");
            pairing(code, points);
        },
    );
}

/// e(SUM, G2) e(-SECOND, tau G2) = 1.
fn pairing(code: &mut Code, points: [G2Affine; 2]) {
    // The pairs lie one after the other: G2 behind the sum, then the second point and its own.
    for (base, point) in [SUM + 0x40, SUM + 0x100].into_iter().zip(points) {
        let parts = [&point.x.c1, &point.x.c0, &point.y.c1, &point.y.c0];
        for (index, part) in parts.into_iter().enumerate() {
            code.store(base + 32 * index, coordinate(part));
        }
    }
    let y = format!("sub({BASE_MODULUS}, mload({:#x}))", SECOND + 32);
    code.store(SECOND + 32, y);
    code.pair(SUM);
    code.revert_unless("and(ok, eq(mload(0), 1))", "ProofRejected()");
    code.store(0, "1");
    code.line("return(0, 0x20)");
}
