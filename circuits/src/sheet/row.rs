//! Rows of a sheet.

use crate::field::Fr;

/// A quantity that is known before the challenges: an index into the first-phase values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Value(pub u32);

/// A quantity that depends on the challenges: an index into the second-phase values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Late(pub u32);

/// What stands in the factor column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Factor {
    /// Nothing: zero.
    #[default]
    None,
    /// A copy of a first-phase value.
    Early(Value),
    /// A second-phase value.
    Late(Late),
    /// A second-phase value that this row defines as the accumulator.
    Defined(Late),
}

/// How a row leads the accumulator to the next row. w and a are weights and values of the lanes,
/// t and s the challenges for positions and channels, L the number of lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Kind {
    /// Not at all.
    #[default]
    None,
    /// acc + sum w_j a_j + v b + constant + public word.
    Sum,
    /// acc b + sum w_j a_j.
    Multiply,
    /// acc t^L + sum t^j w_j a_j.
    Positions,
    /// acc s^L + sum s^j w_j a_j.
    Channels,
    /// acc t + sum s^j w_j a_j.
    Mixed,
}

/// One row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    pub kind: Kind,
    /// Whether the accumulator must be zero here.
    pub open: bool,
    /// Index of the lookup table that every lane must be in.
    pub checked: Option<u32>,
    /// Added on unchecked sum rows.
    pub constant: Fr,
    pub factor: Factor,
    /// v: weight of the factor on sum rows.
    pub factor_weight: Fr,
}

/// A lane of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    pub value: Option<Value>,
    pub weight: Fr,
}

impl Cell {
    /// Nothing.
    pub const EMPTY: Self = Self {
        value: None,
        weight: Fr::zero(),
    };
}
