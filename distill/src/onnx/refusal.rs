//! A refusal before its node is known.

use super::error::OnnxError;
use super::proto::NodeProto;

/// Remedy for what is not supported at all.
pub(super) const SUPPORTED: &str = "supported are Gemm, MatMul, Add, Mul, Relu and Constant: rewrite the network or end its graph before this node";

/// A problem and its remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    problem: String,
    remedy: &'static str,
}

/// Refuses with a problem and its remedy.
pub(super) fn refuse<T>(problem: impl Into<String>, remedy: &'static str) -> Result<T, Refusal> {
    Err(Refusal {
        problem: problem.into(),
        remedy,
    })
}

impl Refusal {
    /// The error at a node.
    pub(super) fn at(self, node: &NodeProto) -> OnnxError {
        let name = if node.name.is_empty() {
            node.output.first().cloned().unwrap_or_default()
        } else {
            node.name.clone()
        };
        OnnxError::Node {
            node: name,
            operator: node.op_type.clone(),
            problem: self.problem,
            remedy: self.remedy,
        }
    }
}
