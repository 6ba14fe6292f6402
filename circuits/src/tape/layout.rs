//! From a model to its tape: rows, columns and size of the circuit.

use super::{
    Filler, RangeCheck, Shape, build::Tape, dense::Network, inputs, live::Live, output, row::Row,
    tables::Tables,
};
use crate::{
    Error,
    field::Fr,
    model::{IntegerModel, bounds::Bounds},
    public::Schema,
};

/// Largest supported log2 of the row count: what the ceremony file holds.
pub const MAX_K: u32 = 16;
/// Rows at the end of every column that the proving system fills with randomness.
pub const RESERVED_ROWS: usize = 6;
/// Public word i stands in row i times this of the instance column; the rows between are zero.
pub const PUBLIC_STRIDE: usize = 2;

/// A compiled model: everything that keys, witnesses and verifiers are made from.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Columns and gates.
    pub shape: Shape,
    /// log2 of the number of rows.
    pub k: u32,
    /// The tape; its last row only ends the last chain.
    pub rows: Vec<Row>,
    /// Shape of the public inputs.
    pub schema: Schema,
    /// Random numbers that hide the weights of a private model.
    pub filler: Option<Filler>,
    model: IntegerModel,
    bounds: Bounds,
    tables: Tables,
    table: Vec<(Fr, Fr)>,
}

impl Layout {
    /// Compiles a model into a circuit of a given shape, as small as possible. A lookup argument
    /// that nothing would use is left out: its polynomials would be zero, and a commitment to zero
    /// is no valid part of a proof.
    ///
    /// # Errors
    /// [`Error::Model`] or [`Error::Overflow`] for a model that is invalid or too wide,
    /// [`Error::Shape`] for a shape that cannot carry it, [`Error::TooLong`] for one that needs more
    /// rows than 2^16.
    pub fn compile(
        model: &IntegerModel,
        shape: Shape,
        filler: Option<Filler>,
    ) -> Result<Self, Error> {
        model.validate()?;
        let bounds = Bounds::of(model)?;
        let schema = Schema::of(model);
        let live = Live::of(model, &bounds);
        let shape = fitting(shape, has_live_tables(model, &live))?;
        let tables = Tables::of(model, &bounds, &live, shape);
        let mut tape = Tape::new(shape);
        inputs::public_words(&mut tape, schema);
        inputs::one(&mut tape);
        inputs::unpack(&mut tape, schema, &live.inputs);
        let network = Network {
            model,
            bounds: &bounds,
            live: &live,
            tables: &tables,
        };
        for index in 0..model.layers.len() {
            network.layer(&mut tape, index)?;
        }
        if let Some(logits) = bounds.accumulators.last() {
            output::outputs(&mut tape, logits);
        }
        let mut rows = tape.rows;
        rows.push(Row {
            opens: true,
            ..Row::default()
        });
        let table = if shape.lookup { tables.rows() } else { vec![] };
        let spare = filler.as_ref().map_or(0, Filler::room);
        let needed = rows.len().saturating_add(spare).max(table.len());
        let k = (4..=MAX_K)
            .find(|k| needed <= usable_rows(*k))
            .ok_or(Error::TooLong {
                rows: needed,
                max_k: MAX_K,
                available: usable_rows(MAX_K),
            })?;
        Ok(Self {
            shape,
            k,
            rows,
            schema,
            filler,
            model: model.clone(),
            bounds,
            tables,
            table,
        })
    }

    /// The model that was compiled.
    pub fn model(&self) -> &IntegerModel {
        &self.model
    }

    /// The shape, and for a private model how many proofs and which secret, as a short text.
    pub fn describe(&self) -> String {
        match &self.filler {
            None => self.shape.to_string(),
            Some(filler) => format!("{}, {filler}", self.shape),
        }
    }

    /// Rows of the lookup table, (tag, tag times entry); empty without a lookup argument.
    pub fn table(&self) -> &[(Fr, Fr)] {
        &self.table
    }

    /// Entry of a layer's table for an argument and a value.
    pub(super) fn entry(&self, layer: usize, argument: i128, value: i128) -> i128 {
        let entries = self.tables.of_layer(layer);
        entries.map_or(0, |entries| entries.entry(argument, value))
    }

    pub(super) fn bounds(&self) -> &Bounds {
        &self.bounds
    }
}

/// Whether a table has a neuron that varies and is read.
fn has_live_tables(model: &IntegerModel, live: &Live) -> bool {
    let mut layers = model.layers.iter().zip(&live.neurons);
    layers.any(|(layer, neurons)| {
        layer.activation.as_table().is_some() && neurons.iter().any(|&live| live)
    })
}

/// The shape without a lookup argument that has no use; refused if it cannot carry the model.
fn fitting(shape: Shape, tables: bool) -> Result<Shape, Error> {
    let refuse = |problem: String| Err(Error::Shape { shape, problem });
    if !(1..=super::MAX_LANES).contains(&shape.lanes) {
        return refuse(format!("want 1 to {} lanes", super::MAX_LANES));
    }
    let needed = tables || shape.range == RangeCheck::Bytes;
    if needed && !shape.lookup {
        return refuse("table activations and byte checks need a lookup argument".into());
    }
    if shape.lookup && !needed {
        return Ok(Shape::new(shape.lanes, shape.range, false));
    }
    // A degree that no gate and no permutation product reaches leaves quotient pieces at zero.
    let least = Shape::least_degree(shape.range, shape.lookup);
    let most = least.max(shape.lanes + 2).min(super::MAX_DEGREE);
    if !(least..=most).contains(&shape.degree) {
        return refuse(format!("want a degree of {least} to {most}"));
    }
    Ok(shape)
}

/// Rows of a circuit of size 2^k that the tape may use.
pub fn usable_rows(k: u32) -> usize {
    (1usize << k) - RESERVED_ROWS
}
