//! Why an ONNX file is refused.

use thiserror::Error as ThisError;

/// Why an ONNX file is refused; each case names the place and the remedy.
#[derive(Debug, ThisError)]
pub enum OnnxError {
    /// Not a protocol buffer of the expected kind.
    #[error("not an ONNX model file: {0}")]
    Decode(#[from] prost::DecodeError),
    /// A node that cannot be proven.
    #[error("node {node:?} ({operator}): {problem}; {remedy}")]
    Node {
        /// The node's name, or its first output when it has none.
        node: String,
        /// Its operator.
        operator: String,
        /// What is wrong, with the attribute or input concerned.
        problem: String,
        /// What to do about it.
        remedy: &'static str,
    },
    /// A weight tensor that cannot be read.
    #[error("tensor {name:?}: {problem}")]
    Tensor {
        /// Its name.
        name: String,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// The graph's inputs or outputs are not a classifier's.
    #[error("graph {place}: {problem}")]
    Graph {
        /// Input, output or value.
        place: String,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// Our own metadata is there but does not describe the file.
    #[error(
        "metadata {key:?}: {problem}; remove the veriregime.* entries of metadata_props to quantise the file anew"
    )]
    Metadata {
        /// The key in metadata_props.
        key: &'static str,
        /// What does not agree.
        problem: String,
    },
    /// A network that the integer format cannot express.
    #[error("layer {layer}: {problem}")]
    Layer {
        /// Layer index, from 0.
        layer: usize,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// A teacher that has no ONNX form here.
    #[error(
        "a teacher of architecture {found} is not exported, only {expected} is: train one with the shipped settings"
    )]
    Architecture {
        /// Its architecture.
        found: &'static str,
        /// The one that is exported.
        expected: &'static str,
    },
    /// An export that would not come back as the same model.
    #[error(
        "the model does not survive single precision: a weight or a coefficient needs more than 24 bits; use smaller activation coefficients"
    )]
    Inexact,
}
