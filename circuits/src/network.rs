//! Feed-forward networks over the integers: file format, exact semantics and reference inference.
//!
//! A tensor has three dimensions: channels, height, width (a vector has height and width 1, a
//! sequence height 1). Tensor 0 is the input, tensor i + 1 the result of node i, the last one the
//! output. Exact semantics of a node, with floor division:
//! ```text
//! linear   acc = bias[o] + sum of convolutions      q = floor(acc / divisor)      y = table[q], or q
//! lookup   y = table[x]
//! maximum  y = largest x of a window; padding takes part in no window
//! gather   y[i] = x[index[i]], x being all inputs one after the other
//! norm     n values x of one group: S = sum x, V = sum (n x - S)^2 + epsilon
//!          r = largest integer with r^2 V <= n 4^precision
//!          y = floor((scale[i] (n x - S) r + bias[i]) / divisor)
//! ```
//! Zero is zero: padding of a convolution contributes nothing. Nothing saturates but what a table
//! says; every worst case is bounded from the weights ([`Interval`]s) before a circuit exists.

mod batch;
mod bounds;
mod convolution;
mod digest;
mod infer;
mod shape;
mod table;
mod validate;

pub(crate) use bounds::LIMIT;
pub use bounds::{Bounds, Interval};
pub use convolution::Convolution;
pub(crate) use convolution::window_of;
pub(crate) use infer::window;
pub use infer::{NodeTrace, Trace};
pub use shape::Dims;
pub(crate) use shape::windows;
pub use table::Table;

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};

use crate::Error;

/// The only format this version reads and writes.
pub const FORMAT: &str = "veriregime-network/1";
/// Largest magnitude of a weight.
pub const MAX_WEIGHT: i32 = (1 << 20) - 1;
/// Most entries of a table.
pub const MAX_TABLE: usize = 1 << 15;

/// A feed-forward network over the integers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Always [`FORMAT`].
    pub format: String,
    /// Shape and range of the input.
    pub input: Input,
    /// Functions of one integer, shared by the nodes that name them.
    pub tables: Vec<Table>,
    /// Nodes in an order in which every input comes before its use.
    pub nodes: Vec<Node>,
}

/// Shape and range of a network's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Channels, height, width.
    pub dims: Dims,
    /// Smallest value.
    pub low: i32,
    /// Largest value.
    pub high: i32,
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// Name for messages and reports: that of the ONNX node it comes from.
    pub name: String,
    /// What it does.
    pub operator: Operator,
}

/// What a node does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Operator {
    /// Sum of convolutions, rescaled.
    Linear(Linear),
    /// A function of every value.
    Lookup {
        /// Tensor.
        input: usize,
        /// Index of the table.
        table: usize,
    },
    /// Largest value of a window, channel by channel.
    Maximum {
        /// Tensor.
        input: usize,
        /// Height and width of the window.
        kernel: [usize; 2],
        /// Distance of windows, down and right.
        stride: [usize; 2],
        /// Rows and columns added: top, left, bottom, right.
        padding: [usize; 4],
    },
    /// Values picked from one or more tensors: reshape, transpose, slice, concatenation.
    Gather {
        /// Tensors, one after the other.
        inputs: Vec<usize>,
        /// Shape of the result.
        dims: Dims,
        /// Where each value of the result comes from; empty for all in order.
        index: Vec<u32>,
    },
    /// Normalisation of groups of consecutive values.
    Norm(Norm),
}

/// Sum of convolutions, rescaled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Linear {
    /// Convolutions with results of one shape.
    pub terms: Vec<Convolution>,
    /// One per output channel, at the accumulator's scale; half the divisor in it rounds.
    pub bias: Vec<i64>,
    /// What the accumulator is divided by.
    pub divisor: u64,
    /// Index of the function of the quotient.
    pub table: Option<usize>,
}

/// Normalisation of groups of consecutive values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Norm {
    /// Tensor.
    pub input: usize,
    /// Values of a group.
    pub group: usize,
    /// Added to V; at least 1.
    pub epsilon: u64,
    /// Bits of the inverse deviation.
    pub precision: u32,
    /// One per value of a group.
    pub scale: Vec<i32>,
    /// One per value of a group, at the product's scale.
    pub bias: Vec<i64>,
    /// What the product is divided by.
    pub divisor: u64,
}

impl Network {
    /// Reads and validates a network file.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Model`] naming the file or the node.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(|source| Error::Io {
            action: "cannot read network",
            path: path.to_path_buf(),
            source,
        })?;
        let network: Self = serde_json::from_slice(&bytes).map_err(|error| Error::Model {
            place: path.display().to_string(),
            problem: format!("not a {FORMAT} file: {error}"),
        })?;
        network.validate()?;
        Ok(network)
    }

    /// Writes the network as JSON.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let io = |source| Error::Io {
            action: "cannot write network",
            path: path.to_path_buf(),
            source,
        };
        let mut text = serde_json::to_string(self).map_err(|error| io(error.into()))?;
        text = text.replace("},{", "},\n{");
        text.push('\n');
        fs::write(path, text).map_err(io)
    }

    /// Number of values of the output.
    pub fn outputs(&self) -> usize {
        self.dims().last().map_or(0, Dims::len)
    }
}

impl Operator {
    /// The tensors that it reads.
    pub fn inputs(&self) -> Vec<usize> {
        match self {
            Self::Linear(linear) => linear.terms.iter().map(|term| term.input).collect(),
            Self::Lookup { input, .. } | Self::Maximum { input, .. } => vec![*input],
            Self::Gather { inputs, .. } => inputs.clone(),
            Self::Norm(norm) => vec![norm.input],
        }
    }

    /// What it is called in messages and reports.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Linear(_) => "linear",
            Self::Lookup { .. } => "lookup",
            Self::Maximum { .. } => "maximum",
            Self::Gather { .. } => "gather",
            Self::Norm(_) => "norm",
        }
    }
}

impl Operator {
    /// Applies a function to every tensor that it reads.
    pub(crate) fn each_input(&mut self, mut apply: impl FnMut(&mut usize)) {
        match self {
            Self::Linear(linear) => linear
                .terms
                .iter_mut()
                .for_each(|term| apply(&mut term.input)),
            Self::Lookup { input, .. } | Self::Maximum { input, .. } => apply(input),
            Self::Gather { inputs, .. } => inputs.iter_mut().for_each(apply),
            Self::Norm(norm) => apply(&mut norm.input),
        }
    }

    /// Its table.
    pub(crate) fn table(&self) -> Option<usize> {
        match self {
            Self::Linear(linear) => linear.table,
            Self::Lookup { table, .. } => Some(*table),
            _ => None,
        }
    }

    /// Applies a function to its table.
    pub(crate) fn each_table(&mut self, mut apply: impl FnMut(&mut usize)) {
        match self {
            Self::Linear(linear) => linear.table.iter_mut().for_each(apply),
            Self::Lookup { table, .. } => apply(table),
            _ => {}
        }
    }
}
