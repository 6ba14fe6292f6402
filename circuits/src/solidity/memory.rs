//! Where the verifier keeps things: calldata offsets of the canonical encoding, words of memory.

use crate::protocol::{Counts, Evaluation, Protocol};

use super::value::Value;

/// Calldata offset of the first public input: selector, two offsets, length of the inputs.
pub(super) const INPUTS: usize = 4 + 3 * 32;

/// Calldata offset of the first accumulator: selector, offset, count.
pub(super) const ACCUMULATORS: usize = 4 + 2 * 32;

// Points under work. A point to add stands right before the sum, the factor right behind it.
/// Point that is added to the sum.
pub(super) const ADDEND: usize = 0x00;
/// The sum.
pub(super) const SUM: usize = 0x40;
/// What the sum is multiplied by.
pub(super) const FACTOR: usize = 0x80;
/// The second point of a pairing, with its own addend and factor around it.
pub(super) const SECOND: usize = SUM + 0xc0;
/// A point that is multiplied before it is added, and its factor.
pub(super) const TERM: usize = 0xa0;
pub(super) const TERM_FACTOR: usize = 0xe0;
/// The quotient's commitment.
pub(super) const QUOTIENT: usize = 0x100;
/// Sum over the sets that are already done.
pub(super) const DONE: usize = 0x140;
const WORDS: usize = 0x180;

/// Words of memory that outlive an assembly block.
pub(super) struct Memory {
    /// Challenges of the circuit, one after the other.
    pub challenges: usize,
    pub theta: usize,
    pub beta: usize,
    pub gamma: usize,
    pub y: usize,
    pub x: usize,
    pub y_open: usize,
    pub v: usize,
    pub u: usize,
    /// x^n.
    pub power: usize,
    /// Numerator, denominator and the odd row's share of the sum over the public words.
    pub public: [usize; 3],
    /// The same of the sum over the reserved rows.
    pub reserved: [usize; 3],
    pub instance: usize,
    pub first: usize,
    pub last: usize,
    pub active: usize,
    /// Folded constraints, then the quotient's value.
    pub folded: usize,
    /// Value of the combination at u.
    pub value: usize,
    /// Running products of the denominators.
    pub products: usize,
    /// Inverses of the denominators.
    pub inverses: usize,
    /// Sum over a set's rotations, and the polynomial in y of one of them.
    pub partial: usize,
    pub horner: usize,
    /// Product of the first set's distances from u.
    pub distances: usize,
    /// Per rotation: product of the first set's distances from u over the rotation's own.
    pub shares: usize,
    /// Per set: coefficient of its commitments.
    pub coefficients: usize,
    /// Hash and what is hashed with it; once all challenges are known, parts of expressions that the
    /// stack is too short for, and after those commitments to add in a loop.
    pub hashed: usize,
}

impl Memory {
    pub fn of(protocol: &Protocol<'_>) -> Self {
        let openings = protocol.openings();
        let mut end = WORDS;
        let mut words = |count: usize| {
            let place = end;
            end += 32 * count;
            place
        };
        let denominators = 4 + openings.divided().len();
        let mut fraction = || [words(1), words(1), words(1)];
        let (public, reserved) = (fraction(), fraction());
        Self {
            public,
            reserved,
            theta: words(1),
            beta: words(1),
            gamma: words(1),
            y: words(1),
            x: words(1),
            y_open: words(1),
            v: words(1),
            u: words(1),
            power: words(1),
            instance: words(1),
            first: words(1),
            last: words(1),
            active: words(1),
            folded: words(1),
            value: words(1),
            partial: words(1),
            horner: words(1),
            distances: words(1),
            products: words(denominators),
            inverses: words(denominators),
            shares: words(openings.rotations().len()),
            coefficients: words(openings.sets.len()),
            challenges: words(protocol.counts().challenges),
            hashed: words(0),
        }
    }

    /// Place of a challenge of the circuit.
    pub fn challenge(&self, index: usize) -> usize {
        self.challenges + 32 * index
    }

    /// Place of a commitment to add in a loop.
    pub fn lined_up(&self, index: usize) -> usize {
        self.hashed + 64 * index
    }

    /// Place of a part of an expression.
    pub fn part(&self, index: usize) -> usize {
        self.hashed + 32 * index
    }
}

/// Calldata offsets of the parts of a canonically encoded call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calldata {
    pub words: usize,
    pub counts: Counts,
}

impl Calldata {
    pub fn of(protocol: &Protocol<'_>) -> Self {
        Self {
            words: protocol.words(),
            counts: protocol.counts(),
        }
    }

    pub fn word(&self, index: usize) -> usize {
        INPUTS + 32 * index
    }

    /// First byte of the proof, behind its length.
    pub fn proof(&self) -> usize {
        INPUTS + 32 * self.words + 32
    }

    pub fn end(&self) -> usize {
        self.proof() + self.counts.proof_bytes()
    }

    /// A commitment, counted from the first.
    pub fn point(&self, index: usize) -> usize {
        self.proof() + 64 * index
    }

    pub fn evaluations(&self) -> usize {
        self.point(self.counts.commitments())
    }

    pub fn evaluation(&self, index: usize) -> Value {
        Value::calldata(self.evaluations() + 32 * index)
    }

    /// A value of the proof or the one that the constraints give.
    pub fn value(&self, evaluation: Evaluation, memory: &Memory) -> Value {
        match evaluation {
            Evaluation::Proof(index) => self.evaluation(index),
            Evaluation::Quotient => Value::word(memory.folded),
        }
    }

    /// SHPLONK's first opening point; the second one follows.
    pub fn opening(&self) -> usize {
        self.evaluations() + 32 * self.counts.evaluations()
    }

    pub fn hint(&self) -> usize {
        self.opening() + 128
    }
}
