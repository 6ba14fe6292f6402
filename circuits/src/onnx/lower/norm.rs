//! Normalisations, each with a table behind it.

use super::{Lowering, Quantity, linear::useful, range};
use crate::{
    network::{self, Interval, LIMIT, Operator},
    onnx::{
        error::Error,
        function::Function,
        graph::{Node, Operation, Pin},
        math::{floor_log2, power_of_two},
    },
};

/// Bits of an inverse deviation beside those of the largest one.
const INVERSE_BITS: i32 = 11;
/// Bits of the largest table.
const MAX_TABLE_BITS: u32 = 15;
const MAX_PRECISION: i32 = 36;
/// Bits of a product before the division.
const PRODUCT_BITS: i32 = 50;
const MAX_EPSILON: f64 = 1e19;
const REMEDY: &str = "normalise smaller groups, or use more --table-bits";

impl Lowering<'_> {
    /// A normalisation and the function of its values; `normal` is the tensor before the function.
    pub(super) fn norm(
        &mut self,
        node: &Node,
        function: &Function,
        target: Pin,
        tensor: usize,
        normal: usize,
    ) -> Result<Quantity, Error> {
        let Operation::Norm {
            input,
            epsilon,
            scale,
            bias,
        } = &node.operation
        else {
            return Err(range(node, "it is no normalisation", "report this file"));
        };
        let input = self.quantity(*input, node)?;
        let n = scale.len() as f64;
        // n times the largest deviation.
        let spread = n * (input.high - input.low) as f64 / 2.0;
        // A product is a scale times at most n^(1/2) 2^precision.
        let room = PRODUCT_BITS - self.options.weight_bits as i32 - floor_log2(n.sqrt());
        let precision = (INVERSE_BITS + 1 + floor_log2(spread)).clamp(0, MAX_PRECISION.min(room));
        let weight = f64::from((1 << (self.options.weight_bits - 1)) - 1);
        let largest = scale.iter().fold(0f64, |m, s| m.max(s.abs()));
        let unit = if largest > 0.0 {
            largest / weight
        } else {
            1.0 / weight
        };
        let product = unit / power_of_two(precision);
        let biases = bias.iter().map(|&bias| {
            let rounded = (bias / product).round();
            if rounded.abs() < LIMIT as f64 {
                Ok(rounded as i64)
            } else {
                Err(range(
                    node,
                    "a bias that is far larger than the scales",
                    REMEDY,
                ))
            }
        });
        let biases = biases.collect::<Result<Vec<i64>, _>>()?;
        let wanted = useful(function, target.scale, self.ranges.at(normal)) / 4.0;
        let epsilon = (n * n * n * epsilon / (input.scale * input.scale)).round();
        if epsilon > MAX_EPSILON {
            return Err(range(
                node,
                "its epsilon is far larger than its input",
                REMEDY,
            ));
        }
        let mut norm = network::Norm {
            input: input.tensor,
            group: scale.len(),
            epsilon: (epsilon as u64).max(1),
            precision: precision as u32,
            scale: scale.iter().map(|s| (s / unit).round() as i32).collect(),
            bias: vec![],
            divisor: 1,
        };
        // Values reach n^(1/2) deviations: steps of a sixteenth deviation at most.
        let fine = floor_log2(64.0 * n.sqrt()) as u32 + 1;
        let bits = self.options.table_bits.max(fine.min(MAX_TABLE_BITS));
        let mut shift = floor_log2(wanted / product).clamp(0, 40);
        loop {
            norm.divisor = 1 << shift;
            let half = (norm.divisor / 2) as i64;
            norm.bias = biases.iter().map(|bias| bias + half).collect();
            let interval = Interval {
                low: input.low,
                high: input.high,
            };
            let worst = norm
                .product(interval)
                .map_err(|problem| range(node, &problem, REMEDY))?;
            let by = norm.divisor as i64;
            let (low, high) = (worst.low.div_euclid(by), worst.high.div_euclid(by));
            if high - low < 1 << bits {
                let step = product * by as f64;
                let origin = self.plain(normal, step);
                let dims = self.dims[input.tensor];
                let quotient = Quantity {
                    tensor: self.push(&node.name, Operator::Norm(norm), dims, origin),
                    scale: step,
                    low,
                    high,
                };
                return self.lookup_within(bits, node, quotient, function, target, tensor);
            }
            if shift >= 40 {
                return Err(range(
                    node,
                    &format!("its values can be {low}..={high}"),
                    REMEDY,
                ));
            }
            shift += 1;
        }
    }
}
