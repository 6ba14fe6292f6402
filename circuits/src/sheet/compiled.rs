//! A network as rows, before they have a place on a sheet.

use super::{
    compiler::Compiler,
    layout::MIN_K,
    row::Value,
    shape::RESERVED,
    statement::{Visibilities, Visibility},
    writer::Writer,
};
use crate::Error;

/// All rows, and the tensors that are committed.
pub(super) struct Compiled {
    pub writer: Writer,
    pub input: Vec<Value>,
    pub output: Vec<Value>,
}

impl Compiled {
    /// Statement and nodes, with `stride` rows from one public word to the next.
    pub fn of(
        mut compiler: Compiler<'_>,
        visibilities: &Visibilities,
        stride: usize,
    ) -> Result<Self, Error> {
        let network = compiler.network;
        compiler.input_words(visibilities, stride);
        compiler
            .writer
            .advance(visibilities.words(network) * stride);
        compiler.one();
        compiler.nodes()?;
        if visibilities.output == Visibility::Public {
            let windows = visibilities.windows;
            let classes = compiler.classes(windows);
            let first = match visibilities.input {
                Visibility::Public => 1 + visibilities.input_words(network),
                Visibility::Committed => 1,
            };
            compiler.output_words(&classes, windows, stride, first * stride);
        }
        let input = match visibilities.input {
            Visibility::Committed => compiler.whole(0),
            Visibility::Public => vec![],
        };
        let output = match visibilities.output {
            Visibility::Committed => compiler.whole(network.nodes.len()),
            Visibility::Public => vec![],
        };
        compiler.writer.finish();
        Ok(Self {
            writer: compiler.writer,
            input,
            output,
        })
    }

    /// Rows that a sheet must offer.
    pub fn need(&self) -> usize {
        self.writer.rows.len().max(self.writer.lookups.len()) + 2
    }

    /// The smallest log2 of the number of rows that offers them.
    pub fn k(&self) -> u32 {
        let rows = (self.need() + RESERVED).next_power_of_two();
        rows.ilog2().max(MIN_K)
    }

    /// Whether 2^k rows are too few, for its tables more than for its nodes.
    pub fn is_too_long_by_tables(&self, k: u32) -> bool {
        self.k() > k && self.writer.lookups.len() > self.writer.rows.len()
    }
}
