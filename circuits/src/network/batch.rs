//! Several windows at once.
//!
//! The batched network takes `n` inputs one after the other and gives `n` outputs one after the
//! other. Where every tensor has height 1 (vectors and sequences), windows become rows, so that
//! every weight meets all windows at once; otherwise windows become groups of channels.

use super::{Convolution, Dims, Linear, Network, Node, Norm, Operator};

/// Where the windows of a tensor stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Rows of every channel.
    Rows,
    /// Groups of channels.
    Channels,
}

impl Place {
    fn dims(self, Dims(channels, height, width): Dims, n: usize) -> Dims {
        match self {
            Self::Rows => Dims(channels, n, width),
            Self::Channels => Dims(n * channels, height, width),
        }
    }

    /// Index in the batched tensor of value `at` of a window.
    fn index(self, dims: Dims, n: usize, window: usize, at: usize) -> usize {
        match self {
            Self::Rows => (at / dims.2 * n + window) * dims.2 + at % dims.2,
            Self::Channels => window * dims.len() + at,
        }
    }
}

impl Network {
    /// The network of `n` windows.
    pub fn batch(&self, n: usize) -> Self {
        let dims = self.dims();
        let flat = dims.iter().all(|dims| dims.1 == 1);
        let place = if flat { Place::Rows } else { Place::Channels };
        let Dims(channels, height, width) = self.input.dims;
        let mut input = self.input;
        input.dims = Dims(n * channels, height, width);
        let mut batch = Batch {
            n,
            place,
            tensors: vec![],
            nodes: vec![],
        };
        let first = batch.rearranged("windows", 0, self.input.dims, Place::Channels, place);
        batch.tensors.push(first);
        for (index, node) in self.nodes.iter().enumerate() {
            let result = batch.node(node, &dims, dims[index + 1]);
            batch.tensors.push(result);
        }
        let last = dims[self.nodes.len()];
        let output = batch.tensors[self.nodes.len()];
        batch.rearranged("outputs", output, last, place, Place::Channels);
        Self {
            format: self.format.clone(),
            input,
            tables: self.tables.clone(),
            nodes: batch.nodes,
        }
    }
}

struct Batch {
    n: usize,
    place: Place,
    /// Batched tensor of every tensor so far.
    tensors: Vec<usize>,
    nodes: Vec<Node>,
}

impl Batch {
    fn push(&mut self, name: &str, operator: Operator) -> usize {
        self.nodes.push(Node {
            name: name.into(),
            operator,
        });
        self.nodes.len()
    }

    /// A tensor with its windows elsewhere.
    fn rearranged(
        &mut self,
        name: &str,
        tensor: usize,
        dims: Dims,
        from: Place,
        to: Place,
    ) -> usize {
        if from == to {
            return tensor;
        }
        let mut index = vec![0u32; self.n * dims.len()];
        for window in 0..self.n {
            for at in 0..dims.len() {
                index[to.index(dims, self.n, window, at)] =
                    from.index(dims, self.n, window, at) as u32;
            }
        }
        self.push(
            name,
            Operator::Gather {
                inputs: vec![tensor],
                dims: to.dims(dims, self.n),
                index,
            },
        )
    }

    fn node(&mut self, node: &Node, dims: &[Dims], result: Dims) -> usize {
        let operator = match &node.operator {
            Operator::Linear(linear) => Operator::Linear(self.linear(linear)),
            Operator::Lookup { input, table } => Operator::Lookup {
                input: self.tensors[*input],
                table: *table,
            },
            Operator::Maximum {
                input,
                kernel,
                stride,
                padding,
            } => Operator::Maximum {
                input: self.tensors[*input],
                kernel: self.axis(*kernel, 1),
                stride: self.axis(*stride, 1),
                padding: *padding,
            },
            Operator::Gather { inputs, index, .. } => self.gather(inputs, index, dims, result),
            Operator::Norm(norm) => {
                let input = dims[norm.input];
                let tensor = self.tensors[norm.input];
                let flat = self.rearranged(&node.name, tensor, input, self.place, Place::Channels);
                let norm = Norm {
                    input: flat,
                    ..norm.clone()
                };
                let result = self.push(&node.name, Operator::Norm(norm));
                return self.rearranged(&node.name, result, input, Place::Channels, self.place);
            }
        };
        self.push(&node.name, operator)
    }

    /// Heights of 1 along the windows.
    fn axis(&self, [height, width]: [usize; 2], single: usize) -> [usize; 2] {
        match self.place {
            Place::Rows => [single, width],
            Place::Channels => [height, width],
        }
    }

    fn linear(&self, linear: &Linear) -> Linear {
        let terms = linear.terms.iter().map(|term| {
            let mut batched = Convolution {
                input: self.tensors[term.input],
                kernel: self.axis(term.kernel, 1),
                stride: self.axis(term.stride, 1),
                dilation: self.axis(term.dilation, 1),
                ..term.clone()
            };
            if self.place == Place::Channels {
                batched.outputs *= self.n;
                batched.groups *= self.n;
                batched.weights = term.weights.repeat(self.n);
            }
            batched
        });
        Linear {
            terms: terms.collect(),
            bias: match self.place {
                Place::Rows => linear.bias.clone(),
                Place::Channels => linear.bias.repeat(self.n),
            },
            divisor: linear.divisor,
            table: linear.table,
        }
    }

    fn gather(&self, inputs: &[usize], from: &[u32], dims: &[Dims], result: Dims) -> Operator {
        // Value `at` of all inputs of a window, among all batched inputs.
        let place = |window: usize, mut at: usize| {
            let mut before = 0;
            for &input in inputs {
                let input = dims[input];
                if at < input.len() {
                    return before + self.place.index(input, self.n, window, at);
                }
                at -= input.len();
                before += self.n * input.len();
            }
            before
        };
        let mut index = vec![0u32; self.n * result.len()];
        for window in 0..self.n {
            for at in 0..result.len() {
                let source = from.get(at).map_or(at, |&source| source as usize);
                index[self.place.index(result, self.n, window, at)] = place(window, source) as u32;
            }
        }
        Operator::Gather {
            inputs: inputs.iter().map(|&input| self.tensors[input]).collect(),
            dims: self.place.dims(result, self.n),
            index,
        }
    }
}
