//! Worst cases of every value, from the weights.

use super::{Convolution, Dims, Linear, Network, Norm, Operator};
use crate::Error;

/// Smallest and largest value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// Smallest.
    pub low: i64,
    /// Largest.
    pub high: i64,
}

impl Interval {
    /// Number of integers in it.
    pub fn len(&self) -> u64 {
        self.high.abs_diff(self.low) + 1
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.high < self.low
    }

    /// Smallest interval around both.
    pub fn join(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
        }
    }

    fn divided(self, divisor: u64) -> Self {
        let by = i128::from(divisor.max(1));
        let floor = |value: i64| i128::from(value).div_euclid(by) as i64;
        Self {
            low: floor(self.low),
            high: floor(self.high),
        }
    }
}

/// Intervals of all tensors and accumulators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// Of every tensor, the input's first.
    pub tensors: Vec<Interval>,
    /// Of every node's accumulators, by output channel; empty for nodes without.
    pub accumulators: Vec<Vec<Interval>>,
    /// Of every node's quotients; that of the result for nodes without.
    pub quotients: Vec<Interval>,
}

/// Largest magnitude of an accumulator.
pub(crate) const LIMIT: i128 = 1 << 52;

impl Bounds {
    /// Bounds of a network whose shapes are right.
    ///
    /// # Errors
    /// [`Error::Model`] naming the node whose worst case does not fit a table or 52 bits.
    pub fn of(network: &Network) -> Result<Self, Error> {
        let dims = network.dims();
        let input = Interval {
            low: network.input.low.into(),
            high: network.input.high.into(),
        };
        let mut bounds = Self {
            tensors: vec![input],
            accumulators: vec![],
            quotients: vec![],
        };
        for node in &network.nodes {
            let refuse = |problem: String| Error::Model {
                place: format!("node {}", node.name),
                problem,
            };
            let (accumulators, quotient, table) = match &node.operator {
                Operator::Linear(linear) => {
                    let accumulators = bounds.linear(linear, &dims).map_err(refuse)?;
                    let all = accumulators.iter().copied().reduce(Interval::join);
                    let quotient = all.unwrap_or(input).divided(linear.divisor);
                    (accumulators, quotient, linear.table)
                }
                Operator::Lookup { input, table } => (vec![], bounds.tensors[*input], Some(*table)),
                Operator::Maximum { input, .. } => (vec![], bounds.tensors[*input], None),
                Operator::Gather { inputs, .. } => {
                    let inputs = inputs.iter().map(|&input| bounds.tensors[input]);
                    (vec![], inputs.reduce(Interval::join).unwrap_or(input), None)
                }
                Operator::Norm(norm) => {
                    let product = norm.product(bounds.tensors[norm.input]).map_err(refuse)?;
                    (vec![product], product.divided(norm.divisor), None)
                }
            };
            let result = match table.map(|index| &network.tables[index]) {
                None => quotient,
                Some(table) => {
                    if quotient.low < table.low || quotient.high > table.high() {
                        return Err(refuse(format!(
                            "arguments of table {:?} can be {}..={}, it has {}..={}; use a larger divisor or table",
                            table.name,
                            quotient.low,
                            quotient.high,
                            table.low,
                            table.high()
                        )));
                    }
                    let (low, high) = table.range();
                    Interval {
                        low: low.into(),
                        high: high.into(),
                    }
                }
            };
            bounds.tensors.push(result);
            bounds.accumulators.push(accumulators);
            bounds.quotients.push(quotient);
        }
        Ok(bounds)
    }

    /// Takes a wider interval for the output.
    ///
    /// # Errors
    /// When it is not wider.
    pub(crate) fn widen_output(&mut self, (low, high): (i64, i64)) -> Result<(), String> {
        let (Some(output), Some(quotient)) = (self.tensors.last_mut(), self.quotients.last_mut())
        else {
            return Err("no output".into());
        };
        if low > output.low || high < output.high {
            return Err(format!(
                "range {low}..={high} of an output in {}..={}",
                output.low, output.high
            ));
        }
        // A quotient that is the result has the same interval.
        if quotient == output {
            *quotient = Interval { low, high };
        }
        *output = Interval { low, high };
        Ok(())
    }

    fn linear(&self, linear: &Linear, dims: &[Dims]) -> Result<Vec<Interval>, String> {
        let channels = linear.bias.iter().enumerate().map(|(channel, &bias)| {
            let (mut low, mut high) = (i128::from(bias), i128::from(bias));
            for term in &linear.terms {
                let (least, most) = term.reach(channel, dims[term.input], self.tensors[term.input]);
                low += least;
                high += most;
            }
            interval(low, high, &format!("output channel {channel}"))
        });
        channels.collect()
    }
}

/// An interval that fits.
fn interval(low: i128, high: i128, place: &str) -> Result<Interval, String> {
    if low < -LIMIT || high > LIMIT {
        return Err(format!(
            "the worst case of {place} is {low}..={high}, the limit is 52 bits; use smaller weights or a larger divisor before"
        ));
    }
    Ok(Interval {
        low: low as i64,
        high: high as i64,
    })
}

impl Convolution {
    /// Smallest and largest sum that an output channel can have.
    pub(crate) fn reach(&self, output: usize, dims: Dims, input: Interval) -> (i128, i128) {
        // Padding counts as zero, which the interval may not hold.
        let padded = self.padding.iter().any(|&padding| padding > 0);
        let (least, most) = if padded {
            (input.low.min(0), input.high.max(0))
        } else {
            (input.low, input.high)
        };
        let (least, most) = (i128::from(least), i128::from(most));
        self.row(output, dims.0)
            .iter()
            .fold((0, 0), |(low, high), &weight| {
                let (a, b) = (i128::from(weight) * least, i128::from(weight) * most);
                (low + a.min(b), high + a.max(b))
            })
    }
}

impl Norm {
    /// Interval of the product before the division.
    pub(crate) fn product(&self, input: Interval) -> Result<Interval, String> {
        let group = self.group as i128;
        // |n x - S| <= (n - 1) (high - low); r <= sqrt(n / epsilon) 2^precision, and, because
        // V >= (n x_i - S)^2, |n x_i - S| r <= sqrt(n) 2^precision.
        let cap = (1u128 << self.precision) * (group.unsigned_abs().isqrt() + 1);
        let deviation = (group - 1).unsigned_abs() * u128::from(input.len() - 1);
        let normal = cap.min(deviation.saturating_mul(cap)) as i128;
        let scales = self.scale.iter().zip(&self.bias);
        let (mut low, mut high) = (i128::MAX, i128::MIN);
        for (&scale, &bias) in scales {
            let most = i128::from(scale.unsigned_abs()) * normal;
            low = low.min(i128::from(bias) - most);
            high = high.max(i128::from(bias) + most);
        }
        interval(low, high, "the normalised values")
    }
}
