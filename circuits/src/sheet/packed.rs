//! Linear nodes in packed sums.
//!
//! Output j of a chain weighs 2^(p_j). The chain proves sum_j 2^(p_j) e_j = 0 mod r, where e_j is
//! the accumulator minus what the parts of its division express. |e_j| < 2^(b_j - 1), with b_j from
//! the ranges of both; places follow p_(j+1) = p_j + b_j and end at or below 2^253 < r, so the sum
//! over the integers vanishes only if every e_j does.

use std::collections::BTreeMap;

use super::{compiler::Compiler, result::Division, row::Value, sum::Sum};
use crate::{
    field::{CAPACITY, Fr, from_int, power_of_two},
    network::{Interval, Linear, window_of},
};

/// Some outputs of one position.
pub(super) struct Chain {
    /// The accumulators, as sums of the inputs.
    inputs: Sum,
    /// What the parts of the division express, negated, part by part.
    parts: Vec<Vec<(Fr, Value)>>,
}

impl Chain {
    /// Rows that it takes.
    pub fn rows(&self, lanes: usize) -> usize {
        let parts = self.parts.iter().map(|terms| terms.len().div_ceil(lanes));
        self.inputs.terms.len().div_ceil(lanes) + parts.sum::<usize>()
    }
}

impl Compiler<'_> {
    /// Chains of every position, each with at most `most` outputs.
    pub(super) fn packed(
        &mut self,
        node: usize,
        linear: &Linear,
        division: &Division,
        most: usize,
    ) -> Result<(), String> {
        for position in 0..self.dims[node + 1].positions() {
            for chain in self.chains(node, linear, division, position, most)? {
                self.writer.begin();
                self.writer.sum(chain.inputs.terms);
                self.writer.constant(chain.inputs.constant);
                for terms in chain.parts {
                    self.writer.sum(terms);
                }
            }
        }
        self.writer.begin();
        Ok(())
    }

    /// The chains of a position.
    pub(super) fn chains(
        &self,
        node: usize,
        linear: &Linear,
        division: &Division,
        position: usize,
        most: usize,
    ) -> Result<Vec<Chain>, String> {
        let dims = self.dims[node + 1];
        let mut chains = vec![];
        let mut output = 0;
        while output < dims.0 {
            let mut place = 0;
            let mut inputs: BTreeMap<Value, Fr> = BTreeMap::new();
            let mut parts: Vec<Vec<(Fr, Value)>> = vec![vec![]; division.parts.len()];
            let mut constant = Fr::zero();
            let first = output;
            while output < dims.0 && output - first < most {
                let accumulator = self.bounds.accumulators[node][output];
                let limb = limb(accumulator, division.reach);
                if place + limb > CAPACITY {
                    break;
                }
                let weight = power_of_two(place);
                let at = [position / dims.2, position % dims.2];
                let sum = self.accumulator(linear, output, at);
                for (coefficient, value) in sum.terms {
                    *inputs.entry(value).or_default() += weight * coefficient;
                }
                constant += weight * (sum.constant - from_int(division.constant));
                for (part, terms) in division.parts.iter().zip(&mut parts) {
                    let value = part.values[output * dims.positions() + position];
                    terms.push((-(weight * part.weight), value));
                }
                place += limb;
                output += 1;
            }
            if output == first {
                return Err(format!("output {first} needs more than {CAPACITY} bits"));
            }
            let terms = inputs.into_iter().map(|(value, weight)| (weight, value));
            let inputs = Sum {
                terms: terms.collect(),
                constant,
            };
            chains.push(Chain { inputs, parts });
        }
        Ok(chains)
    }

    /// The accumulator of an output channel at a row and column.
    fn accumulator(&self, linear: &Linear, output: usize, at: [usize; 2]) -> Sum {
        let mut terms = vec![];
        let mut constant = i128::from(linear.bias[output]);
        for term in &linear.terms {
            let form = &self.forms[term.input];
            let dims = form.dims;
            let first = term.first_channel(output, dims.0);
            for (index, &weight) in term.row(output, dims.0).iter().enumerate() {
                let Some((channel, position)) = window_of(term, dims, at, index) else {
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
        Sum {
            terms,
            constant: from_int(constant),
        }
    }
}

/// Bits b with |accumulator - what the parts express| < 2^(b - 1).
fn limb(accumulator: Interval, reach: (i128, i128)) -> u32 {
    let high = i128::from(accumulator.high) - reach.0;
    let low = reach.1 - i128::from(accumulator.low);
    129 - high.max(low).unsigned_abs().leading_zeros()
}
