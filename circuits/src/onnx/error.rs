//! Why an ONNX file cannot become a network.

/// Why an ONNX file cannot become a network; each case names the place and the remedy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Not a protocol buffer of the expected kind.
    #[error("not an ONNX model file: {0}")]
    Decode(#[from] prost::DecodeError),
    /// An operator that cannot be proven.
    #[error("node {node:?}: operator {operator} is not supported; {remedy}")]
    Operator {
        /// The node's name, or its first output when it has none.
        node: String,
        /// Its operator, with its domain if that is not ONNX's own.
        operator: String,
        /// What to do about it.
        remedy: String,
    },
    /// An attribute whose value cannot be proven.
    #[error("node {node:?} ({operator}): attribute {attribute} is {got}; {remedy}")]
    Attribute {
        /// The node's name, or its first output when it has none.
        node: String,
        /// Its operator.
        operator: String,
        /// The attribute.
        attribute: String,
        /// Its value.
        got: String,
        /// What would be right.
        remedy: String,
    },
    /// Inputs of a node that cannot be proven.
    #[error("node {node:?} ({operator}): {problem}; {remedy}")]
    Operand {
        /// The node's name, or its first output when it has none.
        node: String,
        /// Its operator.
        operator: String,
        /// What is wrong.
        problem: String,
        /// What to do about it.
        remedy: String,
    },
    /// A constant that cannot be read.
    #[error("tensor {name:?}: {problem}")]
    Tensor {
        /// Its name.
        name: String,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// Inputs or outputs that no network has.
    #[error("graph {place}: {problem}; {remedy}")]
    Graph {
        /// Input, output or value.
        place: String,
        /// What is wrong.
        problem: String,
        /// What to do about it.
        remedy: String,
    },
    /// A size that the file leaves open.
    #[error("input {input:?}: dimension {axis} is {size}; fix it with --dim {size}=N")]
    Dimension {
        /// The graph's input.
        input: String,
        /// Index of the dimension, from 0.
        axis: usize,
        /// Its name in the file, or one made for it.
        size: String,
    },
    /// Calibration data that do not fit the model.
    #[error("calibration data: {0}")]
    Calibration(String),
    /// An option out of range.
    #[error("option {option} is {got}, want {want}")]
    Option {
        /// Its name.
        option: &'static str,
        /// Its value.
        got: String,
        /// What would be right.
        want: String,
    },
    /// A layer whose worst case fits no table or accumulator.
    #[error("node {node:?}: {problem}; {remedy}")]
    Range {
        /// The ONNX node.
        node: String,
        /// What does not fit.
        problem: String,
        /// What to do about it.
        remedy: &'static str,
    },
    /// A network that the integer format refuses.
    #[error(transparent)]
    Network(#[from] crate::Error),
}

impl Error {
    /// A stable code for operators: `docs/errors/<code>.md` explains it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Decode(_) => "onnx.malformed",
            Self::Operator { .. } => "onnx.operator",
            Self::Attribute { .. } => "onnx.attribute",
            Self::Operand { .. } => "onnx.operand",
            Self::Tensor { .. } => "onnx.tensor",
            Self::Graph { .. } => "onnx.graph",
            Self::Dimension { .. } => "onnx.dimension",
            Self::Calibration(_) => "onnx.calibration",
            Self::Option { .. } => "onnx.option",
            Self::Range { .. } => "onnx.range",
            Self::Network(error) => error.code(),
        }
    }
}
