//! The lookup table: pairs (tag, tag times entry).
//!
//! ```text
//! tag 0          (0, 0): rows that look nothing up
//! tag 1..=8      0..2^tag: values of that many bits
//! tag 9..        one activation table each: x + 2^argument_bits y for every argument and value
//! ```
//! An entry of an activation has one reading, because x is below 2^argument_bits by the range check
//! of the quotient and y is a small non-negative number by its own.

use halo2_axiom::halo2curves::ff::Field;

use super::{RangeCheck, Shape, live::Live, split::bit_length};
use crate::{
    field::{Fr, from_int},
    model::{IntegerModel, Table, bounds::Bounds},
};

/// Tags below are widths of range checks.
const FIRST_TABLE: u32 = 9;

/// One activation table as the circuit holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entries {
    pub tag: u32,
    /// Bits of the argument's field: what any quotient that uses the table can express.
    pub argument_bits: u32,
    /// The table's first argument and its smallest value, which the fields are counted from.
    low: (i128, i128),
    table: Table,
}

impl Entries {
    /// The entry of an argument and a value.
    pub fn entry(&self, argument: i128, value: i128) -> i128 {
        (argument - self.low.0) + ((value - self.low.1) << self.argument_bits)
    }
}

/// The parts of the lookup table that a circuit needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tables {
    /// Widths of range checks.
    widths: u32,
    entries: Vec<Entries>,
    /// For every layer the index of its table.
    layers: Vec<Option<usize>>,
}

impl Tables {
    /// The tables of a model in a circuit of some shape; equal tables are held once.
    pub fn of(model: &IntegerModel, bounds: &Bounds, live: &Live, shape: Shape) -> Self {
        let mut tables = Self {
            widths: if shape.range == RangeCheck::Bytes {
                shape.range.width()
            } else {
                0
            },
            entries: vec![],
            layers: vec![],
        };
        for (index, layer) in model.layers.iter().enumerate() {
            let place = layer.activation.as_table().map(|table| {
                let known = tables.entries.iter().position(|e| {
                    // The name says nothing about the function, and is no part of the digest.
                    (e.table.low, &e.table.values) == (table.low, &table.values)
                });
                known.unwrap_or_else(|| {
                    tables.entries.push(Entries {
                        tag: FIRST_TABLE + tables.entries.len() as u32,
                        argument_bits: bit_length(table.values.len() as i128 - 1),
                        low: (
                            table.low.into(),
                            table.values.iter().min().copied().unwrap_or(0).into(),
                        ),
                        table: table.clone(),
                    });
                    tables.entries.len() - 1
                })
            });
            if let Some(entries) = place.and_then(|place| tables.entries.get_mut(place)) {
                for neuron in (0..layer.weights.len()).filter(|&j| live.neurons[index][j]) {
                    let split = super::dense::split(model, bounds, shape.range, index, neuron);
                    let most = split.low + (1i128 << split.bits) - 1 - entries.low.0;
                    entries.argument_bits = entries.argument_bits.max(bit_length(most));
                }
            }
            tables.layers.push(place);
        }
        tables
    }

    /// The table of a layer, if its activation is one.
    pub fn of_layer(&self, layer: usize) -> Option<&Entries> {
        let place = self.layers.get(layer).copied().flatten();
        place.and_then(|place| self.entries.get(place))
    }

    /// All rows of the table, (tag, tag times entry); the first is (0, 0).
    pub fn rows(&self) -> Vec<(Fr, Fr)> {
        let mut rows = vec![(Fr::ZERO, Fr::ZERO)];
        let tagged = |tag: u32, entry: i128| {
            let tag = Fr::from(u64::from(tag));
            (tag, tag * from_int(entry))
        };
        for width in 1..=self.widths {
            rows.extend((0..1i128 << width).map(|entry| tagged(width, entry)));
        }
        for entries in &self.entries {
            let values = entries.table.values.iter();
            rows.extend((entries.low.0..).zip(values).map(|(argument, &value)| {
                tagged(entries.tag, entries.entry(argument, value.into()))
            }));
        }
        rows
    }
}
