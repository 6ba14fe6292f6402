//! Worst-case ranges of every quantity, from the actual weights.
//!
//! Interval arithmetic: each accumulator's extremes take, for every weight, the end of its input's
//! range that the sign of the weight asks for. The circuit relies on these ranges for the width of
//! its limbs, so they are computed once, here, and a model that exceeds them is refused.

use super::{IntegerModel, Layer};
use crate::Error;

/// Widest accumulator, in bits: a sum of 2^31 products with 16-bit weights still fits 128 bits.
pub const MAX_BITS: u32 = 80;
/// Widest logit: it must fit a 64-bit field of the packed public output with room to spare.
pub const MAX_LOGIT_BITS: u32 = 60;
/// Above this many points an activation's range is bounded term by term instead of enumerated.
const ENUMERATE: i128 = 1 << 16;

/// An inclusive range of integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// Smallest value.
    pub low: i128,
    /// Largest value.
    pub high: i128,
}

impl Interval {
    /// Bits of a signed integer that holds every value.
    pub fn bits(&self) -> u32 {
        let magnitude = self.low.unsigned_abs().max(self.high.unsigned_abs());
        129 - magnitude.leading_zeros()
    }
}

/// Ranges of every layer's quantities.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Inputs.
    pub input: Interval,
    /// `accumulators[layer][neuron]`.
    pub accumulators: Vec<Vec<Interval>>,
    /// `quotients[layer][neuron]`, hidden layers only.
    pub quotients: Vec<Vec<Interval>>,
    /// `hidden[layer][neuron]`, hidden layers only.
    pub hidden: Vec<Vec<Interval>>,
}

impl Bounds {
    /// Bounds a model whose shapes are already validated.
    ///
    /// # Errors
    /// [`Error::Overflow`] when a range exceeds what the reference and the limbs can hold.
    pub fn of(model: &IntegerModel) -> Result<Self, Error> {
        let input = Interval {
            low: model.input.min.into(),
            high: model.input.max.into(),
        };
        let mut bounds = Self {
            input,
            accumulators: vec![],
            quotients: vec![],
            hidden: vec![],
        };
        let mut values = vec![input; model.input.len];
        for (index, layer) in model.layers.iter().enumerate() {
            let last = index + 1 == model.layers.len();
            let limit = if last { MAX_LOGIT_BITS } else { MAX_BITS };
            let acc = accumulate(layer, &values, index, limit)?;
            if !last {
                let q: Vec<Interval> = acc
                    .iter()
                    .map(|a| Interval {
                        low: a.low >> layer.shift,
                        high: a.high >> layer.shift,
                    })
                    .collect();
                values = q
                    .iter()
                    .enumerate()
                    .map(|(neuron, &q)| activate(layer, q, index, neuron))
                    .collect::<Result<_, _>>()?;
                bounds.quotients.push(q);
                bounds.hidden.push(values.clone());
            }
            bounds.accumulators.push(acc);
        }
        Ok(bounds)
    }
}

fn accumulate(
    layer: &Layer,
    values: &[Interval],
    index: usize,
    limit: u32,
) -> Result<Vec<Interval>, Error> {
    layer
        .weights
        .iter()
        .zip(&layer.bias)
        .enumerate()
        .map(|(neuron, (row, &bias))| {
            let mut sum = Interval {
                low: bias.into(),
                high: bias.into(),
            };
            for (&weight, x) in row.iter().zip(values) {
                let weight = i128::from(weight);
                let (a, b) = (weight * x.low, weight * x.high);
                sum.low += a.min(b);
                sum.high += a.max(b);
            }
            fits(sum, index, neuron, limit)
        })
        .collect()
}

fn activate(layer: &Layer, q: Interval, index: usize, neuron: usize) -> Result<Interval, Error> {
    // |h| <= sum |c_k| |q|^k: refuse before anything below could overflow.
    let magnitude = q.low.unsigned_abs().max(q.high.unsigned_abs());
    let mut worst: u128 = 0;
    let mut power: u128 = 1;
    for &c in &layer.activation {
        let term = power.checked_mul(u128::from(c.unsigned_abs()));
        let sum = term
            .and_then(|term| worst.checked_add(term))
            .filter(|sum| *sum < 1 << MAX_BITS);
        worst = sum.ok_or(Error::Overflow {
            layer: index,
            neuron,
            bits: 128,
            limit: MAX_BITS,
        })?;
        power = power.saturating_mul(magnitude);
    }
    let worst = i128::try_from(worst).unwrap_or(i128::MAX);
    let mut range = Interval {
        low: -worst,
        high: worst,
    };
    if q.high - q.low <= ENUMERATE {
        range = Interval {
            low: i128::MAX,
            high: i128::MIN,
        };
        for q in q.low..=q.high {
            let h = layer.activate(q);
            range = Interval {
                low: range.low.min(h),
                high: range.high.max(h),
            };
        }
    }
    fits(range, index, neuron, MAX_BITS)
}

fn fits(range: Interval, layer: usize, neuron: usize, limit: u32) -> Result<Interval, Error> {
    if range.bits() > limit {
        return Err(Error::Overflow {
            layer,
            neuron,
            bits: range.bits(),
            limit,
        });
    }
    Ok(range)
}
