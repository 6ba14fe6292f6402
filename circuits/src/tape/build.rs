//! Writing chains of rows.
//!
//! A chain is a run of rows between two accumulators that are 1. Its steps are sums of multiples of
//! cells and multiplications by a value; [`Chain`] collects them, [`Tape::push`] packs them into as
//! few rows as the shape allows.

use halo2_axiom::halo2curves::ff::Field;

use super::{
    range::{Piece, RangeCheck},
    row::{Cell, Lane, Row, Value},
    shape::Shape,
};
use crate::field::{Fr, power_of_two};

/// Rows under construction.
#[derive(Debug)]
pub(super) struct Tape {
    pub shape: Shape,
    pub rows: Vec<Row>,
}

/// A multiple of a cell.
#[derive(Debug, Clone, Copy)]
struct Term {
    lane: Lane,
    /// Whether the cell must be one digit.
    digit: bool,
    /// Part of the lookup table that the cell must be in; 0 for none.
    tag: u32,
}

/// A sum, after a multiplication or at the start.
#[derive(Debug, Default)]
struct Segment {
    multiplier: Option<Value>,
    constant: Fr,
    terms: Vec<Term>,
}

/// Steps that lead the accumulator from its start to zero.
#[derive(Debug)]
pub(super) struct Chain {
    range: RangeCheck,
    segments: Vec<Segment>,
}

impl Chain {
    fn starting(range: RangeCheck, constant: Fr) -> Self {
        let segment = Segment {
            constant,
            ..Segment::default()
        };
        Self {
            range,
            segments: vec![segment],
        }
    }

    fn term(&mut self, coefficient: Fr, cell: Cell, digit: bool, tag: u32) {
        if coefficient != Fr::ZERO
            && let Some(segment) = self.segments.last_mut()
        {
            segment.terms.push(Term {
                lane: Lane { coefficient, cell },
                digit,
                tag,
            });
        }
    }

    /// Adds a constant.
    pub fn constant(&mut self, constant: Fr) {
        if let Some(segment) = self.segments.last_mut() {
            segment.constant += constant;
        }
    }

    /// Adds a multiple of a value; a zero multiple takes no row.
    pub fn add(&mut self, coefficient: Fr, value: Value) {
        self.term(coefficient, Cell::Whole(value), false, 0);
    }

    /// Multiplies what has been added so far.
    pub fn multiply(&mut self, value: Value) {
        self.segments.push(Segment {
            multiplier: Some(value),
            ..Segment::default()
        });
    }

    /// Adds `factor` times the pieces of a value: range-checks it below 2^capacity(bits).
    pub fn pieces(&mut self, value: Value, bits: u32, factor: Fr) {
        for piece in self.range.pieces(bits) {
            let coefficient = factor * power_of_two(piece.offset);
            self.checked(coefficient, Cell::Piece(value, piece), piece);
        }
    }

    /// Adds a multiple of a value whose cell itself is checked to be a bit (a quad where those are
    /// the digits).
    pub fn bit(&mut self, coefficient: Fr, value: Value) {
        let piece = Piece {
            offset: 0,
            width: 1,
        };
        self.checked(coefficient, Cell::Whole(value), piece);
    }

    fn checked(&mut self, coefficient: Fr, cell: Cell, piece: Piece) {
        match self.range {
            RangeCheck::Bits | RangeCheck::Quads => self.term(coefficient, cell, true, 0),
            RangeCheck::Bytes => self.term(coefficient, cell, false, piece.width),
        }
    }

    /// Adds a multiple of a value that must be in a part of the lookup table.
    pub fn tagged(&mut self, coefficient: Fr, value: Value, tag: u32) {
        self.term(coefficient, Cell::Whole(value), false, tag);
    }
}

#[expect(
    clippy::wrong_self_convention,
    reason = "a chain starts from a number, the tape is not converted"
)]
impl Tape {
    pub fn new(shape: Shape) -> Self {
        Self {
            shape,
            rows: vec![],
        }
    }

    /// A chain whose accumulator starts at 0.
    pub fn from_zero(&self) -> Chain {
        // The accumulator itself starts at 1.
        Chain::starting(self.shape.range, -Fr::ONE)
    }

    /// A chain whose accumulator starts at 1.
    pub fn from_one(&self) -> Chain {
        Chain::starting(self.shape.range, Fr::ZERO)
    }

    /// Range-checks a value below 2^capacity(bits) and brings it into existence.
    pub fn define(&mut self, value: Value, bits: u32) {
        let mut chain = self.from_zero();
        chain.pieces(value, bits, Fr::ONE);
        chain.add(-Fr::ONE, value);
        self.push(chain);
    }

    /// Demands that the chain's accumulator ends at 0.
    pub fn push(&mut self, mut chain: Chain) {
        // The next chain starts at 1.
        chain.constant(Fr::ONE);
        let mut opens = true;
        for segment in chain.segments {
            let rows = pack(self.shape, segment, opens);
            opens &= rows.is_empty();
            self.rows.extend(rows);
        }
    }
}

/// Rows of one segment, first fit. Where range checks are digits, a row is all digits or all not,
/// and an opening row is always checked, so it holds nothing but digits and the constant 1.
fn pack(shape: Shape, segment: Segment, opens: bool) -> Vec<Row> {
    let polynomial = shape.range != RangeCheck::Bytes;
    let (digits, others): (Vec<Term>, Vec<Term>) =
        segment.terms.into_iter().partition(|term| term.digit);
    let (tagged, plain): (Vec<Term>, Vec<Term>) =
        others.into_iter().partition(|term| term.tag != 0);
    let mut plain: Vec<Lane> = plain.into_iter().map(|term| term.lane).collect();
    let mut one = (segment.constant != Fr::ZERO).then_some(segment.constant);
    let lane_of_one = |coefficient: Fr| Lane {
        coefficient,
        cell: Cell::Whole(Value::One),
    };
    let mut rows: Vec<Row> = vec![];
    if !polynomial {
        plain.extend(one.take().map(lane_of_one));
    }
    if let Some(multiplier) = segment.multiplier {
        let mut row = Row {
            multiplies: true,
            lanes: vec![Lane {
                coefficient: Fr::ZERO,
                cell: Cell::Whole(multiplier),
            }],
            ..Row::default()
        };
        if !(polynomial && opens) {
            fill(&mut row, &mut plain, shape.lanes);
            if row.lanes.len() < shape.lanes {
                row.lanes.extend(one.take().map(lane_of_one));
            }
        }
        rows.push(row);
    }
    for chunk in digits.chunks(shape.lanes) {
        let mut row = Row {
            digits: true,
            lanes: chunk.iter().map(|term| term.lane).collect(),
            ..Row::default()
        };
        if row.lanes.len() < shape.lanes {
            row.lanes.extend(one.take().map(lane_of_one));
        }
        rows.push(row);
    }
    if polynomial
        && opens
        && rows.is_empty()
        && !(plain.is_empty() && tagged.is_empty() && one.is_none())
    {
        let coefficient = one.take().unwrap_or_else(|| {
            plain.push(lane_of_one(-Fr::ONE));
            Fr::ONE
        });
        rows.push(Row {
            lanes: vec![lane_of_one(coefficient)],
            ..Row::default()
        });
    }
    plain.extend(one.take().map(lane_of_one));
    for term in tagged {
        let mut row = Row {
            tag: term.tag,
            lanes: vec![term.lane],
            ..Row::default()
        };
        fill(&mut row, &mut plain, shape.lanes);
        rows.push(row);
    }
    for chunk in plain.chunks(shape.lanes) {
        rows.push(Row {
            lanes: chunk.to_vec(),
            ..Row::default()
        });
    }
    if let Some(first) = rows.first_mut() {
        first.opens = opens;
    }
    rows
}

/// Moves lanes into a row until it is full.
fn fill(row: &mut Row, lanes: &mut Vec<Lane>, width: usize) {
    let spare = (width - row.lanes.len()).min(lanes.len());
    row.lanes.extend(lanes.drain(..spare));
}
