//! One combination of all commitments by Horner's rule, and one pairing check.

use halo2_axiom::halo2curves::bn256::G2Affine;

use super::{
    memory::{ADDEND, Calldata, DONE, FACTOR, Memory, QUOTIENT, SUM, TERM, TERM_FACTOR},
    value::{Value, load},
    yul::{Code, coordinate},
};
use crate::protocol::{Polynomial, Protocol, RotationSet};

/// The base field's modulus q.
const BASE_MODULUS: &str = "0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";

/// Combination and pairing, to the end of the function.
pub(super) fn combination(
    code: &mut Code,
    protocol: &Protocol<'_>,
    calldata: &Calldata,
    memory: &Memory,
    [g2, s_g2]: [G2Affine; 2],
) {
    code.block(
        "Combination of all commitments, then the pairing check",
        |code| {
            code.line("let ok := 1");
            quotient(code, calldata, memory);
            let sets = protocol.openings().sets;
            for (index, set) in sets.iter().enumerate().rev() {
                code.comment(format!(
                    "openings at rotations {:?}, by powers of y",
                    set.rotations
                ));
                horner(code, protocol, calldata, memory, set);
                if index > 0 {
                    code.store(FACTOR, load(memory.coefficients + 32 * index));
                    code.scale(SUM, SUM);
                }
                if index + 1 < sets.len() {
                    code.move_point(ADDEND, DONE);
                    code.join(ADDEND, SUM);
                }
                if index > 0 {
                    code.move_point(DONE, SUM);
                }
            }
            code.comment("minus the value times the generator");
            code.store(TERM, "1");
            code.store(TERM + 32, "2");
            let term = |code: &mut Code, factor: &Value| {
                code.store(TERM_FACTOR, factor.text());
                code.scale_and_join([TERM, ADDEND], [ADDEND, SUM]);
            };
            term(code, &Value::word(memory.value).negate());
            code.comment("minus the first set's distance times W_1, plus u W_2");
            let (w1, w2) = (calldata.opening(), calldata.opening() + 64);
            code.copy_point(TERM, w1);
            term(code, &Value::word(memory.distances).negate());
            code.copy_point(TERM, w2);
            term(code, &Value::word(memory.u));
            pairing(code, w2, [g2, s_g2]);
        },
    );
}

/// The quotient's commitment: its pieces by powers of x^n.
fn quotient(code: &mut Code, calldata: &Calldata, memory: &Memory) {
    let counts = calldata.counts;
    let piece = |index: usize| calldata.point(counts.random() + 1 + index);
    code.comment("quotient pieces, by powers of x^n");
    code.store(FACTOR, load(memory.power));
    code.copy_point(SUM, piece(counts.pieces - 1));
    for index in (0..counts.pieces - 1).rev() {
        code.copy_point(ADDEND, piece(index));
        code.scale_and_join([SUM, SUM], [ADDEND, SUM]);
    }
    code.move_point(QUOTIENT, SUM);
}

/// A set's commitments, highest power first.
fn horner(
    code: &mut Code,
    protocol: &Protocol<'_>,
    calldata: &Calldata,
    memory: &Memory,
    set: &RotationSet,
) {
    if set.members.len() > 1 {
        code.store(FACTOR, load(memory.y_open));
    }
    let key = protocol.key();
    for (position, (polynomial, _)) in set.members.iter().rev().enumerate() {
        let place = if position == 0 { SUM } else { ADDEND };
        match *polynomial {
            Polynomial::Proof(index) => code.copy_point(place, calldata.point(index)),
            Polynomial::Quotient => code.move_point(place, QUOTIENT),
            Polynomial::Fixed(index) => {
                code.comment(format!("fixed column {index}"));
                if let Some(point) = key.fixed_commitments().get(index) {
                    code.constant_point(place, point);
                }
            }
            Polynomial::Permutation(index) => {
                code.comment(format!("permutation column {index}"));
                if let Some(point) = key.permutation().commitments().get(index) {
                    code.constant_point(place, point);
                }
            }
        }
        if position > 0 {
            code.scale_and_join([SUM, SUM], [ADDEND, SUM]);
        }
    }
}

fn pairing(code: &mut Code, w2: usize, points: [G2Affine; 2]) {
    code.comment("e(P, G2) e(-W_2, tau G2) = 1");
    for (base, point) in [SUM + 0x40, SUM + 0x100].into_iter().zip(points) {
        let parts = [&point.x.c1, &point.x.c0, &point.y.c1, &point.y.c0];
        for (index, part) in parts.into_iter().enumerate() {
            code.store(base + 32 * index, coordinate(part));
        }
    }
    code.store(SUM + 0xc0, format!("calldataload({w2})"));
    let y = format!("sub({BASE_MODULUS}, calldataload({}))", w2 + 32);
    code.store(SUM + 0xe0, y);
    code.pair(SUM);
    code.revert_unless("and(ok, eq(mload(0), 1))", "ProofRejected()");
    code.store(0, "1");
    code.line("return(0, 0x20)");
}
