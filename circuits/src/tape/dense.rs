//! Dense layers: packed multiply-accumulate, rescale and activation.
//!
//! A *group* is a run of neurons evaluated by one chain: neuron j of the group weighs 2^p_j, and
//! the chain demands sum_j 2^p_j (acc_j - 2^shift q_j - rem_j) = 0. Each bracket is an integer e_j
//! with |e_j| < 2^(b_j - 1) by the ranges of its parts, p_(j+1) = p_j + b_j, and the last p stays
//! within the field's capacity, so the sum can vanish only if every e_j does.

use halo2_axiom::halo2curves::ff::Field;

use super::{build::Tape, live::Live, row::Value};
use crate::{
    Error,
    field::{CAPACITY, Fr, from_int, power_of_two},
    model::{
        IntegerModel, Layer,
        bounds::{Bounds, Interval},
    },
};

/// How a neuron's accumulator is split into checked values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Split {
    /// Lower bound of the quotient (hidden layers) or of the accumulator (last layer).
    pub low: i128,
    /// Base-4 digits of the quotient minus its lower bound.
    pub places: u32,
    /// Limb width: |acc - what the digits can express| < 2^(bits - 1).
    pub bits: u32,
}

impl Split {
    /// Splits a range of accumulators at `shift`.
    pub fn of(acc: Interval, shift: u32) -> Self {
        let low = acc.low >> shift;
        let span = (acc.high >> shift) - low;
        let places = (128 - span.unsigned_abs().leading_zeros())
            .div_ceil(2)
            .max(1);
        // What the digits can express, as accumulator values.
        let least = low << shift;
        let most = least + (1i128 << (2 * places + shift)) - 1;
        let error = (acc.high - least).max(most - acc.low).unsigned_abs();
        Self {
            low,
            places,
            bits: 129 - error.leading_zeros(),
        }
    }
}

/// A neuron's place in its group.
#[derive(Debug, Clone, Copy)]
struct Limb {
    neuron: usize,
    split: Split,
    weight: Fr,
}

/// A layer's input: its tape value and what must be added to it. A neuron that is not live has no
/// tape value: a constant one is its offset, an unread one never has a weight here.
fn input_of(layer: usize, index: usize, bounds: &Bounds, live: &Live) -> (Option<Value>, i128) {
    match layer.checked_sub(1) {
        None => (Some(Value::Input(index)), bounds.input.low),
        Some(before) => {
            let value = live.neurons[before][index].then_some(Value::Hidden(before, index));
            (value, bounds.hidden[before][index].low)
        }
    }
}

/// All groups of one layer; hidden layers also get their activations.
pub(super) fn layer(
    tape: &mut Tape,
    model: &IntegerModel,
    bounds: &Bounds,
    live: &Live,
    index: usize,
) -> Result<(), Error> {
    let layer = &model.layers[index];
    let last = index + 1 == model.layers.len();
    let splits: Vec<(usize, Split)> = (0..layer.weights.len())
        .filter(|&neuron| live.neurons[index][neuron])
        .map(|neuron| {
            (
                neuron,
                Split::of(bounds.accumulators[index][neuron], layer.shift),
            )
        })
        .collect();
    for &(neuron, split) in &splits {
        tape.define(quotient(index, neuron, last), split.places);
    }
    for group in groups(&splits, index)? {
        accumulate(tape, model, bounds, live, index, &group);
    }
    if !last {
        for &(neuron, split) in &splits {
            let low = bounds.hidden[index][neuron].low;
            activate(tape, layer, split, low, index, neuron);
        }
    }
    Ok(())
}

fn quotient(layer: usize, neuron: usize, last: bool) -> Value {
    if last {
        Value::Logit(neuron)
    } else {
        Value::Quotient(layer, neuron)
    }
}

/// First fit in order: as many neurons as the field's capacity holds.
fn groups(splits: &[(usize, Split)], layer: usize) -> Result<Vec<Vec<Limb>>, Error> {
    let mut groups: Vec<Vec<Limb>> = vec![];
    let mut used = CAPACITY;
    for &(neuron, split) in splits {
        if split.bits > CAPACITY {
            return Err(Error::Overflow {
                layer,
                neuron,
                bits: split.bits,
                limit: CAPACITY,
            });
        }
        if used + split.bits > CAPACITY {
            groups.push(vec![]);
            used = 0;
        }
        if let Some(group) = groups.last_mut() {
            group.push(Limb {
                neuron,
                split,
                weight: power_of_two(used),
            });
        }
        used += split.bits;
    }
    Ok(groups)
}

fn accumulate(
    tape: &mut Tape,
    model: &IntegerModel,
    bounds: &Bounds,
    live: &Live,
    index: usize,
    group: &[Limb],
) {
    let layer = &model.layers[index];
    let last = index + 1 == model.layers.len();
    let width = layer.weights.first().map_or(0, Vec::len);
    let inputs: Vec<(Option<Value>, i128)> = (0..width)
        .map(|i| input_of(index, i, bounds, live))
        .collect();
    let mut constant = Fr::ZERO;
    for limb in group {
        let offsets: i128 = layer.weights[limb.neuron]
            .iter()
            .zip(&inputs)
            .map(|(&w, &(_, offset))| i128::from(w) * offset)
            .sum();
        let bias = i128::from(layer.bias[limb.neuron]) + offsets - (limb.split.low << layer.shift);
        constant += limb.weight * from_int(bias);
    }
    if let Some(limb) = group.first() {
        tape.load(constant, quotient(index, limb.neuron, last));
    }
    for (i, &(value, _)) in inputs.iter().enumerate() {
        let packed: Fr = group
            .iter()
            .map(|limb| limb.weight * from_int(layer.weights[limb.neuron][i].into()))
            .sum();
        if let Some(value) = value {
            tape.add(packed, value);
        }
    }
    for limb in group {
        let value = quotient(index, limb.neuron, last);
        tape.add(-limb.weight * power_of_two(layer.shift), value);
        let remainder = Value::Remainder(index, limb.neuron);
        tape.add_digits(remainder, layer.shift / 2, -limb.weight);
    }
    tape.end_chain();
}

/// Horner's rule in the quotient's tape value: sum_k c_k (v + low)^k - lowest activation.
fn activate(
    tape: &mut Tape,
    layer: &Layer,
    split: Split,
    lowest: i128,
    index: usize,
    neuron: usize,
) {
    let value = Value::Quotient(index, neuron);
    let mut coefficients = recentre(&layer.activation, split.low);
    if let Some(first) = coefficients.first_mut() {
        *first -= from_int(lowest);
    }
    let mut descending = coefficients.into_iter().rev();
    if let Some(leading) = descending.next() {
        tape.load(leading, value);
    }
    for coefficient in descending {
        tape.multiply_add(value, coefficient);
    }
    tape.emit(Value::Hidden(index, neuron));
}

/// Coefficients of p(v + low) from those of p(q), by repeated synthetic division.
fn recentre(coefficients: &[i64], low: i128) -> Vec<Fr> {
    let mut shifted: Vec<Fr> = coefficients.iter().map(|&c| from_int(c.into())).collect();
    let low = from_int(low);
    for start in 0..shifted.len() {
        for k in (start..shifted.len().saturating_sub(1)).rev() {
            let carry = shifted[k + 1] * low;
            shifted[k] += carry;
        }
    }
    shifted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn recentre_evaluates_to_the_same_values(
            c in prop::collection::vec(-1000i64..1000, 2..5), low in -5000i128..5000, v in 0i128..9000,
        ) {
            let shifted = recentre(&c, low);
            let horner = shifted.iter().rev().fold(Fr::ZERO, |s, c| s * from_int(v) + c);
            let q = v + low;
            let want: i128 = c.iter().rev().fold(0, |s, &c| s * q + i128::from(c));
            prop_assert_eq!(horner, from_int(want));
        }

        #[test]
        fn split_digits_cover_the_range_and_the_limb_covers_the_error(
            a in -(1i128 << 60)..(1i128 << 60), b in 0i128..(1i128 << 60), shift in 0u32..20,
        ) {
            let shift = shift & !1;
            let acc = Interval { low: a, high: a + b };
            let split = Split::of(acc, shift);
            prop_assert_eq!(split.low, acc.low >> shift);
            prop_assert!((acc.high >> shift) - split.low < 1i128 << (2 * split.places));
            let least = split.low << shift;
            let most = least + (1i128 << (2 * split.places + shift)) - 1;
            let half = 1i128 << (split.bits - 1);
            prop_assert!(acc.high - least < half && most - acc.low < half);
        }
    }
}
