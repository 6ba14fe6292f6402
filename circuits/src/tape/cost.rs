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
            gas: gas(shape, layout.schema.words()),
            prove_ms: prove_ms(shape, layout.k),
        }
    }
}

/// Points, evaluations and the inverse hint.
fn proof_bytes(shape: Shape) -> usize {
    64 * shape.points() + 32 * shape.evaluations() + 32
}

// Gas of the generated contract, fitted to 18 measured layouts (largest error 0.1 %; `tests/cost.rs`
// holds the fit to measurements). The prices of the parts are those of the precompiles and of
// calldata: 6,150 for a point's scaling and addition, 1,024 for its 64 bytes, 512 for a word.
/// Transaction, pairing, transcript, inversion.
const GAS: u64 = 137_530;
/// A point of the proof: read, hashed, scaled and added.
const GAS_PER_POINT: u64 = 7_470;
/// A commitment of the key: scaled and added.
const GAS_PER_COMMITMENT: u64 = 6_460;
/// An evaluation: read, hashed, used in the constraints and in the opening.
const GAS_PER_EVALUATION: u64 = 622;
/// A public word: read, hashed, weighed with its Lagrange polynomial.
const GAS_PER_WORD: u64 = 615;

fn gas(shape: Shape, words: usize) -> u64 {
    let commitments = shape.fixed() + shape.lanes;
    GAS + GAS_PER_POINT * shape.points() as u64
        + GAS_PER_COMMITMENT * commitments as u64
        + GAS_PER_EVALUATION * shape.evaluations() as u64
        + GAS_PER_WORD * words as u64
}

fn prove_ms(shape: Shape, k: u32) -> f64 {
    let n = f64::from(1u32 << k) / 8192.0;
    let points = (shape.points() - shape.lanes) as f64;
    n * (22.0 * points + 12.0 * shape.lanes as f64 + 50.0)
}
