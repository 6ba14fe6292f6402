//! What quantisation costs, layer by layer.

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

/// Difference from the values over the reals, in their units.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Deviation {
    /// Largest magnitude.
    pub max: f64,
    /// Mean magnitude.
    pub mean: f64,
    /// The mean over the mean magnitude of the values.
    pub relative: f64,
}

/// Sums of a deviation.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    max: f64,
    total: f64,
    size: f64,
    count: f64,
    low: i64,
    high: i64,
    saturated: f64,
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

impl Sums {
    fn add(&mut self, integers: &[i64], scale: f64, reals: &[f64]) {
        for (&integer, &real) in integers.iter().zip(reals) {
            let difference = (integer as f64 * scale - real).abs();
            self.max = self.max.max(difference);
            self.total += difference;
            self.size += real.abs();
            (self.low, self.high) = if self.count == 0.0 {
                (integer, integer)
            } else {
                (self.low.min(integer), self.high.max(integer))
            };
            self.count += 1.0;
        }
    }

    fn deviation(&self) -> Deviation {
        Deviation {
            max: self.max,
            mean: self.total / self.count.max(1.0),
            relative: if self.size > 0.0 {
                self.total / self.size
            } else {
                0.0
            },
        }
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "{:<24} {:<8} {:>14} {:>22} {:>15} {:>4} {:>8} {:>10} {:>10} {:>9} {:>9} {:>6}",
            "node",
            "kind",
            "shape",
            "worst case",
            "calibrated",
            "bits",
            "divisor",
            "scale",
            "table",
            "max err",
            "rel err",
            "cut"
        )?;
        for layer in &self.layers {
            let [low, high] = layer.worst_case;
            let [least, most] = layer.calibrated;
            let shown = |value: Option<String>| value.unwrap_or_default();
            writeln!(
                f,
                "{:<24} {:<8} {:>14} {:>22} {:>15} {:>4} {:>8} {:>10.3e} {:>10} {:>9.2e} {:>8.2}% {:>5.1}%",
                short(&layer.node),
                layer.kind,
                layer.dims.to_string(),
                format!("{low}..{high}"),
                format!("{least}..{most}"),
                shown(layer.bits.map(|bits| bits.to_string())),
                shown(layer.divisor.map(|divisor| divisor.to_string())),
                layer.scale,
                shown(
                    layer
                        .table
                        .map(|[table, entries]| format!("{table}: {entries}"))
                ),
                layer.error.max,
                layer.error.relative * 100.0,
                layer.saturated * 100.0,
            )?;
        }
        let Input {
            low,
            high,
            scale,
            saturated,
            ..
        } = &self.input;
        writeln!(
            f,
            "input: round(value / {scale:e}) within {low}..={high}, {:.2}% cut off",
            saturated * 100.0
        )?;
        writeln!(f, "output: times {:e}", self.output_scale)?;
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        let Agreement { inputs, same_class } = self.agreement;
        write!(
            f,
            "class as over the reals: {same_class} of {inputs} calibration inputs"
        )
    }
}

/// The end of a long name, which tells more than its beginning.
fn short(name: &str) -> String {
    let count = name.chars().count();
    name.chars().skip(count.saturating_sub(24)).collect()
}
