//! A network over the reals: what an ONNX file says, in the few operations that a network over the integers has.

use super::function::Function;
use crate::network::Dims;

/// A network over the reals. Tensor 0 is the input, tensor i + 1 the result of node i.
#[derive(Debug, Clone)]
pub(super) struct Graph {
    /// Shape of the input.
    pub(super) input: Dims,
    /// The integers that the input stands for, if the file says.
    pub(super) pin: Option<Pin>,
    /// Every input comes before its use.
    pub(super) nodes: Vec<Node>,
    /// Tensor.
    pub(super) output: usize,
    /// What was left out, for the report.
    pub(super) notes: Vec<String>,
}

/// One operation.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// That of the ONNX node.
    pub(super) name: String,
    pub(super) operation: Operation,
    /// Shape of the result.
    pub(super) dims: Dims,
}

/// What a node does.
#[derive(Debug, Clone)]
pub(super) enum Operation {
    /// Sum of convolutions.
    Linear(Linear),
    /// A function of every value.
    Map {
        input: usize,
        function: Function,
        /// The integers that the result stands for, if the file says.
        pin: Option<Pin>,
    },
    /// Largest value of a window.
    Maximum {
        input: usize,
        view: Dims,
        kernel: [usize; 2],
        stride: [usize; 2],
        padding: [usize; 4],
    },
    /// Values picked from tensors, one after the other; all in order if there is no index.
    Gather {
        inputs: Vec<usize>,
        index: Option<Vec<u32>>,
    },
    /// Groups of consecutive values: (x - mean) / sqrt(variance + epsilon) scale + bias.
    Norm {
        input: usize,
        epsilon: f64,
        scale: Vec<f64>,
        bias: Vec<f64>,
    },
}

/// Integers that a file gives a tensor: value = scale n for n in low..=high, zero being zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pin {
    pub(super) scale: f64,
    pub(super) low: i32,
    pub(super) high: i32,
}

/// Sum of convolutions.
#[derive(Debug, Clone)]
pub(super) struct Linear {
    pub(super) terms: Vec<Term>,
    /// One per output channel.
    pub(super) bias: Vec<f64>,
    /// Number of values averaged, if every weight is one over it.
    pub(super) average: Option<usize>,
}

/// One convolution.
#[derive(Debug, Clone)]
pub(super) struct Term {
    pub(super) input: usize,
    /// Shape as which the input is read.
    pub(super) view: Dims,
    pub(super) outputs: usize,
    /// `[output][input channel of the group][row][column]`.
    pub(super) weights: Vec<f64>,
    pub(super) kernel: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) padding: [usize; 4],
    pub(super) dilation: [usize; 2],
    pub(super) groups: usize,
    /// The weights are this times integers, if the file says.
    pub(super) pin: Option<f64>,
}

impl Term {
    /// A kernel of one value.
    pub(super) fn pointwise(
        input: usize,
        view: Dims,
        outputs: usize,
        groups: usize,
        weights: Vec<f64>,
    ) -> Self {
        Self {
            input,
            view,
            outputs,
            weights,
            kernel: [1, 1],
            stride: [1, 1],
            padding: [0; 4],
            dilation: [1, 1],
            groups,
            pin: None,
        }
    }

    /// Every channel by a factor of its own.
    pub(super) fn diagonal(input: usize, view: Dims, factors: Vec<f64>) -> Self {
        Self::pointwise(input, view, factors.len(), factors.len(), factors)
    }

    /// Whether every channel is only multiplied by a factor.
    pub(super) fn is_diagonal(&self) -> bool {
        self.groups == self.view.0
            && self.outputs == self.view.0
            && self.kernel == [1, 1]
            && self.stride == [1, 1]
            && self.padding == [0; 4]
    }
}

impl Linear {
    pub(super) fn new(term: Term, bias: Vec<f64>) -> Self {
        Self {
            terms: vec![term],
            bias,
            average: None,
        }
    }
}

impl Operation {
    /// The tensors that it reads.
    pub(super) fn inputs(&self) -> Vec<usize> {
        match self {
            Self::Linear(linear) => linear.terms.iter().map(|term| term.input).collect(),
            Self::Map { input, .. } | Self::Maximum { input, .. } | Self::Norm { input, .. } => {
                vec![*input]
            }
            Self::Gather { inputs, .. } => inputs.clone(),
        }
    }

    /// Renames the tensors that it reads.
    pub(super) fn rename(&mut self, name: impl Fn(usize) -> usize) {
        match self {
            Self::Linear(linear) => linear
                .terms
                .iter_mut()
                .for_each(|term| term.input = name(term.input)),
            Self::Map { input, .. } | Self::Maximum { input, .. } | Self::Norm { input, .. } => {
                *input = name(*input)
            }
            Self::Gather { inputs, .. } => {
                inputs.iter_mut().for_each(|input| *input = name(*input))
            }
        }
    }
}

impl Graph {
    /// Shape of a tensor.
    pub(super) fn dims(&self, tensor: usize) -> Dims {
        match tensor.checked_sub(1) {
            None => self.input,
            Some(node) => self.nodes[node].dims,
        }
    }

    /// The node that makes a tensor.
    pub(super) fn producer(&self, tensor: usize) -> Option<&Node> {
        self.nodes.get(tensor.checked_sub(1)?)
    }

    /// How many nodes read each tensor, the output counted as read.
    pub(super) fn uses(&self) -> Vec<usize> {
        let mut uses = vec![0; self.nodes.len() + 1];
        for node in &self.nodes {
            let mut inputs = node.operation.inputs();
            inputs.sort_unstable();
            inputs.dedup();
            for input in inputs {
                uses[input] += 1;
            }
        }
        uses[self.output] += 1;
        uses
    }

    /// Appends a node; its tensor.
    pub(super) fn push(&mut self, name: &str, operation: Operation, dims: Dims) -> usize {
        self.nodes.push(Node {
            name: name.to_owned(),
            operation,
            dims,
        });
        self.nodes.len()
    }
}
