//! Filling a sheet.

use halo2_axiom::halo2curves::ff::PrimeField;
use rayon::prelude::*;

use super::{block::Meaning, layout::Layout, meaning::numbers, statement::words_of};
use crate::{
    Error,
    field::{Fr, Word, from_int, from_word},
    network::Trace,
};

/// Values of phase 1 for one input, and the statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Boundary columns, lanes, multiplicities.
    columns: Vec<Vec<Fr>>,
    /// Every value of the sheet.
    values: Vec<Fr>,
    /// The public words.
    pub words: Vec<Word>,
    /// The network's output.
    pub output: Vec<i64>,
}

impl Witness {
    /// Runs the network and fills the columns of phase 1.
    ///
    /// # Errors
    /// [`Error::Input`] for an input that the network refuses, [`Error::PublicInput`] for a binding
    /// above 248 bits.
    pub fn generate(layout: &Layout, input: &[i64], binding: Word) -> Result<Self, Error> {
        let trace = layout.network().trace(input)?;
        Self::from_trace(layout, &trace, binding)
    }

    /// Fills the columns of phase 1 from a trace of the layout's network.
    ///
    /// # Errors
    /// [`Error::PublicInput`] for a binding above 248 bits, [`Error::Prover`] for a value outside
    /// its range, which a trace of the network does not have.
    pub fn from_trace(layout: &Layout, trace: &Trace, binding: Word) -> Result<Self, Error> {
        let words = words_of(layout.visibilities(), trace, binding)?;
        let values = Self::values_of(layout, trace, binding);
        let (witness, strays) = Self::assemble(layout, values, words, trace.output().to_vec());
        if let Some(row) = strays.first() {
            return Err(Error::Prover(format!(
                "a value of row {row} is outside its range"
            )));
        }
        Ok(witness)
    }

    /// Every value of the sheet for a trace, be it the network's or not.
    pub fn values_of(layout: &Layout, trace: &Trace, binding: Word) -> Vec<Fr> {
        let numbers: Vec<Vec<i128>> = layout
            .blocks
            .par_iter()
            .map(|block| match &block.meaning {
                Meaning::Binding | Meaning::Sums(_) => vec![],
                _ => numbers(layout, trace, block),
            })
            .collect();
        let mut values: Vec<Fr> = Vec::with_capacity(layout.value_count);
        for (block, numbers) in layout.blocks.iter().zip(numbers) {
            values.extend(numbers.into_iter().map(field));
            match &block.meaning {
                Meaning::Binding => values.push(from_word(&binding).unwrap_or_default()),
                Meaning::Sums(sums) => {
                    for sum in sums {
                        let value = sum.of(&values);
                        values.push(value);
                    }
                }
                _ => {}
            }
        }
        values
    }

    /// Puts values into columns. Also returns the checked rows with a value that is not in their
    /// table: no proof of such columns holds.
    pub fn assemble(
        layout: &Layout,
        values: Vec<Fr>,
        words: Vec<Word>,
        output: Vec<i64>,
    ) -> (Self, Vec<usize>) {
        let (uses, strays) = multiplicities(layout, &values);
        let height = layout.shape.rows();
        let boundary = layout.boundary.chunks(height).map(|column| {
            column
                .iter()
                .map(|value| value.map_or(Fr::zero(), |v| values[v.0 as usize]))
                .collect()
        });
        let lanes = layout.values.par_iter().map(|cells| {
            let rows = cells.iter().zip(&layout.rows);
            rows.map(|(value, row)| match (value, row.checked) {
                (Some(value), _) => values[value.0 as usize],
                // An empty lane of a checked row holds the table's first entry.
                (None, Some(table)) => filler(layout, table),
                (None, None) => Fr::zero(),
            })
            .collect()
        });
        let mut columns: Vec<Vec<Fr>> = boundary.collect();
        columns.extend(lanes.collect::<Vec<Vec<Fr>>>());
        columns.push(uses);
        let witness = Self {
            columns,
            values,
            words,
            output,
        };
        (witness, strays)
    }

    /// Every value of the sheet.
    pub fn values(&self) -> &[Fr] {
        &self.values
    }

    /// Columns of phase 1.
    pub fn columns(&self) -> &[Vec<Fr>] {
        &self.columns
    }

    /// Columns of phase 1, to forge.
    pub fn columns_mut(&mut self) -> &mut [Vec<Fr>] {
        &mut self.columns
    }
}

fn field(number: i128) -> Fr {
    u64::try_from(number).map_or_else(|_| from_int(number), Fr::from)
}

fn filler(layout: &Layout, table: u32) -> Fr {
    let first = layout.lookups.tables[table as usize].values.first();
    Fr::from(first.copied().unwrap_or_default() as u64)
}

/// How often every entry of the table column is looked up, and the rows with a value that is none.
fn multiplicities(layout: &Layout, values: &[Fr]) -> (Vec<Fr>, Vec<usize>) {
    let mut uses = vec![0u64; layout.shape.rows()];
    let mut strays = vec![];
    for (index, row) in layout.rows.iter().enumerate() {
        let Some(table) = row.checked else { continue };
        let entries = &layout.lookups.tables[table as usize];
        for cells in &layout.values {
            let place = match cells[index] {
                None => Some(0),
                Some(value) => small(&values[value.0 as usize]).and_then(|v| entries.find(v)),
            };
            match place {
                Some(place) => uses[entries.start + place] += 1,
                None => strays.push(index),
            }
        }
    }
    (uses.into_iter().map(Fr::from).collect(), strays)
}

/// A field element as a non-negative integer below 2^63, if it is one.
fn small(value: &Fr) -> Option<i64> {
    let repr = value.to_repr();
    let (low, high) = repr.split_at(8);
    let low = u64::from_le_bytes(low.try_into().ok()?);
    if high.iter().any(|&byte| byte != 0) {
        return None;
    }
    i64::try_from(low).ok()
}
