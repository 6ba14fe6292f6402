//! Predicted costs of a layout, before any key is made.

use serde::Serialize;

use super::{Layout, Shape};

/// What a layout costs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cost {
    /// Columns: advice, fixed, permutation, products and lookup.
    pub columns: usize,
    /// Length of a proof in bytes.
    pub proof_bytes: usize,
    /// Gas of a transaction that calls the verifier, all public inputs in calldata.
    pub gas: u64,
    /// Proving time on two cores of a 2.6 GHz Xeon, in milliseconds, witness included.
    pub prove_ms: f64,
}

impl Cost {
    /// The costs of a layout.
    pub fn of(layout: &Layout) -> Self {
        let shape = layout.shape;
        Self {
            columns: shape.advice() + shape.fixed() + shape.lanes + shape.products(),
            proof_bytes: proof_bytes(shape),
            gas: gas(shape, layout.schema.words(), layout.k),
            prove_ms: prove_ms(shape, layout.k),
        }
    }
}

/// Points, evaluations and the inverse hint.
fn proof_bytes(shape: Shape) -> usize {
    64 * shape.points() + 32 * shape.evaluations() + 32
}

fn gas(shape: Shape, words: usize, k: u32) -> u64 {
    // Placeholder constants until fitted to measurements of the generated verifiers.
    let _ = k;
    let scalings = shape.points() + shape.fixed() + shape.lanes;
    165_000 + 6_300 * scalings as u64 + 16 * proof_bytes(shape) as u64 + 600 * words as u64
}

fn prove_ms(shape: Shape, k: u32) -> f64 {
    let n = f64::from(1u32 << k) / 8192.0;
    let points = (shape.points() - shape.lanes) as f64;
    n * (22.0 * points + 12.0 * shape.lanes as f64 + 50.0)
}
