//! What can go wrong, with the thing, the place and the remedy.

use std::path::PathBuf;

/// Every failure of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read or written.
    #[error("{action} {path}: {source}")]
    Io {
        /// What was being done, for example `cannot read model`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// A model file that is not a valid integer model.
    #[error("model {place}: {problem}")]
    Model {
        /// Layer, neuron or field of the model file.
        place: String,
        /// What is wrong there and what would be right.
        problem: String,
    },
    /// A worst-case bound that does not fit the circuit's limbs.
    #[error(
        "layer {layer} neuron {neuron}: worst case needs {bits} bits, the limit is {limit}; use smaller weights, fewer inputs or a larger shift in an earlier layer"
    )]
    Overflow {
        /// Layer index, from 0.
        layer: usize,
        /// Neuron index, from 0.
        neuron: usize,
        /// Bits that the worst case needs.
        bits: u32,
        /// Bits that are available.
        limit: u32,
    },
    /// Columns and gates that cannot carry the model.
    #[error("layout of {shape}: {problem}")]
    Shape {
        /// The shape that was asked for.
        shape: crate::tape::Shape,
        /// What is missing.
        problem: String,
    },
    /// The tape is longer than the largest supported circuit.
    #[error(
        "the model needs {rows} tape rows; k = {max_k} offers {available}: use lower bit-widths or a sparser model"
    )]
    TooLong {
        /// Rows that the tape needs.
        rows: usize,
        /// Largest supported log2 of the row count.
        max_k: u32,
        /// Rows usable at that size.
        available: usize,
    },
    /// An inference input outside its range, or too many or too few of them.
    #[error("inputs: {0}")]
    Input(String),
    /// Public inputs that no valid statement has.
    #[error("public input {index}: {problem}")]
    PublicInput {
        /// Index of the word, from 0.
        index: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A reference string that is not the expected ceremony's, or malformed.
    #[error("SRS {place}: {problem}")]
    Srs {
        /// File or part of the file.
        place: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// A key file of another model, SRS or version.
    #[error("key file {path}: {problem}; delete it and run setup again")]
    Key {
        /// The file.
        path: PathBuf,
        /// What differs.
        problem: String,
    },
    /// The proof was not accepted.
    #[error("proof rejected: {0}")]
    Rejected(String),
    /// The proving system failed on a well-formed statement.
    #[error("proving system: {0}")]
    Prover(String),
}

impl Error {
    /// A stable code for operators: `docs/errors/<code>.md` explains it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "file.failed",
            Self::Model { .. } => "model.malformed",
            Self::Overflow { .. } => "circuit.overflow",
            Self::Shape { .. } => "circuit.shape",
            Self::TooLong { .. } => "circuit.too-long",
            Self::Input(_) => "circuit.inputs",
            Self::PublicInput { .. } => "proof.public-input",
            Self::Srs { .. } => "srs.invalid",
            Self::Key { .. } => "keys.invalid",
            Self::Rejected(_) => "proof.rejected",
            Self::Prover(_) => "circuit.prover",
        }
    }
}
