//! What a layout will take of memory, before any key is made.

use serde::Serialize;
use veriregime_circuits::sheet::Layout;

/// Bytes of a field element.
const ELEMENT: u64 = 32;
/// Rows of the extended domain for each row: gates have degree 5.
const EXTENSION: u64 = 4;
/// The program and a reference string, as measured.
const PROGRAM: u64 = 22 << 20;
/// Base and challenge columns, selectors, row kinds: fixed columns beside one for each lane.
const FIXED: u64 = 16;

/// Rows, columns and memory of a layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// log2 of the number of rows.
    pub k: u32,
    /// Rows in use.
    pub rows: usize,
    /// Advice columns.
    pub columns: usize,
    /// Predicted bytes of the keys.
    pub key_bytes: u64,
    /// Predicted bytes of a process that makes these keys and proofs, without tables that make proving faster.
    pub memory_bytes: u64,
}

impl Estimate {
    /// Of a layout.
    pub fn of(layout: &Layout) -> Self {
        let shape = layout.shape;
        let columns = shape.boundary + shape.lanes + shape.helpers() + 4;
        let fixed = shape.lanes as u64 + FIXED;
        let permuted = (shape.boundary + shape.lanes + 1) as u64;
        let column = ELEMENT << shape.k;
        // Fixed and permutation columns are kept twice: as values and as coefficients.
        let key_bytes = 2 * (fixed + permuted) * column;
        // The quotient needs every column on the extended domain; products of the permutation, too.
        let polynomials = columns as u64 + permuted.div_ceil(3) + fixed + permuted;
        let proving =
            (2 * columns as u64 + EXTENSION * (columns as u64 + 8) + polynomials) * column;
        Self {
            k: shape.k,
            rows: layout.row_count(),
            columns,
            key_bytes,
            memory_bytes: PROGRAM + key_bytes + proving,
        }
    }
}
