//! Filling a sheet.

use halo2_axiom::halo2curves::ff::{BatchInvert, PrimeField};
use rayon::prelude::*;

use super::{
    block::{Block, Meaning, NormPart},
    grid::Grid,
    layout::{Layout, offset},
    lookup::bits,
    maximum::candidates,
    row::{Factor, Kind},
    shape::GROUP,
    statement::{class_of, words_of},
};
use crate::{
    Error,
    field::{Fr, Word, from_int, from_word},
    network::{Operator, Trace},
};

/// Values of phase 1 for one input, and the statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Boundary columns, lanes, multiplicities.
    columns: Vec<Vec<Fr>>,
    /// Every value of the sheet.
    values: Vec<Fr>,
    /// The public words.
    pub words: Vec<Word>,
    /// The network's output.
    pub output: Vec<i64>,
}

/// What the verifier draws after phase 1.
#[derive(Debug, Clone, Copy)]
pub struct Challenges {
    /// t.
    pub position: Fr,
    /// s.
    pub channel: Fr,
    /// beta.
    pub lookup: Fr,
}

/// Columns of phase 2: accumulator, factor, helpers, total.
#[derive(Debug, Clone)]
pub struct Late {
    /// In the order of the circuit.
    pub columns: Vec<Vec<Fr>>,
}

impl Witness {
    /// Runs the network and fills the columns of phase 1.
    ///
    /// # Errors
    /// [`Error::Input`] for an input that the network refuses, [`Error::PublicInput`] for a binding
    /// above 248 bits.
    pub fn generate(layout: &Layout, input: &[i64], binding: Word) -> Result<Self, Error> {
        let trace = layout.network().trace(input)?;
        Self::from_trace(layout, &trace, binding)
    }

    /// Fills the columns of phase 1 from a trace of the layout's network.
    ///
    /// # Errors
    /// [`Error::PublicInput`] for a binding above 248 bits, [`Error::Prover`] for a value outside
    /// its range, which a trace of the network does not have.
    pub fn from_trace(layout: &Layout, trace: &Trace, binding: Word) -> Result<Self, Error> {
        let words = words_of(layout.visibilities(), trace, binding)?;
        let values = Self::values_of(layout, trace, binding);
        let (witness, strays) = Self::assemble(layout, values, words, trace.output().to_vec());
        if let Some(row) = strays.first() {
            return Err(Error::Prover(format!(
                "a value of row {row} is outside its range"
            )));
        }
        Ok(witness)
    }

    /// Every value of the sheet for a trace, be it the network's or not.
    pub fn values_of(layout: &Layout, trace: &Trace, binding: Word) -> Vec<Fr> {
        let numbers: Vec<Vec<i128>> = layout
            .blocks
            .par_iter()
            .map(|block| match &block.meaning {
                Meaning::Binding | Meaning::Sums(_) => vec![],
                _ => meaning(layout, trace, block),
            })
            .collect();
        let mut values: Vec<Fr> = Vec::with_capacity(layout.value_count);
        for (block, numbers) in layout.blocks.iter().zip(numbers) {
            values.extend(numbers.into_iter().map(field));
            match &block.meaning {
                Meaning::Binding => values.push(from_word(&binding).unwrap_or_default()),
                Meaning::Sums(sums) => {
                    for sum in sums {
                        let value = sum.of(&values);
                        values.push(value);
                    }
                }
                _ => {}
            }
        }
        values
    }

    /// Puts values into columns. Also returns the checked rows with a value that is not in their
    /// table: no proof of such columns holds.
    pub fn assemble(
        layout: &Layout,
        values: Vec<Fr>,
        words: Vec<Word>,
        output: Vec<i64>,
    ) -> (Self, Vec<usize>) {
        let (uses, strays) = multiplicities(layout, &values);
        let height = layout.shape.rows();
        let boundary = layout.boundary.chunks(height).map(|column| {
            column
                .iter()
                .map(|value| value.map_or(Fr::zero(), |v| values[v.0 as usize]))
                .collect()
        });
        let lanes = layout.values.par_iter().map(|cells| {
            let rows = cells.iter().zip(&layout.rows);
            rows.map(|(value, row)| match (value, row.checked) {
                (Some(value), _) => values[value.0 as usize],
                // An empty lane of a checked row holds the table's first entry.
                (None, Some(table)) => filler(layout, table),
                (None, None) => Fr::zero(),
            })
            .collect()
        });
        let mut columns: Vec<Vec<Fr>> = boundary.collect();
        columns.extend(lanes.collect::<Vec<Vec<Fr>>>());
        columns.push(uses);
        let witness = Self {
            columns,
            values,
            words,
            output,
        };
        (witness, strays)
    }

    /// Every value of the sheet.
    pub fn values(&self) -> &[Fr] {
        &self.values
    }

    /// Columns of phase 1.
    pub fn columns(&self) -> &[Vec<Fr>] {
        &self.columns
    }

    /// Columns of phase 1, to forge.
    pub fn columns_mut(&mut self) -> &mut [Vec<Fr>] {
        &mut self.columns
    }

    /// Columns of phase 2, by running the gates forward.
    pub fn late(&self, layout: &Layout, challenges: &Challenges) -> Late {
        let lanes = &self.columns[layout.shape.boundary..][..layout.shape.lanes];
        let (accumulators, factors) = self.accumulate(layout, challenges, lanes);
        let mut columns = vec![accumulators, factors];
        let (helpers, total) = self.look_up(layout, challenges, lanes);
        columns.extend(helpers);
        columns.push(total);
        Late { columns }
    }

    fn accumulate(
        &self,
        layout: &Layout,
        challenges: &Challenges,
        lanes: &[Vec<Fr>],
    ) -> (Vec<Fr>, Vec<Fr>) {
        let words: Vec<Fr> = self
            .words
            .iter()
            .map(|word| from_word(word).unwrap_or_default())
            .collect();
        let (t, s) = (challenges.position, challenges.channel);
        let mut late = vec![Fr::zero(); layout.late_count];
        let mut accumulators = Vec::with_capacity(layout.rows.len());
        let mut factors = Vec::with_capacity(layout.rows.len());
        let mut acc = Fr::zero();
        for (index, row) in layout.rows.iter().enumerate() {
            accumulators.push(acc);
            let mut factor = match row.factor {
                Factor::None | Factor::Defined(_) => Fr::zero(),
                Factor::Early(value) => self.values[value.0 as usize],
                Factor::Late(value) => late[value.0 as usize],
            };
            let products = || {
                lanes.iter().zip(&layout.weights).map(|(lane, weights)| {
                    let (weight, value) = (weights[index], lane[index]);
                    if weight == Fr::zero() || value == Fr::zero() {
                        Fr::zero()
                    } else if weight == Fr::one() {
                        value
                    } else {
                        weight * value
                    }
                })
            };
            let plain = || products().fold(Fr::zero(), |sum, product| sum + product);
            let horner = |x: Fr, first: Fr| {
                let products: Vec<Fr> = products().collect();
                products
                    .iter()
                    .rev()
                    .fold(first, |acc, product| acc * x + product)
            };
            let next = match row.kind {
                Kind::None => Fr::zero(),
                Kind::Sum => {
                    let word = index
                        .is_multiple_of(layout.stride)
                        .then(|| words.get(index / layout.stride))
                        .flatten()
                        .copied()
                        .unwrap_or_default();
                    let constant = if row.checked.is_none() {
                        row.constant
                    } else {
                        Fr::zero()
                    };
                    let sum = acc + plain() + constant + word;
                    if let Factor::Defined(value) = row.factor {
                        factor = sum;
                        late[value.0 as usize] = sum;
                    }
                    sum + row.factor_weight * factor
                }
                Kind::Multiply => acc * factor + plain(),
                Kind::Positions => horner(t, acc),
                Kind::Channels => horner(s, acc),
                Kind::Mixed => acc * t + horner(s, Fr::zero()),
            };
            factors.push(factor);
            acc = next;
        }
        (accumulators, factors)
    }

    fn look_up(
        &self,
        layout: &Layout,
        challenges: &Challenges,
        lanes: &[Vec<Fr>],
    ) -> (Vec<Vec<Fr>>, Vec<Fr>) {
        let beta = challenges.lookup;
        let height = layout.shape.rows();
        let helpers: Vec<Vec<Fr>> = lanes
            .par_chunks(GROUP)
            .map(|lanes| {
                let mut poles: Vec<Fr> = Vec::with_capacity(lanes.len() * layout.rows.len());
                for (index, row) in layout.rows.iter().enumerate() {
                    if let Some(table) = row.checked {
                        let base = offset(table) + beta;
                        poles.extend(lanes.iter().map(|lane| base + lane[index]));
                    }
                }
                poles.iter_mut().batch_invert();
                let mut fractions = poles.chunks(lanes.len());
                let sums = layout.rows.iter().map(|row| match row.checked {
                    None => Fr::zero(),
                    Some(_) => fractions
                        .next()
                        .map_or(Fr::zero(), |f| f.iter().fold(Fr::zero(), |sum, f| sum + f)),
                });
                sums.collect()
            })
            .collect();
        let mut entries: Vec<Fr> = layout.table().iter().map(|entry| beta + entry).collect();
        entries.iter_mut().batch_invert();
        let uses = self.columns.last().map_or(&[][..], Vec::as_slice);
        let mut total = Vec::with_capacity(height + 1);
        let mut sum = Fr::zero();
        for index in 0..height {
            total.push(sum);
            if layout
                .rows
                .get(index)
                .is_some_and(|row| row.checked.is_some())
            {
                sum = helpers.iter().fold(sum, |sum, helper| sum + helper[index]);
            }
            if let Some(uses) = uses.get(index)
                && *uses != Fr::zero()
            {
                sum -= *uses * entries[index];
            }
        }
        total.push(sum);
        (helpers, total)
    }
}

fn field(number: i128) -> Fr {
    u64::try_from(number).map_or_else(|_| from_int(number), Fr::from)
}

fn filler(layout: &Layout, table: u32) -> Fr {
    let first = layout.lookups.tables[table as usize].values.first();
    Fr::from(first.copied().unwrap_or_default() as u64)
}

/// How often every entry of the table column is looked up, and the rows with a value that is none.
fn multiplicities(layout: &Layout, values: &[Fr]) -> (Vec<Fr>, Vec<usize>) {
    let mut uses = vec![0u64; layout.shape.rows()];
    let mut strays = vec![];
    for (index, row) in layout.rows.iter().enumerate() {
        let Some(table) = row.checked else { continue };
        let entries = &layout.lookups.tables[table as usize];
        for cells in &layout.values {
            let place = match cells[index] {
                None => Some(0),
                Some(value) => small(&values[value.0 as usize]).and_then(|v| entries.find(v)),
            };
            match place {
                Some(place) => uses[entries.start + place] += 1,
                None => strays.push(index),
            }
        }
    }
    (uses.into_iter().map(Fr::from).collect(), strays)
}

/// A field element as a non-negative integer below 2^63, if it is one.
fn small(value: &Fr) -> Option<i64> {
    let repr = value.to_repr();
    let (low, high) = repr.split_at(8);
    let low = u64::from_le_bytes(low.try_into().ok()?);
    if high.iter().any(|&byte| byte != 0) {
        return None;
    }
    i64::try_from(low).ok()
}

/// `width` bits at `offset` of a number; all of it for width 0.
fn bits_of(number: i128, offset: u32, width: u32) -> i128 {
    if width == 0 {
        number
    } else {
        (number >> offset) & ((1 << width) - 1)
    }
}

/// The numbers of a block.
fn meaning(layout: &Layout, trace: &Trace, block: &Block) -> Vec<i128> {
    let network = layout.network();
    match &block.meaning {
        Meaning::One => vec![1],
        Meaning::Binding | Meaning::Sums(_) => vec![],
        Meaning::Tensor {
            tensor,
            lows,
            offset,
            width,
        } => {
            let values = &trace.tensors[*tensor];
            let per_low = values.len().div_ceil(lows.len());
            let number = |(at, &value): (usize, &i64)| {
                bits_of(
                    i128::from(value) - i128::from(lows[at / per_low]),
                    *offset,
                    *width,
                )
            };
            values.iter().enumerate().map(number).collect()
        }
        Meaning::Remainder {
            node,
            offset,
            width,
        } => {
            let remainders = trace.nodes[*node].remainders.iter();
            remainders
                .map(|&value| bits_of(value.into(), *offset, *width))
                .collect()
        }
        Meaning::Entry {
            node,
            argument_low,
            bits,
            value_low,
        } => {
            let arguments = &trace.nodes[*node].quotients;
            let results = &trace.tensors[node + 1];
            let entry = |(&x, &y): (&i64, &i64)| {
                i128::from(x - argument_low) + (i128::from(y - value_low) << bits)
            };
            arguments.iter().zip(results).map(entry).collect()
        }
        Meaning::Junk { node } => junk(layout, trace, *node),
        Meaning::StepEntry { node, step } => steps(layout, trace, *node, *step, true),
        Meaning::Step { node, step } => steps(layout, trace, *node, *step, false),
        Meaning::TopKey { windows } => {
            let outputs = trace.output().chunks(trace.output().len() / windows);
            outputs
                .map(|outputs| key(outputs, class_of(outputs)))
                .collect()
        }
        Meaning::KeyGap {
            windows,
            offset,
            width,
        } => {
            let windows = trace.output().chunks(trace.output().len() / windows);
            let gaps = windows.flat_map(|outputs| {
                let top = key(outputs, class_of(outputs));
                (0..outputs.len()).map(move |output| top - key(outputs, output))
            });
            gaps.map(|gap| bits_of(gap, *offset, *width)).collect()
        }
        Meaning::OneHot { windows } => {
            let windows = trace.output().chunks(trace.output().len() / windows);
            let hot = windows.flat_map(|outputs| {
                let class = class_of(outputs);
                (0..outputs.len()).map(move |output| i128::from(output == class))
            });
            hot.collect()
        }
        Meaning::Norm {
            node,
            part,
            offset,
            width,
        } => {
            let numbers = norm(layout, trace, *node, *part);
            let Operator::Norm(_) = &network.nodes[*node].operator else {
                return vec![];
            };
            numbers
                .into_iter()
                .map(|number| bits_of(number, *offset, *width))
                .collect()
        }
    }
}

/// Ranking key of an output.
fn key(outputs: &[i64], output: usize) -> i128 {
    let count = outputs.len() as i128;
    count * i128::from(outputs[output]) + count - 1 - output as i128
}

fn junk(layout: &Layout, trace: &Trace, node: usize) -> Vec<i128> {
    let network = layout.network();
    let Operator::Linear(linear) = &network.nodes[node].operator else {
        return vec![];
    };
    let dims = network.dims();
    let shapes: Vec<_> = linear.terms.iter().map(|term| dims[term.input]).collect();
    let inputs: Vec<_> = linear
        .terms
        .iter()
        .map(|term| (dims[term.input], trace.tensors[term.input].as_slice()))
        .collect();
    let grid = Grid::of(&linear.terms, &shapes, dims[node + 1]);
    let sums = grid.junk_sums(&linear.terms, &inputs, &grid.junk());
    sums.into_iter().map(i128::from).collect()
}

/// Entries or raises of one step of a maximum.
fn steps(layout: &Layout, trace: &Trace, node: usize, step: usize, entry: bool) -> Vec<i128> {
    let network = layout.network();
    let Operator::Maximum {
        input,
        kernel,
        stride,
        padding,
    } = &network.nodes[node].operator
    else {
        return vec![];
    };
    let dims = network.dims();
    let candidates = candidates(dims[*input], dims[node + 1], *kernel, *stride, *padding);
    let x = &trace.tensors[*input];
    let interval = layout.bounds().tensors[node + 1];
    let size = interval.len() as i128;
    let shift = bits(2 * interval.len() - 1);
    (0..candidates[0].len())
        .map(|window| {
            let before = candidates[..step].iter().map(|step| x[step[window]]).max();
            let apart = i128::from(x[candidates[step][window]] - before.unwrap_or_default());
            let raise = apart.max(0);
            if entry {
                apart + size - 1 + (raise << shift)
            } else {
                raise
            }
        })
        .collect()
}

fn norm(layout: &Layout, trace: &Trace, node: usize, part: NormPart) -> Vec<i128> {
    let Operator::Norm(norm) = &layout.network().nodes[node].operator else {
        return vec![];
    };
    let interval = layout.bounds().tensors[norm.input];
    let x = &trace.tensors[norm.input];
    let above = x.iter().map(|&x| i128::from(x - interval.low));
    let target = (norm.group as i128) << (2 * norm.precision);
    let groups = || {
        let inverses = trace.nodes[node].inverses.iter();
        x.chunks(norm.group)
            .zip(inverses)
            .map(|(group, &r)| (norm.moments(group).1, i128::from(r)))
    };
    match part {
        NormPart::Entry => {
            let shift = bits(interval.len());
            above.map(|x| x + ((x * x) << shift)).collect()
        }
        NormPart::Square => above.map(|x| x * x).collect(),
        NormPart::Inverse => groups().map(|(_, r)| r).collect(),
        NormPart::Below => groups().map(|(v, r)| target - r * r * v).collect(),
        NormPart::Above => groups()
            .map(|(v, r)| (r + 1) * (r + 1) * v - target - 1)
            .collect(),
    }
}
