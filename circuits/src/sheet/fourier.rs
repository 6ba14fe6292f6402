//! Linear nodes at the roots of unity: the identity of polynomials of [`super::linear`] in t alone,
//! channel by channel, at n points, n above every degree. Two polynomials of degree below n that
//! agree at n points are equal, so no challenge is needed.
//!
//! The transforms are decimations in time of as high a radix as the lanes allow: a result of a stage
//! is a sum of as many values of the stage before, in one row.

use halo2_axiom::halo2curves::ff::{Field, PrimeField};

use super::{
    block::Meaning, compiler::Compiler, grid::Grid, result::Division, row::Value, sum::Sum,
};
use crate::{
    field::{Fr, from_int},
    network::Linear,
};

/// A root of unity of order 2^bits.
fn root(bits: u32) -> Fr {
    Fr::ROOT_OF_UNITY.pow([1 << (Fr::S - bits)])
}

impl Compiler<'_> {
    pub(super) fn at_roots(&mut self, node: usize, linear: &Linear, division: &Division) {
        let output = self.dims[node + 1];
        let grid = self.grid(node, linear);
        let (outputs, junk) = (grid.outputs(), grid.junk());
        let last = outputs.last().map_or(0, |last| last + grid.shift);
        let bits = (1 + last.max(junk.last().copied().unwrap_or(0)))
            .next_power_of_two()
            .ilog2();
        let spectra = self.spectra(&grid, linear, bits);
        let meaning = Meaning::Junk { node };
        let rest = self.part(junk.len() * output.0, None, Fr::one(), meaning);
        for channel in 0..output.0 {
            let mut left = vec![Sum::default(); 1 << bits];
            for (index, exponent) in outputs.iter().enumerate() {
                let sum = &mut left[grid.shift + exponent];
                let bias = i128::from(linear.bias[channel]);
                sum.constant += from_int(division.constant - bias);
                for part in &division.parts {
                    let value = part.values[channel * outputs.len() + index];
                    sum.terms.push((part.weight, value));
                }
            }
            for (index, exponent) in junk.iter().enumerate() {
                let value = rest.values[channel * junk.len() + index];
                left[*exponent].add(Fr::one(), &value.into());
            }
            let left = self.transform(left, root(bits));
            for (point, mut sum) in left.into_iter().enumerate() {
                let x = root(bits).pow([point as u64]);
                for (weights, values) in spectra.of(channel) {
                    let weight = weights.iter().fold(Fr::zero(), |sum, (exponent, weight)| {
                        sum + *weight * x.pow([*exponent as u64])
                    });
                    sum.terms.push((-weight, values[point]));
                }
                self.writer.begin();
                self.writer.sum(sum.terms);
                self.writer.constant(sum.constant);
            }
        }
        self.writer.begin();
    }

    /// Transforms of every channel and phase of the inputs.
    fn spectra(&mut self, grid: &Grid, linear: &Linear, bits: u32) -> Spectra {
        let mut spectra = Spectra::default();
        for (index, term) in linear.terms.iter().enumerate() {
            let (taps, phases) = &grid.terms[index];
            let (form, dims) = (self.forms[term.input].clone(), self.dims[term.input]);
            let area = term.kernel[0] * term.kernel[1];
            for phase in phases {
                for channel in 0..dims.0 {
                    let mut coefficients = vec![Sum::default(); 1 << bits];
                    for (exponent, position) in phase.positions(grid.row, dims) {
                        let sum = &mut coefficients[exponent];
                        sum.constant += from_int(form.lows[channel].into());
                        for part in &form.parts {
                            let value = part.values[channel * dims.positions() + position];
                            sum.terms.push((part.weight, value));
                        }
                    }
                    let sums = self.transform(coefficients, root(bits));
                    let values = self.define(sums);
                    let alike = taps.iter().filter(|tap| tap.phase == phase.phase);
                    let weights = (0..term.outputs).map(|output| {
                        let first = term.first_channel(output, dims.0);
                        let inside = channel.checked_sub(first);
                        let inside = inside.filter(|&at| at < term.fan(dims.0));
                        let weight = |tap: &super::grid::Tap| {
                            let row = term.row(output, dims.0);
                            let weight = row[inside? * area + tap.index];
                            Some((grid.tap(tap), from_int(weight.into())))
                        };
                        alike.clone().filter_map(weight).collect()
                    });
                    spectra.all.push((weights.collect(), values));
                }
            }
        }
        spectra
    }

    /// Values at the powers of a root of unity of the polynomial with these coefficients, as sums
    /// of the last stage's values.
    fn transform(&mut self, coefficients: Vec<Sum>, root: Fr) -> Vec<Sum> {
        let count = coefficients.len();
        let radix = 1 << (self.writer.lanes - 1).max(2).ilog2();
        let radix = radix.min(count);
        let size = count / radix;
        let parts: Vec<Vec<Sum>> = (0..radix)
            .map(|first| {
                let part: Vec<Sum> = coefficients[first..]
                    .iter()
                    .step_by(radix)
                    .cloned()
                    .collect();
                if size == 1 {
                    return part;
                }
                let sums = self.transform(part, root.pow([radix as u64]));
                self.define(sums).into_iter().map(Sum::from).collect()
            })
            .collect();
        (0..count)
            .map(|point| {
                let x = root.pow([point as u64]);
                let mut sum = Sum::default();
                let mut power = Fr::one();
                for part in &parts {
                    sum.add(power, &part[point % size]);
                    power *= x;
                }
                sum
            })
            .collect()
    }

    /// New values that are these sums.
    fn define(&mut self, sums: Vec<Sum>) -> Vec<Value> {
        let meaning = Meaning::Sums(sums.clone());
        let part = self.part(sums.len(), None, Fr::one(), meaning);
        for (&value, sum) in part.values.iter().zip(sums) {
            self.writer.begin();
            let terms = sum.terms.into_iter().chain([(-Fr::one(), value)]);
            self.writer.sum(terms);
            self.writer.constant(sum.constant);
        }
        self.writer.begin();
        part.values
    }
}

/// Exponents and weights of the taps, and values at the roots of unity.
type Spectrum = (Vec<Vec<(usize, Fr)>>, Vec<Value>);

/// Transforms of the inputs, each with its taps for every output channel.
#[derive(Default)]
struct Spectra {
    all: Vec<Spectrum>,
}

impl Spectra {
    /// Taps and values that an output channel reads.
    fn of(&self, output: usize) -> impl Iterator<Item = (&[(usize, Fr)], &[Value])> {
        let all = self.all.iter();
        all.map(move |(weights, values)| (&weights[output][..], &values[..]))
            .filter(|(weights, _)| !weights.is_empty())
    }
}
