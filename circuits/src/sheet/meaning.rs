//! What the values of a block are for an inference.

use super::{
    block::{Block, Meaning, NormPart},
    grid::Grid,
    layout::Layout,
    lookup::bits,
    maximum::candidates,
    statement::class_of,
};
use crate::network::{Operator, Trace};

/// `width` bits at `offset` of a number; all of it for width 0.
fn bits_of(number: i128, offset: u32, width: u32) -> i128 {
    if width == 0 {
        number
    } else {
        (number >> offset) & ((1 << width) - 1)
    }
}

/// The numbers of a block.
pub(super) fn numbers(layout: &Layout, trace: &Trace, block: &Block) -> Vec<i128> {
    let network = layout.network();
    match &block.meaning {
        Meaning::One => vec![1],
        Meaning::Binding | Meaning::Sums(_) => vec![],
        Meaning::Tensor {
            tensor,
            lows,
            offset,
            width,
        } => {
            let values = &trace.tensors[*tensor];
            let per_low = values.len().div_ceil(lows.len());
            let number = |(at, &value): (usize, &i64)| {
                bits_of(
                    i128::from(value) - i128::from(lows[at / per_low]),
                    *offset,
                    *width,
                )
            };
            values.iter().enumerate().map(number).collect()
        }
        Meaning::Remainder {
            node,
            offset,
            width,
        } => {
            let remainders = trace.nodes[*node].remainders.iter();
            remainders
                .map(|&value| bits_of(value.into(), *offset, *width))
                .collect()
        }
        Meaning::Entry {
            node,
            argument_low,
            bits,
            value_low,
        } => {
            let arguments = &trace.nodes[*node].quotients;
            let results = &trace.tensors[node + 1];
            let entry = |(&x, &y): (&i64, &i64)| {
                i128::from(x - argument_low) + (i128::from(y - value_low) << bits)
            };
            arguments.iter().zip(results).map(entry).collect()
        }
        Meaning::Junk { node } => junk(layout, trace, *node),
        Meaning::StepEntry { node, step } => steps(layout, trace, *node, *step, true),
        Meaning::Step { node, step } => steps(layout, trace, *node, *step, false),
        Meaning::TopKey { windows } => {
            let outputs = trace.output().chunks(trace.output().len() / windows);
            outputs
                .map(|outputs| key(outputs, class_of(outputs)))
                .collect()
        }
        Meaning::KeyGap {
            windows,
            offset,
            width,
        } => {
            let windows = trace.output().chunks(trace.output().len() / windows);
            let gaps = windows.flat_map(|outputs| {
                let top = key(outputs, class_of(outputs));
                (0..outputs.len()).map(move |output| top - key(outputs, output))
            });
            gaps.map(|gap| bits_of(gap, *offset, *width)).collect()
        }
        Meaning::OneHot { windows } => {
            let windows = trace.output().chunks(trace.output().len() / windows);
            let hot = windows.flat_map(|outputs| {
                let class = class_of(outputs);
                (0..outputs.len()).map(move |output| i128::from(output == class))
            });
            hot.collect()
        }
        Meaning::Norm {
            node,
            part,
            offset,
            width,
        } => {
            let numbers = norm(layout, trace, *node, *part);
            let Operator::Norm(_) = &network.nodes[*node].operator else {
                return vec![];
            };
            numbers
                .into_iter()
                .map(|number| bits_of(number, *offset, *width))
                .collect()
        }
    }
}

/// Ranking key of an output.
fn key(outputs: &[i64], output: usize) -> i128 {
    let count = outputs.len() as i128;
    count * i128::from(outputs[output]) + count - 1 - output as i128
}

fn junk(layout: &Layout, trace: &Trace, node: usize) -> Vec<i128> {
    let network = layout.network();
    let Operator::Linear(linear) = &network.nodes[node].operator else {
        return vec![];
    };
    let dims = network.dims();
    let shapes: Vec<_> = linear.terms.iter().map(|term| dims[term.input]).collect();
    let inputs: Vec<_> = linear
        .terms
        .iter()
        .map(|term| (dims[term.input], trace.tensors[term.input].as_slice()))
        .collect();
    let grid = Grid::of(&linear.terms, &shapes, dims[node + 1]);
    let sums = grid.junk_sums(&linear.terms, &inputs, &grid.junk());
    sums.into_iter().map(i128::from).collect()
}

/// Entries or raises of one step of a maximum.
fn steps(layout: &Layout, trace: &Trace, node: usize, step: usize, entry: bool) -> Vec<i128> {
    let network = layout.network();
    let Operator::Maximum {
        input,
        kernel,
        stride,
        padding,
    } = &network.nodes[node].operator
    else {
        return vec![];
    };
    let dims = network.dims();
    let candidates = candidates(dims[*input], dims[node + 1], *kernel, *stride, *padding);
    let x = &trace.tensors[*input];
    let interval = layout.bounds().tensors[node + 1];
    let size = interval.len() as i128;
    let shift = bits(2 * interval.len() - 1);
    (0..candidates[0].len())
        .map(|window| {
            let before = candidates[..step].iter().map(|step| x[step[window]]).max();
            let apart = i128::from(x[candidates[step][window]] - before.unwrap_or_default());
            let raise = apart.max(0);
            if entry {
                apart + size - 1 + (raise << shift)
            } else {
                raise
            }
        })
        .collect()
}

fn norm(layout: &Layout, trace: &Trace, node: usize, part: NormPart) -> Vec<i128> {
    let Operator::Norm(norm) = &layout.network().nodes[node].operator else {
        return vec![];
    };
    let interval = layout.bounds().tensors[norm.input];
    let x = &trace.tensors[norm.input];
    let above = x.iter().map(|&x| i128::from(x - interval.low));
    let target = (norm.group as i128) << (2 * norm.precision);
    let groups = || {
        let inverses = trace.nodes[node].inverses.iter();
        x.chunks(norm.group)
            .zip(inverses)
            .map(|(group, &r)| (norm.moments(group).1, i128::from(r)))
    };
    match part {
        NormPart::Entry => {
            let shift = bits(interval.len());
            above.map(|x| x + ((x * x) << shift)).collect()
        }
        NormPart::Square => above.map(|x| x * x).collect(),
        NormPart::Inverse => groups().map(|(_, r)| r).collect(),
        NormPart::Below => groups().map(|(v, r)| target - r * r * v).collect(),
        NormPart::Above => groups()
            .map(|(v, r)| (r + 1) * (r + 1) * v - target - 1)
            .collect(),
    }
}
