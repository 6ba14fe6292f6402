//! A refusal before its node is known.

use super::{error::Error, proto::NodeProto};

/// A problem and its remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The operator itself.
    Operator { remedy: String },
    /// The value of an attribute.
    Attribute {
        attribute: String,
        got: String,
        remedy: String,
    },
    /// What the node reads.
    Operand { problem: String, remedy: String },
}

/// Refuses what a node reads.
pub(super) fn refuse<T>(
    problem: impl Into<String>,
    remedy: impl Into<String>,
) -> Result<T, Refusal> {
    Err(operand(problem, remedy))
}

/// The refusal of what a node reads.
pub(super) fn operand(problem: impl Into<String>, remedy: impl Into<String>) -> Refusal {
    Refusal::Operand {
        problem: problem.into(),
        remedy: remedy.into(),
    }
}

impl Refusal {
    /// The error at a node.
    pub(super) fn at(self, node: &NodeProto) -> Error {
        let place = name(node);
        let operator = match node.domain.as_str() {
            "" | "ai.onnx" => node.op_type.clone(),
            domain => format!("{domain}.{}", node.op_type),
        };
        match self {
            Self::Operator { remedy } => Error::Operator {
                node: place,
                operator,
                remedy,
            },
            Self::Attribute {
                attribute,
                got,
                remedy,
            } => Error::Attribute {
                node: place,
                operator,
                attribute,
                got,
                remedy,
            },
            Self::Operand { problem, remedy } => Error::Operand {
                node: place,
                operator,
                problem,
                remedy,
            },
        }
    }
}

/// What a node is called in messages: its name, or its first output when it has none.
pub(super) fn name(node: &NodeProto) -> String {
    if node.name.is_empty() {
        node.output.first().cloned().unwrap_or_default()
    } else {
        node.name.clone()
    }
}
