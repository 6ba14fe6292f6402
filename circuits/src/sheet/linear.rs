//! Linear nodes over many positions, checked at the challenges.
//!
//! With X_c(t) the input channel c on the grid, V_(c,d)(s) = sum_o s^o W[o,c,d], and Y the outputs
//! (divisor times quotient plus remainder), the identity
//! sum_o s^o Y_o(t) t^shift + junk = sum_d t^tap(d) sum_c V_(c,d) X_c + bias
//! of polynomials in t and s is checked at one point. Its coefficients at the outputs' exponents are
//! the convolution; the junk has exponents of its own and is whatever it must be.

use super::{
    block::Meaning,
    compiler::Compiler,
    form::Form,
    grid::{Grid, Phase},
    method::Method,
    power::Base,
    result::Division,
    row::Late,
    stream::{Planes, planes_rows, positions, weights},
};
use crate::{
    field::{Fr, from_int},
    network::{Convolution, Dims, Linear},
};

impl Compiler<'_> {
    /// A linear node.
    pub(super) fn linear(&mut self, node: usize, linear: &Linear) -> Result<Form, String> {
        let division = self.division(node, linear.divisor, linear.table)?;
        let method = match self.method {
            // One position is no polynomial.
            Some(Method::Fourier | Method::RandomPoint) if self.dims[node + 1].positions() == 1 => {
                Method::Packed
            }
            Some(method) => method,
            None => self.shorter(node, linear, &division),
        };
        match method {
            Method::Plain => self.packed(node, linear, &division, 1)?,
            Method::Packed => self.packed(node, linear, &division, usize::MAX)?,
            Method::Fourier => self.at_roots(node, linear, &division),
            Method::RandomPoint => self.at_challenges(node, linear, &division),
        }
        Ok(division.form)
    }

    /// The way that takes fewer rows, by the rows of one position and those of the polynomials;
    /// powers and sums of the challenges, which nodes share, are left out.
    fn shorter(&self, node: usize, linear: &Linear, division: &Division) -> Method {
        let lanes = self.writer.lanes;
        let output = self.dims[node + 1];
        let middle = output.1 / 2 * output.2 + output.2 / 2;
        let Ok(chains) = self.chains(node, linear, division, middle, usize::MAX) else {
            return Method::RandomPoint;
        };
        let chain = chains.iter().map(|chain| chain.rows(lanes)).sum::<usize>();
        let grid = self.grid(node, linear);
        let parts = division.parts.len();
        let outputs = parts * planes_rows(lanes, output.0, &grid.outputs());
        let mut point = outputs + planes_rows(lanes, output.0, &grid.junk());
        for (term, (taps, phases)) in linear.terms.iter().zip(&grid.terms) {
            let channels = self.dims[term.input].0;
            let spans = phases.iter().map(|phase| {
                let [rows, columns] = phase.count;
                (rows * grid.row.min(columns + 2 * lanes)).div_ceil(lanes) + 1
            });
            let inputs = self.forms[term.input].parts.len() * spans.sum::<usize>();
            let weights = taps.len() * ((term.outputs / term.groups).div_ceil(lanes) + 3);
            point += channels * (inputs + weights);
        }
        if output.positions() * chain <= point {
            Method::Packed
        } else {
            Method::RandomPoint
        }
    }

    /// The grid of a node.
    pub(super) fn grid(&self, node: usize, linear: &Linear) -> Grid {
        let terms = linear.terms.iter();
        let inputs: Vec<Dims> = terms.map(|term| self.dims[term.input]).collect();
        Grid::of(&linear.terms, &inputs, self.dims[node + 1])
    }

    fn at_challenges(&mut self, node: usize, linear: &Linear, division: &Division) {
        let output = self.dims[node + 1];
        let grid = self.grid(node, linear);
        let left = self.outputs(&grid, linear, division, output);
        let junk = self.junk(node, &grid, output);
        let mut total = None;
        for (index, term) in linear.terms.iter().enumerate() {
            total = self.term(&grid, index, term, total);
        }
        let shift = self.power_unless_one(Base::Position, grid.shift);
        self.writer.begin();
        for (weight, late) in left {
            self.writer.add(weight, late);
        }
        if let Some(shift) = shift {
            self.writer.multiply(shift);
        }
        if let Some(junk) = junk {
            self.writer.add(Fr::one(), junk);
        }
        if let Some(total) = total {
            self.writer.add(-Fr::one(), total);
        }
        self.writer.begin();
    }

    /// base^exponent, none for 1.
    fn power_unless_one(&mut self, base: Base, exponent: usize) -> Option<Late> {
        (exponent > 0).then(|| self.powers.power(&mut self.writer, base, exponent))
    }

    /// Terms of the outputs without the shift, minus the bias.
    fn outputs(
        &mut self,
        grid: &Grid,
        linear: &Linear,
        division: &Division,
        output: Dims,
    ) -> Vec<(Fr, Late)> {
        let exponents = grid.outputs();
        let count = exponents.len();
        let mut terms = vec![];
        for part in &division.parts {
            let planes = Planes {
                channels: output.0,
                exponents: &exponents,
                value: &|channel, index| part.values[channel * count + index],
            };
            let late = planes.at_challenges(&mut self.writer, &mut self.powers);
            terms.push((part.weight, late));
        }
        let bias: Vec<Fr> = linear
            .bias
            .iter()
            .map(|&bias| from_int(i128::from(bias) - division.constant))
            .collect();
        if bias.iter().any(|bias| *bias != Fr::zero()) {
            let ones = self.ones(0, &[(grid.row, output.1), (1, output.2)]);
            weights(&mut self.writer, &bias);
            self.writer.multiply(ones);
            let bias = self.writer.emit();
            terms.push((-Fr::one(), bias));
        }
        terms
    }

    /// The junk, if there is any.
    fn junk(&mut self, node: usize, grid: &Grid, output: Dims) -> Option<Late> {
        let exponents = grid.junk();
        let count = exponents.len();
        if count == 0 {
            return None;
        }
        let part = self.part(count * output.0, None, Fr::one(), Meaning::Junk { node });
        let planes = Planes {
            channels: output.0,
            exponents: &exponents,
            value: &|channel, index| part.values[channel * count + index],
        };
        Some(planes.at_challenges(&mut self.writer, &mut self.powers))
    }

    /// `before` plus one convolution.
    fn term(
        &mut self,
        grid: &Grid,
        index: usize,
        term: &Convolution,
        before: Option<Late>,
    ) -> Option<Late> {
        let channels = self.dims[term.input].0;
        let (taps, phases) = &grid.terms[index];
        let area = term.kernel[0] * term.kernel[1];
        let per_group = term.outputs / term.groups;
        let mut total = before;
        for phase in phases {
            let alike: Vec<_> = taps.iter().filter(|tap| tap.phase == phase.phase).collect();
            let columns: Vec<Vec<Vec<Fr>>> = (0..channels)
                .map(|channel| {
                    let group = channel / term.fan(channels);
                    let inside = channel % term.fan(channels);
                    alike
                        .iter()
                        .map(|tap| {
                            (group * per_group..(group + 1) * per_group)
                                .map(|output| {
                                    let row = term.row(output, channels);
                                    from_int(row[inside * area + tap.index].into())
                                })
                                .collect()
                        })
                        .collect()
                })
                .collect();
            let zero = |column: &Vec<Fr>| column.iter().all(|weight| *weight == Fr::zero());
            let inputs: Vec<Option<Late>> = (0..channels)
                .map(|channel| {
                    let used = !columns[channel].iter().all(zero);
                    let group = channel / term.fan(channels);
                    used.then(|| self.channel(grid, term, phase, channel, group * per_group))
                })
                .collect();
            for (at, tap) in alike.iter().enumerate() {
                let mut sum = None;
                for (channel, input) in inputs.iter().enumerate() {
                    let column = &columns[channel][at];
                    let Some(input) = input else { continue };
                    if zero(column) {
                        continue;
                    }
                    weights(&mut self.writer, column);
                    self.writer.multiply(*input);
                    if let Some(sum) = sum {
                        self.writer.add(Fr::one(), sum);
                    }
                    sum = Some(self.writer.emit());
                }
                let Some(sum) = sum else { continue };
                let power = self.power_unless_one(Base::Position, grid.tap(tap));
                self.writer.begin();
                self.writer.add(Fr::one(), sum);
                if let Some(power) = power {
                    self.writer.multiply(power);
                }
                if let Some(total) = total {
                    self.writer.add(Fr::one(), total);
                }
                total = Some(self.writer.emit());
            }
        }
        total
    }

    /// A channel of one phase of the input on the grid, times s^first.
    fn channel(
        &mut self,
        grid: &Grid,
        term: &Convolution,
        phase: &Phase,
        channel: usize,
        first: usize,
    ) -> Late {
        let form = self.forms[term.input].clone();
        let dims = form.dims;
        let mut parts = vec![];
        for part in &form.parts {
            let terms: Vec<_> = phase
                .positions(grid.row, dims)
                .into_iter()
                .map(|(exponent, position)| {
                    let value = part.values[channel * dims.positions() + position];
                    (exponent, part.weight, value)
                })
                .collect();
            positions(&mut self.writer, &mut self.powers, &terms);
            parts.push(self.writer.emit());
        }
        let low = form.lows[channel];
        if low == 0 && parts.len() == 1 && first == 0 {
            return parts[0];
        }
        let ones = (low != 0).then(|| {
            let start = phase.first[0] * grid.row + phase.first[1];
            self.ones(start, &[(grid.row, phase.count[0]), (1, phase.count[1])])
        });
        let power = self.power_unless_one(Base::Channel, first);
        self.writer.begin();
        for part in parts {
            self.writer.add(Fr::one(), part);
        }
        if let Some(ones) = ones {
            self.writer.add(from_int(low.into()), ones);
        }
        if let Some(power) = power {
            self.writer.multiply(power);
        }
        self.writer.emit()
    }
}
