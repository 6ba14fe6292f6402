//! One combination of all commitments by Horner's rule: the accumulator (P, W_2).

use super::{
    memory::{ADDEND, Calldata, DONE, FACTOR, Memory, QUOTIENT, SUM, TERM, TERM_FACTOR},
    rounds::many,
    value::{Value, load},
    yul::{Code, STEPS},
};
use crate::protocol::{Polynomial, Protocol, RotationSet};

/// The combination P of all commitments, at [`SUM`].
pub(super) fn combination(
    code: &mut Code,
    protocol: &Protocol<'_>,
    calldata: &Calldata,
    memory: &Memory,
) {
    code.block("Combination of all commitments", |code| {
        code.line("let ok := 1");
        quotient(code, calldata, memory);
        let sets = protocol.openings().sets;
        let crowded = many(sets.iter().map(|set| set.members.len()).sum());
        for (index, set) in sets.iter().enumerate().rev() {
            code.comment(format!(
                "openings at rotations {:?}, by powers of y",
                set.rotations
            ));
            let looped = crowded && set.members.len() > STEPS;
            horner(code, protocol, (calldata, memory), set, looped);
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
        code.revert_unless("ok", "ProofRejected()");
    });
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

/// A set's commitments, highest power first; for a loop they are lined up in memory.
fn horner(
    code: &mut Code,
    protocol: &Protocol<'_>,
    (calldata, memory): (&Calldata, &Memory),
    set: &RotationSet,
    looped: bool,
) {
    if set.members.len() > 1 {
        code.store(FACTOR, load(memory.y_open));
    }
    for (position, (polynomial, _)) in set.members.iter().rev().enumerate() {
        let place = match position {
            0 => SUM,
            _ if looped => memory.lined_up(position - 1),
            _ => ADDEND,
        };
        point(code, protocol, calldata, *polynomial, place);
        if position > 0 && !looped {
            code.scale_and_join([SUM, SUM], [ADDEND, SUM]);
        }
    }
    if looped {
        let [start, end] = [0, set.members.len() - 1].map(|index| memory.lined_up(index));
        let head =
            format!("for {{ let at := {start:#x} }} lt(at, {end:#x}) {{ at := add(at, 0x40) }}");
        code.nest(&head, |code| {
            code.line(format!("mcopy({ADDEND:#x}, at, 0x40)"));
            code.scale_and_join([SUM, SUM], [ADDEND, SUM]);
        });
    }
}

/// Puts a commitment into memory.
fn point(
    code: &mut Code,
    protocol: &Protocol<'_>,
    calldata: &Calldata,
    polynomial: Polynomial,
    place: usize,
) {
    let key = protocol.key();
    match polynomial {
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
}
