//! From a model to its tape: rows and size of the circuit.

use super::{build::Tape, dense, inputs, live::Live, output, row::Row};
use crate::{
    Error,
    model::{IntegerModel, bounds::Bounds},
    public::Schema,
};

/// Largest supported log2 of the row count: what the ceremony file holds.
pub const MAX_K: u32 = 16;
/// Rows at the end of every column that the proving system fills with randomness.
pub const RESERVED_ROWS: usize = 6;
/// Rows from one public word to the next.
pub const PUBLIC_STRIDE: usize = 1;
/// Multiply-accumulate columns.
pub const LANES: usize = 1;

/// A compiled model: everything that keys, witnesses and verifiers are made from.
#[derive(Debug, Clone)]
pub struct Layout {
    /// log2 of the number of rows.
    pub k: u32,
    /// The tape.
    pub rows: Vec<Row>,
    /// Shape of the public inputs.
    pub schema: Schema,
    model: IntegerModel,
    bounds: Bounds,
}

impl Layout {
    /// Compiles a model.
    ///
    /// # Errors
    /// [`Error::Model`] or [`Error::Overflow`] for a model that is invalid or too wide,
    /// [`Error::TooLong`] for one that needs more rows than 2^16.
    pub fn plan(model: &IntegerModel) -> Result<Self, Error> {
        model.validate()?;
        let bounds = Bounds::of(model)?;
        let schema = Schema::of(model);
        let mut tape = Tape::default();
        inputs::public_words(&mut tape, schema);
        let live = Live::of(model, &bounds);
        inputs::unpack(&mut tape, schema, &live.inputs);
        for index in 0..model.layers.len() {
            dense::layer(&mut tape, model, &bounds, &live, index)?;
        }
        if let Some(logits) = bounds.accumulators.last() {
            output::outputs(&mut tape, logits);
        }
        let rows = tape.rows;
        // The accumulator of the last row stands one row further down.
        let k = (4..=MAX_K)
            .find(|k| rows.len() < usable_rows(*k))
            .ok_or(Error::TooLong {
                rows: rows.len(),
                max_k: MAX_K,
                available: usable_rows(MAX_K) - 1,
            })?;
        Ok(Self {
            k,
            rows,
            schema,
            model: model.clone(),
            bounds,
        })
    }

    /// The model that was compiled.
    pub fn model(&self) -> &IntegerModel {
        &self.model
    }

    pub(super) fn bounds(&self) -> &Bounds {
        &self.bounds
    }
}

/// Rows of a circuit of size 2^k that the tape may use.
pub fn usable_rows(k: u32) -> usize {
    (1usize << k) - RESERVED_ROWS
}
