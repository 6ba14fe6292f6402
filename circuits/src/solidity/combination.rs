//! One combination of all commitments by Horner's rule: the accumulator (P, W_2).

use halo2_axiom::halo2curves::bn256::G1Affine;

use super::{
    memory::{ADDEND, Calldata, DONE, FACTOR, Memory, QUOTIENT, SUM, TERM, TERM_FACTOR},
    rounds::many,
    value::{Value, load},
    yul::{Code, coordinate},
};
use crate::protocol::{Polynomial, Protocol, RotationSet};

/// The combination P of all commitments, at [`SUM`].
pub(super) fn combination(
    code: &mut Code,
    protocol: &Protocol<'_>,
    calldata: &Calldata,
    memory: &Memory,
) {
    let sets = protocol.openings().sets;
    let members: usize = sets.iter().map(|set| set.members.len()).sum();
    let shared = many(members);
    code.block("Combination of all commitments", |code| {
        if shared {
            functions(code);
        }
        code.line("let ok := 1");
        quotient(code, calldata, memory, shared);
        for (index, set) in sets.iter().enumerate().rev() {
            code.comment(format!(
                "openings at rotations {:?}, by powers of y",
                set.rotations
            ));
            horner(code, protocol, (calldata, memory), set, shared);
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

/// What many points share: the sum is scaled, and a point of calldata or of the key is added.
fn functions(code: &mut Code) {
    let mut function = |head: &str, point: &[String]| {
        code.nest(&format!("function {head} -> all"), |code| {
            for line in point {
                code.line(line);
            }
            code.scale_and_join([SUM, SUM], [ADDEND, SUM]);
            code.line("all := ok");
        });
    };
    let copied = format!("calldatacopy({ADDEND:#x}, offset, 0x40)");
    function("add_proof(offset, ok)", &[copied]);
    let [x, y] = [(ADDEND, "x"), (ADDEND + 32, "y")]
        .map(|(place, coordinate)| format!("mstore({place:#x}, {coordinate})"));
    function("add_key(x, y, ok)", &[x, y]);
}

/// Scales the sum and adds a point of the proof.
fn add_proof(code: &mut Code, offset: usize, shared: bool) {
    if shared {
        code.line(format!("ok := add_proof({offset}, ok)"));
    } else {
        code.copy_point(ADDEND, offset);
        code.scale_and_join([SUM, SUM], [ADDEND, SUM]);
    }
}

/// Scales the sum and adds a point of the key.
fn add_key(code: &mut Code, point: &G1Affine, shared: bool) {
    if shared {
        let [x, y] = [&point.x, &point.y].map(coordinate);
        code.line(format!("ok := add_key({x}, {y}, ok)"));
    } else {
        code.constant_point(ADDEND, point);
        code.scale_and_join([SUM, SUM], [ADDEND, SUM]);
    }
}

/// The quotient's commitment: its pieces by powers of x^n.
fn quotient(code: &mut Code, calldata: &Calldata, memory: &Memory, shared: bool) {
    let counts = calldata.counts;
    let piece = |index: usize| calldata.point(counts.random() + 1 + index);
    code.comment("quotient pieces, by powers of x^n");
    code.store(FACTOR, load(memory.power));
    code.copy_point(SUM, piece(counts.pieces - 1));
    for index in (0..counts.pieces - 1).rev() {
        add_proof(code, piece(index), shared);
    }
    code.move_point(QUOTIENT, SUM);
}

/// A set's commitments, highest power first.
fn horner(
    code: &mut Code,
    protocol: &Protocol<'_>,
    (calldata, memory): (&Calldata, &Memory),
    set: &RotationSet,
    shared: bool,
) {
    if set.members.len() > 1 {
        code.store(FACTOR, load(memory.y_open));
    }
    let key = protocol.key();
    for (position, (polynomial, _)) in set.members.iter().rev().enumerate() {
        let first = position == 0;
        let point = match *polynomial {
            Polynomial::Proof(index) if first => {
                code.copy_point(SUM, calldata.point(index));
                continue;
            }
            Polynomial::Proof(index) => {
                add_proof(code, calldata.point(index), shared);
                continue;
            }
            Polynomial::Quotient if first => {
                code.move_point(SUM, QUOTIENT);
                continue;
            }
            Polynomial::Quotient => {
                code.move_point(ADDEND, QUOTIENT);
                code.scale_and_join([SUM, SUM], [ADDEND, SUM]);
                continue;
            }
            Polynomial::Fixed(index) => {
                code.comment(format!("fixed column {index}"));
                key.fixed_commitments().get(index)
            }
            Polynomial::Permutation(index) => {
                code.comment(format!("permutation column {index}"));
                key.permutation().commitments().get(index)
            }
        };
        match point {
            Some(point) if first => code.constant_point(SUM, point),
            Some(point) => add_key(code, point, shared),
            None => {}
        }
    }
}
