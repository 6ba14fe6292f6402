//! A node with the values that it reads.

use std::sync::Arc;

use super::{
    attributes::Attributes,
    proto::NodeProto,
    refusal::{Refusal, name, operand},
    tensor::Tensor,
    value::{Activation, Constant, Value},
};

/// A node with the values that it reads.
pub(super) struct Call<'a> {
    pub(super) node: &'a NodeProto,
    pub(super) attributes: Attributes<'a>,
    /// `None` where the file leaves an optional input out.
    pub(super) inputs: Vec<Option<Value>>,
    /// Version of the operator set of its domain.
    pub(super) opset: i64,
}

impl Call<'_> {
    /// What its nodes in the graph are called.
    pub(super) fn name(&self) -> String {
        name(self.node)
    }

    /// An input that may be missing.
    pub(super) fn optional(&self, index: usize) -> Option<&Value> {
        self.inputs.get(index).and_then(Option::as_ref)
    }

    /// An input that must be there.
    pub(super) fn value(&self, index: usize) -> Result<&Value, Refusal> {
        self.optional(index).ok_or_else(|| {
            operand(
                format!("input {index} is missing"),
                "export the node with all its inputs",
            )
        })
    }

    /// An input of real numbers that depend on the network's input.
    pub(super) fn activation(&self, index: usize) -> Result<&Activation, Refusal> {
        match self.value(index)? {
            Value::Activation(activation) => activation.real(),
            Value::Constant(_) => Err(operand(
                format!("input {index} is a constant"),
                "fold constants before export",
            )),
            Value::Statistic(_) | Value::Nothing => Err(operand(
                format!(
                    "input {index} is part of a normalisation, or a result that is not computed"
                ),
                "export LayerNormalization as one operator (opset 17 or later)",
            )),
        }
    }

    /// A constant input with what is known of its steps.
    pub(super) fn stepped(&self, index: usize) -> Result<&Arc<Constant>, Refusal> {
        match self.value(index)? {
            Value::Constant(constant) => Ok(constant),
            _ => Err(operand(
                format!("input {index} is computed from the network's input"),
                "want constants there: make weights and shapes initializers",
            )),
        }
    }

    /// A constant input.
    pub(super) fn constant(&self, index: usize) -> Result<&Tensor, Refusal> {
        self.stepped(index).map(|constant| &constant.tensor)
    }

    /// A constant input of finite numbers.
    pub(super) fn numbers(&self, index: usize) -> Result<&Tensor, Refusal> {
        let tensor = self.constant(index)?;
        if tensor.is_finite() {
            return Ok(tensor);
        }
        Err(operand(
            format!("input {index} holds an infinite value or none"),
            "want finite numbers",
        ))
    }

    /// A constant input that may be missing.
    pub(super) fn optional_constant(&self, index: usize) -> Result<Option<&Tensor>, Refusal> {
        match self.optional(index) {
            None => Ok(None),
            Some(_) => self.constant(index).map(Some),
        }
    }

    /// Integers that older operator sets give as an attribute, newer ones as an input.
    pub(super) fn integers(
        &self,
        attribute: &str,
        index: usize,
    ) -> Result<Option<Vec<i64>>, Refusal> {
        match self.attributes.ints(attribute) {
            Some(values) => Ok(Some(values)),
            None => Ok(self.optional_constant(index)?.map(Tensor::to_integers)),
        }
    }
}

/// An axis counted from 0; negative ones count from the end.
pub(super) fn axis(axis: i64, rank: usize) -> Result<usize, Refusal> {
    let from_start = if axis < 0 {
        axis.saturating_add(rank as i64)
    } else {
        axis
    };
    usize::try_from(from_start)
        .ok()
        .filter(|&a| a < rank)
        .ok_or_else(|| {
            operand(
                format!("axis {axis} of a value with {rank} dimensions"),
                "want an axis that it has",
            )
        })
}
