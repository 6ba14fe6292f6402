//! Linear nodes over one position, packed.
//!
//! Output j of a group weighs 2^(p_j). The chain proves sum_j 2^(p_j) e_j = 0 mod r, where e_j is
//! the accumulator minus what the parts of its division express. |e_j| < 2^(b_j - 1), with b_j from
//! the ranges of both; places follow p_(j+1) = p_j + b_j and end at or below 2^253 < r, so the sum
//! over the integers vanishes only if every e_j does.

use std::collections::BTreeMap;

use super::{compiler::Compiler, result::Division, row::Value};
use crate::{
    field::{CAPACITY, Fr, from_int, power_of_two},
    network::{Interval, Linear, window_of},
};

/// An accumulator as a sum of multiples of values and a constant.
struct Sum {
    terms: Vec<(Fr, Value)>,
    constant: i128,
}

impl Compiler<'_> {
    pub(super) fn packed(
        &mut self,
        node: usize,
        linear: &Linear,
        division: &Division,
    ) -> Result<(), String> {
        let outputs = self.dims[node + 1].0;
        let mut output = 0;
        while output < outputs {
            let mut place = 0;
            let mut inputs: BTreeMap<Value, Fr> = BTreeMap::new();
            let mut parts: Vec<Vec<(Fr, Value)>> = vec![vec![]; division.parts.len()];
            let mut constant = Fr::zero();
            let first = output;
            while output < outputs {
                let accumulator = self.bounds.accumulators[node][output];
                let limb = limb(accumulator, division.reach);
                if place + limb > CAPACITY {
                    break;
                }
                let weight = power_of_two(place);
                let sum = self.sum(linear, output);
                for (coefficient, value) in sum.terms {
                    *inputs.entry(value).or_default() += weight * coefficient;
                }
                constant += weight * from_int(sum.constant - division.constant);
                for (part, terms) in division.parts.iter().zip(&mut parts) {
                    terms.push((-(weight * part.weight), part.values[output]));
                }
                place += limb;
                output += 1;
            }
            if output == first {
                return Err(format!("output {first} needs more than {CAPACITY} bits"));
            }
            self.writer.begin();
            self.writer
                .sum(inputs.into_iter().map(|(value, weight)| (weight, value)));
            self.writer.constant(constant);
            for terms in parts {
                self.writer.sum(terms);
            }
            self.writer.begin();
        }
        Ok(())
    }

    /// The accumulator of an output.
    fn sum(&self, linear: &Linear, output: usize) -> Sum {
        let mut terms = vec![];
        let mut constant = i128::from(linear.bias[output]);
        for term in &linear.terms {
            let form = &self.forms[term.input];
            let dims = form.dims;
            let first = term.first_channel(output, dims.0);
            for (index, &weight) in term.row(output, dims.0).iter().enumerate() {
                let Some((channel, position)) = window_of(term, dims, index) else {
                    continue;
                };
                if weight == 0 {
                    continue;
                }
                let channel = first + channel;
                constant += i128::from(weight) * i128::from(form.lows[channel]);
                for part in &form.parts {
                    let value = part.values[channel * dims.positions() + position];
                    terms.push((part.weight * from_int(weight.into()), value));
                }
            }
        }
        Sum { terms, constant }
    }
}

/// Bits b with |accumulator - what the parts express| < 2^(b - 1).
fn limb(accumulator: Interval, reach: (i128, i128)) -> u32 {
    let high = i128::from(accumulator.high) - reach.0;
    let low = reach.1 - i128::from(accumulator.low);
    129 - high.max(low).unsigned_abs().leading_zeros()
}
