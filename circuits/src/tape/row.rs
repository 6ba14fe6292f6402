//! Rows of the tape and the values that they carry.

use crate::field::Fr;

/// What a row's gate demands of the accumulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// ACC' = ACC + W A + I.
    Mac,
    /// ACC' = ACC + W A + I and ACC' = 0: the chain ends here.
    MacZero,
    /// ACC' = ACC A + W.
    Mul,
}

impl Kind {
    /// The value of the kind column; 0 means that no gate acts on the row.
    pub fn code(self) -> u64 {
        match self {
            Self::Mac => 1,
            Self::MacZero => 2,
            Self::Mul => 3,
        }
    }
}

/// A quantity of the network that stands in the value column; all are non-negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Value {
    /// Packed public input word.
    InputWord(usize),
    /// Input + 128.
    Input(usize),
    /// Quotient of a hidden neuron's accumulator minus its lower bound: (layer, neuron).
    Quotient(usize, usize),
    /// What the rescale drops: (layer, neuron). Only its digits are on the tape.
    Remainder(usize, usize),
    /// Activation minus its lower bound: (layer, neuron).
    Hidden(usize, usize),
    /// Logit minus its lower bound.
    Logit(usize),
    /// Packed public logit word.
    LogitWord(usize),
    /// Largest ranking key minus the smallest possible one.
    TopKey,
    /// Distance of a class's ranking key from the largest.
    KeyGap(usize),
    /// 1 for the class, 0 for the others.
    OneHot(usize),
    /// The class.
    Class,
}

/// What stands in the value column of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// The whole value, tied to every other row that carries it.
    Whole(Value),
    /// The base-4 digit of a value at a place, counted from the lowest.
    Digit(Value, u32),
}

/// One row of the tape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which gate acts.
    pub kind: Kind,
    /// Whether the value must be one of 0, 1, 2, 3.
    pub digit: bool,
    /// W: packed weight, place value or constant.
    pub coefficient: Fr,
    /// The value column.
    pub cell: Cell,
}
