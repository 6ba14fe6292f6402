//! Values that stand together: one tensor, or one part of what a node computes.

use super::sum::Sum;

/// Consecutive values with one meaning and one range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    /// Index of its first value.
    pub first: u32,
    pub len: usize,
    /// The lookup table that every value is in; none if the values are free.
    pub table: Option<u32>,
    pub meaning: Meaning,
}

/// What a block's values are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The constant 1.
    One,
    /// The binding word.
    Binding,
    /// A tensor minus a constant of each channel (or one of all): `(x - low) >> offset`, the lowest
    /// `width` bits of it (0: all).
    Tensor {
        tensor: usize,
        lows: Vec<i64>,
        offset: u32,
        width: u32,
    },
    /// What a node's division drops, `>> offset`, the lowest `width` bits of it (0: all).
    Remainder {
        node: usize,
        offset: u32,
        width: u32,
    },
    /// Entries of a function: argument minus its least plus 2^bits times the result minus its least.
    Entry {
        node: usize,
        argument_low: i64,
        bits: u32,
        value_low: i64,
    },
    /// Sums at exponents that belong to no output: node, and the exponents of each channel.
    Junk { node: usize },
    /// Entry of one step of a maximum: node, step.
    StepEntry { node: usize, step: usize },
    /// By how much a step raises the maximum: node, step.
    Step { node: usize, step: usize },
    /// The largest ranking key of every window.
    TopKey { windows: usize },
    /// Distance of every ranking key from the window's largest, `>> offset`, the lowest `width` bits.
    KeyGap {
        windows: usize,
        offset: u32,
        width: u32,
    },
    /// 1 for every window's class, 0 for the others.
    OneHot { windows: usize },
    /// Part of a normalisation, `>> offset`, the lowest `width` bits of it (0: all).
    Norm {
        node: usize,
        part: NormPart,
        offset: u32,
        width: u32,
    },
    /// Sums of values before.
    Sums(Vec<Sum>),
}

/// Parts of a normalisation; x - low is a value above its lower bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NormPart {
    /// Entry of the square of x - low.
    Entry,
    /// (x - low)^2.
    Square,
    /// r of every group.
    Inverse,
    /// n 4^precision - r^2 V of every group.
    Below,
    /// (r + 1)^2 V - n 4^precision - 1 of every group.
    Above,
}

impl Block {
    /// A block that is not yet placed.
    pub fn new(len: usize, table: Option<u32>, meaning: Meaning) -> Self {
        Self {
            first: 0,
            len,
            table,
            meaning,
        }
    }

    /// The constant 1.
    pub fn one() -> Self {
        Self::new(1, None, Meaning::One)
    }
}
