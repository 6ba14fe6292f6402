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

// Proving time, fitted to 13 layouts of the shipped model (largest error 8 %): processor time of two
// 2.6 GHz cores, of which both work at once 1.7 times out of 2.
/// Milliseconds of processor time for every proof.
const MS: f64 = 47.0;
/// For a thousand rows.
const MS_PER_ROW: f64 = 10.0;
/// For a commitment to full-size scalars, per thousand rows.
const MS_PER_COMMITMENT: f64 = 2.42;
/// For a polynomial on the extended domain, per thousand points of it.
const MS_PER_POLYNOMIAL: f64 = 0.52;
/// Processor time over wall time.
const CORES: f64 = 1.7;

fn prove_ms(shape: Shape, k: u32) -> f64 {
    let thousands = f64::from(1u32 << k) / 1_024.0;
    // Lane columns hold small values, and the two openings are not of that size either.
    let commitments = (shape.points() - shape.lanes - 2) as f64;
    let lookup = if shape.lookup { 3 } else { 0 };
    let columns = shape.advice() + shape.fixed() + shape.lanes + shape.products() + lookup;
    // The instance and the Lagrange polynomials of the first, the last and the active rows.
    let polynomials = (columns + 4) as f64;
    let extension = (shape.degree - 1).next_power_of_two() as f64;
    let per_thousand =
        MS_PER_ROW + MS_PER_COMMITMENT * commitments + MS_PER_POLYNOMIAL * extension * polynomials;
    (MS + thousands * per_thousand) / CORES
}
