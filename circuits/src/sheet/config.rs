//! Columns and gates of a sheet.
//!
//! | column | phase | what |
//! |---|---|---|
//! | boundary | 1 | committed tensors |
//! | A_1..A_L | 1 | values |
//! | M | 1 | how often each table entry is used |
//! | ACC | 2 | the accumulator before the row |
//! | B | 2 | factor: a value that depends on the challenges, or a copy |
//! | H_1.. | 2 | sum of 1 / (beta + base + A_j) over three lanes |
//! | S | 2 | sum of everything looked up minus everything in the table |
//!
//! Challenges after phase 1: t (positions), s (channels), beta (lookups). Every value of phase 1 is
//! committed before they are known, so two polynomials in t and s with such coefficients that agree
//! at the challenges are equal but for a probability of degree / r (Schwartz and Zippel), and sums
//! of fractions in beta are equal only if their poles are (Haboeck, "Multivariate lookups based on
//! logarithmic derivatives", 2022).

use halo2_axiom::{
    plonk::{
        Advice, Challenge, Column, ConstraintSystem, Expression, FirstPhase, Fixed, Instance,
        SecondPhase,
    },
    poly::Rotation,
};

use super::shape::{DEGREE, GROUP, Shape};
use crate::field::Fr;

/// Columns of a sheet.
#[derive(Debug, Clone)]
pub struct SheetConfig {
    pub(super) boundary: Vec<Column<Advice>>,
    pub(super) values: Vec<Column<Advice>>,
    pub(super) multiplicity: Column<Advice>,
    pub(super) accumulator: Column<Advice>,
    pub(super) factor: Column<Advice>,
    pub(super) helpers: Vec<Column<Advice>>,
    pub(super) total: Column<Advice>,
    pub(super) weights: Vec<Column<Fixed>>,
    pub(super) factor_weight: Column<Fixed>,
    /// Sum, multiply, positions, channels, mixed.
    pub(super) kinds: [Column<Fixed>; 5],
    pub(super) open: Column<Fixed>,
    pub(super) checked: Column<Fixed>,
    pub(super) base: Column<Fixed>,
    pub(super) table: Column<Fixed>,
    pub(super) active: Column<Fixed>,
    pub(super) edge: Column<Fixed>,
    pub(super) challenges: [Challenge; 3],
}

fn constant(value: u64) -> Expression<Fr> {
    Expression::Constant(Fr::from(value))
}

impl SheetConfig {
    /// Declares columns and gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, shape: Shape) -> Self {
        let boundary: Vec<_> = (0..shape.boundary).map(|_| meta.advice_column()).collect();
        let values: Vec<_> = (0..shape.lanes).map(|_| meta.advice_column()).collect();
        let multiplicity = meta.advice_column();
        let challenges = [(); 3].map(|()| meta.challenge_usable_after(FirstPhase));
        let accumulator = meta.advice_column_in(SecondPhase);
        let factor = meta.advice_column_in(SecondPhase);
        let helpers: Vec<_> = (0..shape.helpers())
            .map(|_| meta.advice_column_in(SecondPhase))
            .collect();
        let total = meta.advice_column_in(SecondPhase);
        let config = Self {
            boundary,
            values,
            multiplicity,
            accumulator,
            factor,
            helpers,
            total,
            weights: (0..shape.lanes).map(|_| meta.fixed_column()).collect(),
            factor_weight: meta.fixed_column(),
            kinds: [(); 5].map(|()| meta.fixed_column()),
            open: meta.fixed_column(),
            checked: meta.fixed_column(),
            base: meta.fixed_column(),
            table: meta.fixed_column(),
            active: meta.fixed_column(),
            edge: meta.fixed_column(),
            challenges,
        };
        let instance = meta.instance_column();
        for column in config.boundary.iter().chain(&config.values) {
            meta.enable_equality(*column);
        }
        meta.enable_equality(factor);
        meta.set_minimum_degree(DEGREE);
        config.accumulate(meta, instance);
        config.look_up(meta);
        config
    }

    /// The accumulator's gates.
    fn accumulate(&self, meta: &mut ConstraintSystem<Fr>, instance: Column<Instance>) {
        meta.create_gate("accumulator", |meta| {
            let values: Vec<_> = self
                .values
                .iter()
                .zip(&self.weights)
                .map(|(&a, &w)| {
                    meta.query_fixed(w, Rotation::cur()) * meta.query_advice(a, Rotation::cur())
                })
                .collect();
            let acc = meta.query_advice(self.accumulator, Rotation::cur());
            let next = meta.query_advice(self.accumulator, Rotation::next());
            let b = meta.query_advice(self.factor, Rotation::cur());
            let v = meta.query_fixed(self.factor_weight, Rotation::cur());
            let [sum, multiply, positions, channels, mixed] = self
                .kinds
                .map(|kind| meta.query_fixed(kind, Rotation::cur()));
            let open = meta.query_fixed(self.open, Rotation::cur());
            let checked = meta.query_fixed(self.checked, Rotation::cur());
            let base = meta.query_fixed(self.base, Rotation::cur());
            let word = meta.query_instance(instance, Rotation::cur());
            let [t, s, _] = self.challenges.map(|challenge| challenge.expr());
            // Sums over the lanes with powers of a challenge, and the power after the last lane.
            let horner = |x: &Expression<Fr>, first: Expression<Fr>| {
                values
                    .iter()
                    .rev()
                    .fold(first, |acc, value| acc * x.clone() + value.clone())
            };
            let plain = values
                .iter()
                .fold(constant(0), |sum, value| sum + value.clone());
            let zero = || constant(0);
            vec![
                sum * (next.clone()
                    - acc.clone()
                    - plain.clone()
                    - v * b.clone()
                    - (constant(1) - checked) * base
                    - word)
                    + multiply * (next.clone() - acc.clone() * b - plain)
                    + positions * (next.clone() - horner(&t, acc.clone()))
                    + channels * (next.clone() - horner(&s, acc.clone()))
                    + mixed * (next - acc.clone() * t - horner(&s, zero())),
                open * acc,
            ]
        });
    }

    /// The lookup argument's gates.
    fn look_up(&self, meta: &mut ConstraintSystem<Fr>) {
        meta.create_gate("lookup", |meta| {
            let checked = meta.query_fixed(self.checked, Rotation::cur());
            let base = meta.query_fixed(self.base, Rotation::cur());
            let table = meta.query_fixed(self.table, Rotation::cur());
            let active = meta.query_fixed(self.active, Rotation::cur());
            let edge = meta.query_fixed(self.edge, Rotation::cur());
            let total = meta.query_advice(self.total, Rotation::cur());
            let next = meta.query_advice(self.total, Rotation::next());
            let uses = meta.query_advice(self.multiplicity, Rotation::cur());
            let beta = self.challenges[2].expr();
            let poles: Vec<_> = self
                .values
                .iter()
                .map(|&a| beta.clone() + base.clone() + meta.query_advice(a, Rotation::cur()))
                .collect();
            let helpers: Vec<_> = self
                .helpers
                .iter()
                .map(|&h| meta.query_advice(h, Rotation::cur()))
                .collect();
            let mut gates: Vec<_> = poles
                .chunks(GROUP)
                .zip(&helpers)
                .map(|(poles, helper)| {
                    let product = |skip: usize| {
                        let others = poles.iter().enumerate().filter(|(j, _)| *j != skip);
                        others
                            .map(|(_, pole)| pole.clone())
                            .reduce(|p, pole| p * pole)
                    };
                    let all = product(usize::MAX).unwrap_or(constant(1));
                    let sum = (0..poles.len())
                        .map(|skip| product(skip).unwrap_or(constant(1)))
                        .fold(constant(0), |sum, product| sum + product);
                    checked.clone() * (helper.clone() * all - sum)
                })
                .collect();
            let used = helpers
                .iter()
                .fold(constant(0), |sum, helper| sum + helper.clone());
            gates.push(active * ((next - total.clone() - checked * used) * (beta + table) + uses));
            gates.push(edge * total);
            gates
        });
    }
}
