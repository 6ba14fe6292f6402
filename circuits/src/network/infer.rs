//! Reference inference.

use super::{Dims, Linear, Network, Node, Norm, Operator};
use crate::Error;

/// Everything that an inference computes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Every tensor, the input first.
    pub tensors: Vec<Vec<i64>>,
    /// What each node computes besides its result.
    pub nodes: Vec<NodeTrace>,
}

/// What a node computes besides its result.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NodeTrace {
    /// Quotients before a table.
    pub quotients: Vec<i64>,
    /// What divisions drop.
    pub remainders: Vec<i64>,
    /// Inverse deviation of every group of a normalisation.
    pub inverses: Vec<i64>,
}

impl Trace {
    /// The network's output.
    pub fn output(&self) -> &[i64] {
        self.tensors.last().map_or(&[], Vec::as_slice)
    }

    /// Index of the largest output, the lowest one of equals.
    pub fn class(&self) -> usize {
        let output = self.output();
        let largest = output.iter().max();
        output
            .iter()
            .position(|value| Some(value) == largest)
            .unwrap_or_default()
    }
}

impl Network {
    /// Runs the network.
    ///
    /// # Errors
    /// [`Error::Input`] for a wrong number of values or one outside the input's range.
    pub fn trace(&self, input: &[i64]) -> Result<Trace, Error> {
        let want = self.input.dims.len();
        if input.len() != want {
            return Err(Error::Input(format!(
                "got {} values, want {want} ({})",
                input.len(),
                self.input.dims
            )));
        }
        let (low, high) = (i64::from(self.input.low), i64::from(self.input.high));
        if let Some(index) = input.iter().position(|x| !(low..=high).contains(x)) {
            return Err(Error::Input(format!(
                "value {index} is {}, want {low}..={high}",
                input[index]
            )));
        }
        let dims = self.dims();
        let mut trace = Trace {
            tensors: vec![input.to_vec()],
            nodes: vec![],
        };
        for (index, node) in self.nodes.iter().enumerate() {
            let (result, more) = self.run(node, &trace.tensors, &dims, dims[index + 1])?;
            trace.tensors.push(result);
            trace.nodes.push(more);
        }
        Ok(trace)
    }

    fn run(
        &self,
        node: &Node,
        tensors: &[Vec<i64>],
        dims: &[Dims],
        result: Dims,
    ) -> Result<(Vec<i64>, NodeTrace), Error> {
        let looked_up = |table: usize, arguments: &[i64]| {
            let table = &self.tables[table];
            let value = |&argument: &i64| {
                table.get(argument).map(i64::from).ok_or_else(|| {
                    Error::Input(format!(
                        "node {}: {argument} is not in table {:?}",
                        node.name, table.name
                    ))
                })
            };
            arguments.iter().map(value).collect::<Result<Vec<_>, _>>()
        };
        let mut more = NodeTrace::default();
        let values = match &node.operator {
            Operator::Linear(linear) => {
                let sums = linear.accumulators(tensors, dims, result);
                let (quotients, remainders) = divide(&sums, linear.divisor);
                more.remainders = remainders;
                match linear.table {
                    None => quotients,
                    Some(table) => {
                        let values = looked_up(table, &quotients)?;
                        more.quotients = quotients;
                        values
                    }
                }
            }
            Operator::Lookup { input, table } => {
                more.quotients.clone_from(&tensors[*input]);
                looked_up(*table, &tensors[*input])?
            }
            Operator::Maximum {
                input,
                kernel,
                stride,
                padding,
            } => maximum(
                &tensors[*input],
                dims[*input],
                result,
                *kernel,
                *stride,
                *padding,
            ),
            Operator::Gather { inputs, index, .. } => {
                let all: Vec<i64> = inputs
                    .iter()
                    .flat_map(|&t| tensors[t].iter().copied())
                    .collect();
                if index.is_empty() {
                    all
                } else {
                    index.iter().map(|&from| all[from as usize]).collect()
                }
            }
            Operator::Norm(norm) => {
                let mut values = Vec::with_capacity(result.len());
                for group in tensors[norm.input].chunks(norm.group) {
                    let (products, inverse) = norm.products(group);
                    let (quotients, remainders) = divide(&products, norm.divisor);
                    values.extend(quotients);
                    more.remainders.extend(remainders);
                    more.inverses.push(inverse);
                }
                values
            }
        };
        Ok((values, more))
    }
}

/// Floor quotients and remainders.
fn divide(sums: &[i64], divisor: u64) -> (Vec<i64>, Vec<i64>) {
    let by = divisor as i64;
    sums.iter()
        .map(|sum| (sum.div_euclid(by), sum.rem_euclid(by)))
        .unzip()
}

impl Linear {
    /// Accumulators, in the order of the result.
    pub(crate) fn accumulators(
        &self,
        tensors: &[Vec<i64>],
        dims: &[Dims],
        result: Dims,
    ) -> Vec<i64> {
        let positions = result.positions();
        let mut sums: Vec<i64> = Vec::with_capacity(result.len());
        for &bias in &self.bias {
            sums.resize(sums.len() + positions, bias);
        }
        for term in &self.terms {
            term.add_to(&mut sums, &tensors[term.input], dims[term.input]);
        }
        sums
    }
}

impl Norm {
    /// S and V of a group.
    pub(crate) fn moments(&self, group: &[i64]) -> (i128, i128) {
        let n = group.len() as i128;
        let sum: i128 = group.iter().map(|&x| i128::from(x)).sum();
        let square = |&x: &i64| (n * i128::from(x) - sum).pow(2);
        let spread: i128 = group.iter().map(square).sum();
        (sum, spread + i128::from(self.epsilon))
    }

    /// Products before the division, and the inverse deviation r.
    pub(crate) fn products(&self, group: &[i64]) -> (Vec<i64>, i64) {
        let n = group.len() as i128;
        let (sum, spread) = self.moments(group);
        let inverse = ((n << (2 * self.precision)) / spread).isqrt();
        let weights = self.scale.iter().zip(&self.bias);
        let products = group.iter().zip(weights).map(|(&x, (&scale, &bias))| {
            (i128::from(scale) * (n * i128::from(x) - sum) * inverse + i128::from(bias)) as i64
        });
        (products.collect(), inverse as i64)
    }
}

/// Largest values of windows.
fn maximum(
    x: &[i64],
    input: Dims,
    result: Dims,
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 4],
) -> Vec<i64> {
    let mut values = Vec::with_capacity(result.len());
    for channel in 0..result.0 {
        for row in 0..result.1 {
            for column in 0..result.2 {
                let cells = window(input, [row, column], kernel, stride, padding);
                let cells = cells.map(|(y, z)| x[(channel * input.1 + y) * input.2 + z]);
                values.push(cells.max().unwrap_or_default());
            }
        }
    }
    values
}

/// Rows and columns of a window that are not padding.
pub(crate) fn window(
    input: Dims,
    at: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 4],
) -> impl Iterator<Item = (usize, usize)> {
    let rows = 0..kernel[0];
    rows.flat_map(move |row| (0..kernel[1]).map(move |column| (row, column)))
        .filter_map(move |(row, column)| {
            let y = (at[0] * stride[0] + row).wrapping_sub(padding[0]);
            let z = (at[1] * stride[1] + column).wrapping_sub(padding[1]);
            (y < input.1 && z < input.2).then_some((y, z))
        })
}
