//! ONNX files as networks over the integers.
//!
//! ```text
//! file --reader--> graph over the reals --fold--> fewer nodes --lower--> Network, with a Report
//!                       |                                          ^
//!                       +-- evaluate(calibration inputs) -- ranges, scales
//! ```
//!
//! A float file is quantised with calibration inputs: symmetric, so that zero is zero; every tensor has one scale, every
//! worst case is covered. A file that is quantised already (QuantizeLinear and DequantizeLinear) keeps its integers and
//! scales. Everything that is computed in floating point, tables of activations included, is written out in the network
//! as integers: what is proven does not depend on it. It uses the basic operations of IEEE 754 alone, so the same file,
//! inputs and options make the same network on every machine. Operators, options and errors: `docs/onnx.md`.

mod affine;
mod attributes;
mod call;
mod error;
mod evaluate;
mod fold;
mod function;
mod graph;
mod input;
mod lower;
mod math;
mod operators;
mod options;
mod output;
pub mod proto;
mod ranges;
mod reader;
mod refusal;
mod report;
mod samples;
mod scales;
pub mod tensor;
mod tensors;
mod value;
mod view;
mod windows;

use prost::Message;

pub use error::Error;
pub use options::Options;
pub use report::{Agreement, Deviation, Input, Layer, Report};
pub use samples::Samples;

use crate::network::Network;

/// The network of a file over the reals.
#[derive(Debug, Clone)]
pub struct Model {
    graph: graph::Graph,
}

/// A network over the integers and what making it has cost.
#[derive(Debug, Clone)]
pub struct Import {
    /// The network.
    pub network: Network,
    /// What its integers stand for and how far they are from the reals.
    pub report: Report,
}

impl Model {
    /// Reads a file.
    ///
    /// # Errors
    /// [`Error`] naming the node, the attribute and the remedy if the file holds what cannot be proven.
    pub fn read(bytes: &[u8], options: &Options) -> Result<Self, Error> {
        options.check()?;
        let file = proto::ModelProto::decode(bytes)?;
        let graph = fold::fold(reader::read(&file, options)?);
        Ok(Self { graph })
    }

    /// Number of values of an input.
    pub fn inputs(&self) -> usize {
        self.graph.input.len()
    }

    /// The outputs over the reals.
    ///
    /// # Errors
    /// [`Error::Calibration`] for an input of another length.
    pub fn evaluate(&self, input: &[f64]) -> Result<Vec<f64>, Error> {
        if input.len() != self.inputs() {
            let (got, want) = (input.len(), self.inputs());
            return Err(Error::Calibration(format!(
                "an input of {got} values, want {want}"
            )));
        }
        let mut tensors = self.graph.evaluate(input);
        Ok(tensors.swap_remove(self.graph.output))
    }

    /// The network over the integers.
    ///
    /// # Errors
    /// [`Error::Calibration`] if the inputs do not fit, [`Error::Range`] naming a node whose worst case does not.
    pub fn quantise(&self, samples: &Samples, options: &Options) -> Result<Import, Error> {
        options.check()?;
        let inputs = samples.of_length(self.inputs())?;
        let ranges = ranges::Ranges::of(&self.graph, &inputs);
        let lowered = lower::lower(&self.graph, &ranges, options)?;
        let report = Report::of(&self.graph, &lowered, &inputs)?;
        Ok(Import {
            network: lowered.network,
            report,
        })
    }
}

impl Import {
    /// The integers of an input.
    pub fn integers(&self, input: &[f64]) -> Vec<i64> {
        let Input {
            scale, low, high, ..
        } = self.report.input;
        report::quantised(input, scale, low, high)
    }
}

/// The network of a file, quantised with calibration inputs.
///
/// # Errors
/// As [`Model::read`] and [`Model::quantise`].
pub fn import(bytes: &[u8], samples: &Samples, options: &Options) -> Result<Import, Error> {
    Model::read(bytes, options)?.quantise(samples, options)
}
