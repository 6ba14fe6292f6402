//! How many columns a sheet has.

/// Columns and rows of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Shape {
    /// Value columns.
    pub lanes: usize,
    /// Columns with committed tensors, the first ones of a proof.
    pub boundary: usize,
    /// log2 of the number of rows.
    pub k: u32,
}

/// Lanes that share one column of inverses: degree 5 allows three.
pub const GROUP: usize = 3;
/// Degree of the gates, hence of the constraint system.
pub const DEGREE: usize = 5;
/// Rows at the end that nothing is written to: the proving system keeps six of them.
pub const RESERVED: usize = 8;

impl Shape {
    /// Rows that can be written.
    pub fn rows(&self) -> usize {
        (1usize << self.k) - RESERVED
    }

    /// Columns of inverses.
    pub fn helpers(&self) -> usize {
        self.lanes.div_ceil(GROUP)
    }

    /// Values of a boundary column; the last row holds a 1, so that no commitment is infinity.
    pub fn column(&self) -> usize {
        self.rows() - 1
    }

    /// Boundary columns that a tensor of `values` takes.
    pub fn columns(&self, values: usize) -> usize {
        values.div_ceil(self.column())
    }
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} lanes, {} boundary columns, k = {}",
            self.lanes, self.boundary, self.k
        )
    }
}
