//! How many weights of the integer model are not zero, layer by layer.

use serde::Serialize;
use veriregime_circuits::model::IntegerModel;

/// One layer's count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Sparsity {
    /// All weights.
    pub weights: usize,
    /// Weights that are not zero.
    pub nonzero: usize,
    /// Outputs.
    pub neurons: usize,
    /// Outputs that no input reaches.
    pub constant: usize,
}

impl Sparsity {
    /// The counts of every layer.
    pub fn of(model: &IntegerModel) -> Vec<Self> {
        let count = |rows: &Vec<Vec<i32>>| Self {
            weights: rows.iter().map(Vec::len).sum(),
            nonzero: rows.iter().flatten().filter(|&&weight| weight != 0).count(),
            neurons: rows.len(),
            constant: rows
                .iter()
                .filter(|row| row.iter().all(|&weight| weight == 0))
                .count(),
        };
        model
            .layers
            .iter()
            .map(|layer| count(&layer.weights))
            .collect()
    }
}
