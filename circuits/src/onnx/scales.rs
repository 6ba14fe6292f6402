//! The integers that each tensor should have: tensors that share their values share their scale.

use super::{
    graph::{Graph, Operation, Pin},
    options::Options,
    ranges::Ranges,
};

/// The integers of tensors by calibration, or by the file.
#[derive(Debug, Clone)]
pub(super) struct Scales {
    /// A tensor of the same scale.
    leader: Vec<usize>,
    pins: Vec<Pin>,
    /// How many nodes choose integers of this scale.
    makers: Vec<usize>,
}

impl Scales {
    /// The scales of a graph's tensors.
    pub(super) fn of(graph: &Graph, ranges: &Ranges, options: &Options) -> Self {
        let count = graph.nodes.len() + 1;
        let mut leader: Vec<usize> = (0..count).collect();
        let mut positive = vec![false; count];
        positive[0] = graph.pin.is_some_and(|pin| pin.low >= 0);
        for (index, node) in graph.nodes.iter().enumerate() {
            let tensor = index + 1;
            let inputs = node.operation.inputs();
            positive[tensor] = is_positive(&node.operation, &positive);
            if matches!(
                node.operation,
                Operation::Maximum { .. } | Operation::Gather { .. }
            ) {
                for input in inputs {
                    let (a, b) = (find(&leader, input), find(&leader, tensor));
                    leader[a.max(b)] = a.min(b);
                }
            }
        }
        let leader: Vec<usize> = (0..count).map(|tensor| find(&leader, tensor)).collect();
        let mut extent = vec![(0f64, 0f64); count];
        let mut signed = vec![false; count];
        let mut makers = vec![0; count];
        let mut given: Vec<Option<Pin>> = vec![None; count];
        for tensor in 0..count {
            let (low, high) = ranges.at(tensor);
            let of = leader[tensor];
            extent[of] = (extent[of].0.min(low), extent[of].1.max(high));
            signed[of] |= !positive[tensor];
            let pin = match graph.producer(tensor).map(|node| &node.operation) {
                None => graph.pin,
                Some(Operation::Map { pin, .. }) => *pin,
                Some(_) => None,
            };
            let makes = graph.producer(tensor).is_none_or(|node| {
                !matches!(
                    node.operation,
                    Operation::Maximum { .. } | Operation::Gather { .. }
                )
            });
            makers[of] += usize::from(makes);
            let coarser = |pin: &Pin| given[of].is_none_or(|other| pin.scale > other.scale);
            if let Some(pin) = pin.filter(coarser) {
                given[of] = Some(pin);
            }
        }
        let bits = |tensor: usize| {
            if tensor == 0 {
                options.input_bits
            } else {
                options.bits
            }
        };
        let pins = (0..count).map(|tensor| {
            // The input has integers with a sign, also if calibration has none below zero.
            given[tensor].unwrap_or_else(|| {
                fitting(extent[tensor], signed[tensor] || tensor == 0, bits(tensor))
            })
        });
        Self {
            pins: pins.collect(),
            leader,
            makers,
        }
    }

    /// The integers of a tensor.
    pub(super) fn at(&self, tensor: usize) -> Pin {
        self.pins[self.leader[tensor]]
    }

    /// Whether a tensor's node may choose another scale: no other node has to meet it.
    pub(super) fn is_free(&self, tensor: usize) -> bool {
        self.makers[self.leader[tensor]] == 1
    }
}

fn find(leader: &[usize], mut tensor: usize) -> usize {
    while leader[tensor] != tensor {
        tensor = leader[tensor];
    }
    tensor
}

/// Integers of a width for values in an interval.
fn fitting((low, high): (f64, f64), signed: bool, bits: u32) -> Pin {
    let (least, most) = if signed {
        (-(1i32 << (bits - 1)), (1 << (bits - 1)) - 1)
    } else {
        (0, (1 << bits) - 1)
    };
    let below = if least < 0 {
        low / f64::from(least)
    } else {
        0.0
    };
    let scale = below.max(high / f64::from(most));
    Pin {
        // All zero: any scale will do.
        scale: if scale > f64::MIN_POSITIVE {
            scale
        } else {
            1.0
        },
        low: least,
        high: most,
    }
}

/// Whether no value can be negative, whatever the input.
fn is_positive(operation: &Operation, positive: &[bool]) -> bool {
    match operation {
        Operation::Map {
            input, function, ..
        } => {
            let low = if positive[*input] {
                0.0
            } else {
                f64::NEG_INFINITY
            };
            function.range(low, f64::INFINITY).0 >= 0.0
        }
        Operation::Linear(linear) => {
            let terms = linear
                .terms
                .iter()
                .all(|t| positive[t.input] && t.weights.iter().all(|&w| w >= 0.0));
            terms && linear.bias.iter().all(|&b| b >= 0.0)
        }
        Operation::Maximum { input, .. } => positive[*input],
        Operation::Gather { inputs, .. } => inputs.iter().all(|&input| positive[input]),
        Operation::Norm { .. } => false,
    }
}
