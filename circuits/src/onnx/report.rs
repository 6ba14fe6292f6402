//! What quantisation costs, layer by layer.

mod deviation;
mod display;

pub use deviation::Deviation;
use deviation::Sums;
use serde::Serialize;

use super::{error::Error, graph::Graph, lower::Lowered};
use crate::network::{Bounds, Dims, Interval, Network, Operator};

/// What quantisation costs, layer by layer.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Digest of the network.
    pub digest: String,
    /// Integers of the input.
    pub input: Input,
    /// Every node of the network.
    pub layers: Vec<Layer>,
    /// What an output of 1 stands for.
    pub output_scale: f64,
    /// How well the outputs agree with those over the reals.
    pub agreement: Agreement,
    /// What was left out or changed.
    pub notes: Vec<String>,
}

/// Integers of the input: n = round(value / scale), cut off at both ends.
#[derive(Debug, Clone, Serialize)]
pub struct Input {
    /// Channels, height, width.
    pub dims: Dims,
    /// Smallest integer.
    pub low: i32,
    /// Largest.
    pub high: i32,
    /// What 1 stands for.
    pub scale: f64,
    /// Share of calibration values that are cut off.
    pub saturated: f64,
}

/// How well the outputs agree with those over the reals, over the calibration inputs.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Agreement {
    /// Calibration inputs.
    pub inputs: usize,
    /// Those with the same largest output.
    pub same_class: usize,
}

/// A node of the network.
#[derive(Debug, Clone, Serialize)]
pub struct Layer {
    /// The ONNX node.
    pub node: String,
    /// linear, lookup, maximum, gather or norm.
    pub kind: &'static str,
    /// Channels, height, width of the result.
    pub dims: Dims,
    /// Smallest and largest integer of the result in the worst case.
    pub worst_case: [i64; 2],
    /// Over the calibration inputs.
    pub calibrated: [i64; 2],
    /// Smallest and largest sum before the division in the worst case.
    pub accumulator: Option<[i64; 2]>,
    /// Bits that a limb for such a sum needs.
    pub bits: Option<u32>,
    /// What the sum is divided by.
    pub divisor: Option<u64>,
    /// What a result of 1 stands for.
    pub scale: f64,
    /// Index and entries of the table.
    pub table: Option<[usize; 2]>,
    /// Difference from the values over the reals.
    pub error: Deviation,
    /// Share of calibration values that the table cuts off.
    pub saturated: f64,
}

/// The integers of an input.
pub(super) fn quantised(values: &[f64], scale: f64, low: i32, high: i32) -> Vec<i64> {
    let integer = |&value: &f64| (value / scale).round().max(low.into()).min(high.into()) as i64;
    values.iter().map(integer).collect()
}

/// Index of the largest value, the lowest one of equals.
pub(super) fn largest<T: PartialOrd>(values: &[T]) -> usize {
    let better = |best: usize, index: usize| {
        if values[index] > values[best] {
            index
        } else {
            best
        }
    };
    (1..values.len()).fold(0, better)
}

impl Report {
    /// The report of a network over inputs.
    pub(super) fn of(graph: &Graph, lowered: &Lowered, inputs: &[&[f64]]) -> Result<Self, Error> {
        let network = &lowered.network;
        let origins = &lowered.origins;
        let scale = origins.first().map_or(1.0, |origin| origin.scale);
        let mut sums = vec![Sums::default(); origins.len()];
        let mut same_class = 0;
        for input in inputs {
            let integers = quantised(input, scale, network.input.low, network.input.high);
            let trace = network.trace(&integers)?;
            let reals = graph.evaluate(input);
            for (tensor, (sums, origin)) in sums.iter_mut().zip(origins).enumerate() {
                sums.add(&trace.tensors[tensor], origin.scale, &reals[origin.of]);
                let arguments = match tensor.checked_sub(1) {
                    None => {
                        let ends = [network.input.low, network.input.high].map(f64::from);
                        let cut = |v: &&f64| {
                            (*v / scale).round() < ends[0] || (*v / scale).round() > ends[1]
                        };
                        sums.saturated += input.iter().filter(cut).count() as f64;
                        continue;
                    }
                    Some(node) => &trace.nodes[node].quotients,
                };
                if let Some(rule) = &origin.rule {
                    sums.saturated +=
                        arguments.iter().filter(|&&q| rule.saturates(q)).count() as f64;
                }
            }
            same_class += usize::from(largest(trace.output()) == largest(&reals[lowered.output]));
        }
        let share = |sums: &Sums| sums.saturated / sums.count.max(1.0);
        Ok(Self {
            digest: hex::encode(network.digest()),
            input: Input {
                dims: network.input.dims,
                low: network.input.low,
                high: network.input.high,
                scale,
                saturated: sums.first().map_or(0.0, share),
            },
            layers: layers(network, lowered, &sums)?,
            output_scale: origins.last().map_or(1.0, |origin| origin.scale),
            agreement: Agreement {
                inputs: inputs.len(),
                same_class,
            },
            notes: lowered.notes.clone(),
        })
    }
}

fn layers(network: &Network, lowered: &Lowered, sums: &[Sums]) -> Result<Vec<Layer>, Error> {
    let bounds = Bounds::of(network)?;
    let dims = network.dims();
    let layers = network.nodes.iter().enumerate().map(|(index, node)| {
        let (sums, origin) = (&sums[index + 1], &lowered.origins[index + 1]);
        let accumulators = bounds.accumulators[index].iter().copied();
        let accumulator = accumulators.reduce(Interval::join);
        let table = match &node.operator {
            Operator::Linear(linear) => linear.table,
            Operator::Lookup { table, .. } => Some(*table),
            _ => None,
        };
        Layer {
            node: node.name.clone(),
            kind: node.operator.kind(),
            dims: dims[index + 1],
            worst_case: [
                bounds.tensors[index + 1].low,
                bounds.tensors[index + 1].high,
            ],
            calibrated: [sums.low, sums.high],
            accumulator: accumulator.map(|interval| [interval.low, interval.high]),
            bits: accumulator.map(|interval| u64::BITS - (interval.len() - 1).leading_zeros()),
            divisor: match &node.operator {
                Operator::Linear(linear) => Some(linear.divisor),
                Operator::Norm(norm) => Some(norm.divisor),
                _ => None,
            },
            scale: origin.scale,
            table: table.map(|table| [table, network.tables[table].values.len()]),
            error: sums.deviation(),
            saturated: sums.saturated / sums.count.max(1.0),
        }
    });
    Ok(layers.collect())
}
