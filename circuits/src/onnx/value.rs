//! What a name in the file stands for.

use std::sync::Arc;

use super::{
    function::Function,
    graph::Pin,
    refusal::{Refusal, operand},
    tensor::Tensor,
};

/// What a name stands for.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// Known numbers.
    Constant(Arc<Constant>),
    /// Numbers that depend on the input.
    Activation(Activation),
    /// A part of a normalisation that is written out.
    Statistic(Statistic),
    /// A second result, such as the mask of a Dropout, that nothing may use.
    Nothing,
}

/// Known numbers.
#[derive(Debug, Clone)]
pub(super) struct Constant {
    pub(super) tensor: Tensor,
    /// The values are this times integers, if the file says.
    pub(super) step: Option<f64>,
}

/// A function of every value of a tensor of the graph.
#[derive(Debug, Clone)]
pub(super) struct Activation {
    pub(super) tensor: usize,
    /// As ONNX sees it, the batch included.
    pub(super) shape: Vec<usize>,
    pub(super) function: Function,
    pub(super) kind: Kind,
}

/// What kind of numbers an activation is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// Real numbers.
    Real,
    /// Integers between QuantizeLinear and DequantizeLinear.
    Integers(Pin),
    /// The input, if the file declares integers.
    Raw(i32),
    /// What was left out behind it keeps the class: only such operators may follow.
    Ending,
}

/// Parts of (x - mean) / sqrt(variance + epsilon) scale + bias, for groups of consecutive values.
#[derive(Debug, Clone)]
pub(super) struct Statistic {
    pub(super) part: Part,
    /// x.
    pub(super) of: Activation,
    pub(super) epsilon: f64,
    /// One for each value of a group.
    pub(super) scale: Vec<f64>,
    pub(super) bias: Vec<f64>,
}

/// A part of a normalisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// x - mean.
    Centred,
    /// (x - mean)^2.
    Square,
    /// Its mean, plus epsilon.
    Variance,
    /// The square root of it.
    Deviation,
    /// scale / deviation.
    Inverse,
    /// x scale / deviation.
    Scaled,
    /// mean scale / deviation.
    Shift,
    /// bias - mean scale / deviation.
    Offset,
}

impl From<Tensor> for Value {
    fn from(tensor: Tensor) -> Self {
        Self::Constant(Arc::new(Constant { tensor, step: None }))
    }
}

impl Activation {
    /// A tensor as it is.
    pub(super) fn plain(tensor: usize, shape: Vec<usize>) -> Self {
        Self {
            tensor,
            shape,
            function: Function::X,
            kind: Kind::Real,
        }
    }

    /// The same values in another shape.
    pub(super) fn shaped(&self, shape: Vec<usize>) -> Self {
        Self {
            shape,
            ..self.clone()
        }
    }

    /// Refuses integers and endings.
    pub(super) fn real(&self) -> Result<&Self, Refusal> {
        match self.kind {
            Kind::Real => Ok(self),
            Kind::Integers(_) | Kind::Raw(_) => Err(operand(
                "it computes with quantised integers",
                "put a DequantizeLinear before it (quantise in QDQ format)",
            )),
            Kind::Ending => Err(operand(
                "it comes after a Softmax or ArgMax",
                "end the graph at the logits, before the Softmax",
            )),
        }
    }
}

impl Value {
    /// Its shape, if it has one.
    pub(super) fn shape(&self) -> Option<&[usize]> {
        match self {
            Self::Constant(constant) => Some(&constant.tensor.dims),
            Self::Activation(activation) => Some(&activation.shape),
            Self::Statistic(statistic) => Some(&statistic.of.shape),
            Self::Nothing => None,
        }
    }

    /// Its numbers, if they are known.
    pub(super) fn constant(&self) -> Option<&Tensor> {
        match self {
            Self::Constant(constant) => Some(&constant.tensor),
            _ => None,
        }
    }
}
