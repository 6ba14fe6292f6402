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
    /// [`Error::Overflow`] when a range exceeds what the reference and the limbs can hold,
    /// [`Error::Model`] when a table does not cover the range of its argument.
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
    if let Some(table) = layer.activation.as_table() {
        let domain = table.domain();
        if q.low < domain.low || domain.high < q.high {
            return Err(Error::Model {
                place: format!("layer {index} neuron {neuron}"),
                problem: format!(
                    "its quotient can be {}..={}, table {} covers {}..={}: sample a longer table or use a larger shift",
                    q.low, q.high, table.name, domain.low, domain.high
                ),
            });
        }
    }
    let range = layer.activation.range(q, MAX_BITS);
    fits(
        range.ok_or(Error::Overflow {
            layer: index,
            neuron,
            bits: 128,
            limit: MAX_BITS,
        })?,
        index,
        neuron,
        MAX_BITS,
    )
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
