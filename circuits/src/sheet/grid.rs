//! Exponents of t for the positions of a linear node.
//!
//! Output (y, x) stands at shift + y row + x. With stride d, kernel row i (dilated) is d m + phase
//! and input row j (padded) d a + phase; only equal phases meet, at output row a - m. So the phase's
//! input at a row + b times the tap's t^(shift - m row - n) lands where it belongs, and on exponents
//! that are no output's ([`Grid::junk`]) where the kernel hangs over the edge.

use std::collections::BTreeSet;

use crate::network::{Convolution, Dims};

/// A tap of a kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tap {
    /// Index in the kernel, row by row.
    pub index: usize,
    pub phase: [usize; 2],
    pub step: [usize; 2],
}

/// Input positions of one phase that some output reads: a rectangle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phase {
    pub phase: [usize; 2],
    /// a and b of the first position.
    pub first: [usize; 2],
    /// Rows and columns.
    pub count: [usize; 2],
    /// Row and column of the first position in the input, and their distances.
    pub origin: [usize; 2],
    pub stride: [usize; 2],
}

/// Exponents of a linear node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grid {
    /// Distance of rows.
    pub row: usize,
    /// Exponent of the first output.
    pub shift: usize,
    /// Taps and phases of every term.
    pub terms: Vec<(Vec<Tap>, Vec<Phase>)>,
    output: Dims,
}

fn taps(term: &Convolution) -> Vec<Tap> {
    let [height, width] = term.kernel;
    let place = |at: usize, axis: usize| {
        let at = at * term.dilation[axis];
        (at % term.stride[axis], at / term.stride[axis])
    };
    (0..height * width)
        .map(|index| {
            let (down, right) = (place(index / width, 0), place(index % width, 1));
            Tap {
                index,
                phase: [down.0, right.0],
                step: [down.1, right.1],
            }
        })
        .collect()
}

/// Rows (or columns) of a phase that some output reads: first a, count, first input row.
fn axis(
    term: &Convolution,
    axis: usize,
    size: usize,
    outputs: usize,
    phase: usize,
    steps: impl Iterator<Item = usize> + Clone,
) -> Option<(usize, usize, usize)> {
    let stride = term.stride[axis];
    let input = |a: usize| (a * stride + phase).checked_sub(term.padding[axis]);
    let read = |&a: &usize| {
        input(a).is_some_and(|row| row < size)
            && steps.clone().any(|step| a >= step && a - step < outputs)
    };
    let most = (size + term.padding[axis]) / stride + 1;
    let first = (0..=most).find(read)?;
    let last = (0..=most).rev().find(read)?;
    Some((first, last - first + 1, input(first)?))
}

impl Grid {
    /// The grid of a node's terms.
    pub fn of(terms: &[Convolution], inputs: &[Dims], output: Dims) -> Self {
        let mut all = vec![];
        let (mut row, mut steps) = (output.2, vec![]);
        for (term, &Dims(_, height, width)) in terms.iter().zip(inputs) {
            let taps = taps(term);
            let mut phases: Vec<Phase> = vec![];
            for tap in &taps {
                if phases.iter().any(|known| known.phase == tap.phase) {
                    continue;
                }
                let alike = taps.iter().filter(|other| other.phase == tap.phase);
                let down = alike.clone().map(|tap| tap.step[0]);
                let right = alike.map(|tap| tap.step[1]);
                let rows = axis(term, 0, height, output.1, tap.phase[0], down);
                let columns = axis(term, 1, width, output.2, tap.phase[1], right.clone());
                let (Some(rows), Some(columns)) = (rows, columns) else {
                    continue;
                };
                let (least, most) = (right.clone().min().unwrap_or(0), right.max().unwrap_or(0));
                let last = columns.0 + columns.1 - 1;
                // No position of one row may land on an output of another.
                row = row
                    .max(last + 1 - least.min(last))
                    .max(last + 1)
                    .max((output.2 + most).saturating_sub(columns.0));
                phases.push(Phase {
                    phase: tap.phase,
                    first: [rows.0, columns.0],
                    count: [rows.1, columns.1],
                    origin: [rows.2, columns.2],
                    stride: term.stride,
                });
            }
            steps.extend(taps.iter().map(|tap| tap.step));
            all.push((taps, phases));
        }
        let shift = steps.iter().map(|[m, n]| m * row + n).max().unwrap_or(0);
        Self {
            row,
            shift,
            terms: all,
            output,
        }
    }

    /// Exponents of the outputs without the shift, rising.
    pub fn outputs(&self) -> Vec<usize> {
        let rows = 0..self.output.1;
        rows.flat_map(|y| (0..self.output.2).map(move |x| (y, x)))
            .map(|(y, x)| y * self.row + x)
            .collect()
    }

    /// Exponent of a tap.
    pub fn tap(&self, tap: &Tap) -> usize {
        self.shift - tap.step[0] * self.row - tap.step[1]
    }

    /// Exponents that are reached but no output's, rising.
    pub fn junk(&self) -> Vec<usize> {
        let mut junk = BTreeSet::new();
        for (taps, phases) in &self.terms {
            for phase in phases {
                let [first_row, first_column] = phase.first;
                for tap in taps.iter().filter(|tap| tap.phase == phase.phase) {
                    let tap = self.tap(tap);
                    for a in first_row..first_row + phase.count[0] {
                        for b in first_column..first_column + phase.count[1] {
                            let exponent = a * self.row + b + tap;
                            if !self.is_output(exponent) {
                                junk.insert(exponent);
                            }
                        }
                    }
                }
            }
        }
        junk.into_iter().collect()
    }

    fn is_output(&self, exponent: usize) -> bool {
        exponent
            .checked_sub(self.shift)
            .is_some_and(|at| at / self.row < self.output.1 && at % self.row < self.output.2)
    }

    /// Sums at the junk's exponents, channel by channel.
    pub fn junk_sums(
        &self,
        terms: &[Convolution],
        inputs: &[(Dims, &[i64])],
        junk: &[usize],
    ) -> Vec<i64> {
        let mut place = vec![usize::MAX; junk.last().map_or(0, |last| last + 1)];
        for (index, &exponent) in junk.iter().enumerate() {
            place[exponent] = index;
        }
        let mut sums = vec![0i64; junk.len() * self.output.0];
        for (((taps, phases), term), (dims, x)) in self.terms.iter().zip(terms).zip(inputs) {
            let area = term.kernel[0] * term.kernel[1];
            for phase in phases {
                for tap in taps.iter().filter(|tap| tap.phase == phase.phase) {
                    let exponent = self.tap(tap);
                    for (at, position) in phase.positions(self.row, *dims) {
                        let index = place.get(at + exponent).copied().unwrap_or(usize::MAX);
                        if index == usize::MAX {
                            continue;
                        }
                        for output in 0..self.output.0 {
                            let first = term.first_channel(output, dims.0);
                            let row = term.row(output, dims.0);
                            let sum = &mut sums[output * junk.len() + index];
                            for (channel, weights) in row.chunks(area).enumerate() {
                                let x = x[(first + channel) * dims.positions() + position];
                                *sum += i64::from(weights[tap.index]) * x;
                            }
                        }
                    }
                }
            }
        }
        sums
    }
}

impl Phase {
    /// Exponents and positions in a channel of the input, exponents rising.
    pub fn positions(&self, row: usize, input: Dims) -> Vec<(usize, usize)> {
        let rows = 0..self.count[0];
        rows.flat_map(|i| (0..self.count[1]).map(move |j| (i, j)))
            .map(|(i, j)| {
                let exponent = (self.first[0] + i) * row + self.first[1] + j;
                let y = self.origin[0] + i * self.stride[0];
                let x = self.origin[1] + j * self.stride[1];
                (exponent, y * input.2 + x)
            })
            .collect()
    }
}
