//! Columns of phase 2.

use halo2_axiom::halo2curves::ff::BatchInvert;
use rayon::prelude::*;

use super::{
    layout::{Layout, offset},
    row::{Factor, Kind},
    shape::GROUP,
    witness::Witness,
};
use crate::field::{Fr, from_word};

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
    /// Columns of phase 2, by running the gates forward.
    pub fn late(&self, layout: &Layout, challenges: &Challenges) -> Late {
        let lanes = &self.columns()[layout.shape.boundary..][..layout.shape.lanes];
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
                Factor::Early(value) => self.values()[value.0 as usize],
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
        let uses = self.columns().last().map_or(&[][..], Vec::as_slice);
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
