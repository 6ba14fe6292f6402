//! Rows of the tape and the values that they carry.

use super::range::Piece;
use crate::field::Fr;

/// A quantity of the network that stands in a value column; all are non-negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Value {
    /// The constant 1.
    One,
    /// Packed public input word plus 1.
    InputWord(usize),
    /// Input + 128.
    Input(usize),
    /// Quotient of a hidden neuron's accumulator minus its lower bound: (layer, neuron).
    Quotient(usize, usize),
    /// What the rescale drops: (layer, neuron). Only its pieces are on the tape.
    Remainder(usize, usize),
    /// 1 if a hidden neuron's quotient is not negative: (layer, neuron).
    Sign(usize, usize),
    /// Argument and value of a table activation in one number: (layer, neuron).
    Entry(usize, usize),
    /// Activation minus its lower bound: (layer, neuron).
    Hidden(usize, usize),
    /// Logit minus its lower bound.
    Logit(usize),
    /// Packed public logit word plus 1.
    LogitWord(usize),
    /// Largest ranking key minus the smallest possible one.
    TopKey,
    /// Distance of a class's ranking key from the largest.
    KeyGap(usize),
    /// 1 for the class, 0 for the others.
    OneHot(usize),
    /// The class plus 1.
    Class,
}

/// What stands in a value column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cell {
    /// The whole value, tied to every other cell that carries it.
    Whole(Value),
    /// Some bits of a value.
    Piece(Value, Piece),
}

/// One lane of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane {
    /// W: packed weight, place value or constant.
    pub coefficient: Fr,
    /// A.
    pub cell: Cell,
}

/// One row of the tape.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// Whether a chain begins here: ACC = 1.
    pub opens: bool,
    /// Whether every lane must be a digit; in a circuit of digits, opening rows are always so.
    pub digits: bool,
    /// Whether the accumulator is multiplied by the first lane, whose coefficient then is zero.
    pub multiplies: bool,
    /// Which part of the lookup table the first lane must be in; 0 for none.
    pub tag: u32,
    /// Lanes in use, the first ones; the others are zero.
    pub lanes: Vec<Lane>,
}

impl Row {
    /// C: 0 none, 1 digits, 2 opens a chain.
    pub fn code(&self) -> u64 {
        if self.opens {
            2
        } else {
            u64::from(self.digits)
        }
    }
}
