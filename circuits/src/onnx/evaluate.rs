//! A graph's values over the reals, for calibration and for the report.

use rayon::prelude::*;

use super::graph::{Graph, Linear, Operation, Pin, Term};
use crate::network::{Dims, window};

impl Graph {
    /// Every tensor, the input first.
    pub(super) fn evaluate(&self, input: &[f64]) -> Vec<Vec<f64>> {
        let mut tensors = vec![through(self.pin, input.iter().copied())];
        for node in &self.nodes {
            let values = match &node.operation {
                Operation::Linear(linear) => linear.evaluate(&tensors, node.dims),
                Operation::Map {
                    input,
                    function,
                    pin,
                } => through(*pin, tensors[*input].iter().map(|&x| function.at(x))),
                Operation::Maximum {
                    input,
                    view,
                    kernel,
                    stride,
                    padding,
                } => largest(
                    &tensors[*input],
                    *view,
                    node.dims,
                    (*kernel, *stride, *padding),
                ),
                Operation::Gather { inputs, index } => {
                    let all = inputs
                        .iter()
                        .flat_map(|&input| tensors[input].iter().copied());
                    let all: Vec<f64> = all.collect();
                    match index {
                        None => all,
                        Some(index) => index.iter().map(|&from| all[from as usize]).collect(),
                    }
                }
                Operation::Norm {
                    input,
                    epsilon,
                    scale,
                    bias,
                } => tensors[*input]
                    .chunks(scale.len())
                    .flat_map(|group| normalised(group, *epsilon, scale, bias))
                    .collect(),
            };
            tensors.push(values);
        }
        tensors
    }
}

/// Values as the integers of a pin have them.
fn through(pin: Option<Pin>, values: impl Iterator<Item = f64>) -> Vec<f64> {
    match pin {
        None => values.collect(),
        Some(Pin { scale, low, high }) => {
            let integer = |x: f64| {
                (x / scale)
                    .round_ties_even()
                    .max(low.into())
                    .min(high.into())
            };
            values.map(|x| integer(x) * scale).collect()
        }
    }
}

fn normalised(group: &[f64], epsilon: f64, scale: &[f64], bias: &[f64]) -> Vec<f64> {
    let n = group.len() as f64;
    let mean = group.iter().sum::<f64>() / n;
    let variance = group.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
    let deviation = (variance + epsilon).sqrt().max(f64::MIN_POSITIVE);
    let weights = scale.iter().zip(bias);
    group
        .iter()
        .zip(weights)
        .map(|(x, (s, b))| (x - mean) / deviation * s + b)
        .collect()
}

fn largest(
    x: &[f64],
    view: Dims,
    result: Dims,
    (kernel, stride, padding): ([usize; 2], [usize; 2], [usize; 4]),
) -> Vec<f64> {
    let mut values = Vec::with_capacity(result.len());
    for channel in 0..result.0 {
        for row in 0..result.1 {
            for column in 0..result.2 {
                let cells = window(view, [row, column], kernel, stride, padding);
                let cells = cells.map(|(y, z)| x[(channel * view.1 + y) * view.2 + z]);
                values.push(cells.reduce(f64::max).unwrap_or_default());
            }
        }
    }
    values
}

impl Linear {
    fn evaluate(&self, tensors: &[Vec<f64>], result: Dims) -> Vec<f64> {
        let positions = result.positions().max(1);
        let mut sums: Vec<f64> = Vec::with_capacity(result.len());
        for &bias in &self.bias {
            sums.resize(sums.len() + positions, bias);
        }
        for term in &self.terms {
            term.add_to(&mut sums, &tensors[term.input], result);
        }
        sums
    }
}

impl Term {
    /// Adds the convolution of `x` to `sums`, in an order that does not depend on the number of threads.
    fn add_to(&self, sums: &mut [f64], x: &[f64], result: Dims) {
        let Dims(channels, height, width) = self.view;
        let [rows, columns] = self.kernel;
        let fan = channels / self.groups;
        let per_group = self.outputs / self.groups;
        let length = fan * rows * columns;
        let planes = sums.par_chunks_mut(result.positions().max(1)).enumerate();
        planes.for_each(|(output, sums)| {
            let first = output / per_group * fan;
            for (tap, &weight) in self.weights[output * length..(output + 1) * length]
                .iter()
                .enumerate()
            {
                let channel = first + tap / (rows * columns);
                let row = tap / columns % rows * self.dilation[0];
                let column = tap % columns * self.dilation[1];
                let plane = &x[channel * height * width..(channel + 1) * height * width];
                for (index, sums) in sums.chunks_mut(result.2).enumerate() {
                    let y = (index * self.stride[0] + row).wrapping_sub(self.padding[0]);
                    if y >= height {
                        continue;
                    }
                    let line = &plane[y * width..(y + 1) * width];
                    for (index, sum) in sums.iter_mut().enumerate() {
                        let at = (index * self.stride[1] + column).wrapping_sub(self.padding[1]);
                        if let Some(&value) = line.get(at) {
                            *sum += weight * value;
                        }
                    }
                }
            }
        });
    }
}
