//! Rows of an activation.
//!
//! ```text
//! polynomial   Horner's rule in the quotient's tape value, re-expanded at its lower bound
//! ReLU         sign bit times quotient
//! table        argument and value in one number, which must be in the table; both range-checked
//! ```

use halo2_axiom::halo2curves::ff::Field;

use super::{
    build::Tape,
    dense::Network,
    range::RangeCheck,
    row::Value,
    split::{Split, bit_length},
};
use crate::{
    field::{Fr, from_int, power_of_two},
    model::{Activation, Named},
};

/// The rows that bring a live neuron's activation into existence.
pub(super) fn rows(
    network: &Network<'_>,
    tape: &mut Tape,
    split: Split,
    layer: usize,
    neuron: usize,
) {
    let range = network.bounds.hidden[layer][neuron];
    let (quotient, hidden) = (Value::Quotient(layer, neuron), Value::Hidden(layer, neuron));
    match &network.model.layers[layer].activation {
        Activation::Polynomial(coefficients) => {
            let mut descending = recentre(coefficients, split.low).into_iter().rev();
            let mut chain = tape.from_zero();
            // c_n v + c_(n-1) takes no multiplication of the accumulator.
            chain.add(descending.next().unwrap_or(Fr::ZERO), quotient);
            chain.constant(descending.next().unwrap_or(Fr::ZERO));
            for coefficient in descending {
                chain.multiply(quotient);
                chain.constant(coefficient);
            }
            chain.constant(from_int(-range.low));
            chain.add(-Fr::ONE, hidden);
            tape.push(chain);
        }
        Activation::Named(Named::Relu) => {
            let mut chain = tape.from_zero();
            chain.add(Fr::ONE, quotient);
            chain.constant(from_int(split.low));
            chain.multiply(Value::Sign(layer, neuron));
            chain.constant(from_int(-range.low));
            chain.add(-Fr::ONE, hidden);
            tape.push(chain);
        }
        Activation::Named(Named::Table(_)) => {
            tape.define(hidden, bit_length(range.high - range.low));
            let Some(entries) = network.tables.of_layer(layer) else {
                return;
            };
            let mut chain = tape.from_zero();
            chain.add(Fr::ONE, quotient);
            chain.add(power_of_two(entries.argument_bits), hidden);
            let offset = entries.entry(split.low, range.low);
            chain.constant(from_int(offset));
            chain.tagged(-Fr::ONE, Value::Entry(layer, neuron), entries.tag);
            tape.push(chain);
        }
    }
}

/// Demands that a value which is one digit is 0 or 1: nothing where digits are bits.
pub(super) fn boolean(tape: &mut Tape, value: Value) {
    if tape.shape.range == RangeCheck::Quads {
        let mut chain = tape.from_one();
        chain.multiply(value);
        chain.multiply(value);
        chain.add(-Fr::ONE, value);
        tape.push(chain);
    }
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
    }
}
