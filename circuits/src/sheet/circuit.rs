//! The constraint system of a sheet.
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

use std::collections::HashMap;

use halo2_axiom::{
    circuit::{Cell as Assigned, Layouter, SimpleFloorPlanner, Value as Known},
    plonk::{
        Advice, Challenge, Circuit, Column, ConstraintSystem, Error as PlonkError, Expression,
        FirstPhase, Fixed, Instance, SecondPhase,
    },
    poly::Rotation,
};

use super::{
    Layout,
    late::Challenges,
    row::{Factor, Kind},
    shape::{DEGREE, GROUP, Shape},
    witness::Witness,
};
use crate::field::Fr;

/// Columns of a sheet.
#[derive(Debug, Clone)]
pub struct SheetConfig {
    boundary: Vec<Column<Advice>>,
    values: Vec<Column<Advice>>,
    multiplicity: Column<Advice>,
    accumulator: Column<Advice>,
    factor: Column<Advice>,
    helpers: Vec<Column<Advice>>,
    total: Column<Advice>,
    weights: Vec<Column<Fixed>>,
    factor_weight: Column<Fixed>,
    /// Sum, multiply, positions, channels, mixed.
    kinds: [Column<Fixed>; 5],
    open: Column<Fixed>,
    checked: Column<Fixed>,
    base: Column<Fixed>,
    table: Column<Fixed>,
    active: Column<Fixed>,
    edge: Column<Fixed>,
    challenges: [Challenge; 3],
}

/// A layout with or without a witness, as the proving system wants it.
#[derive(Debug, Clone)]
pub struct SheetCircuit<'a> {
    /// The compiled network.
    pub layout: &'a Layout,
    /// Values of phase 1; none while keys are made.
    pub witness: Option<&'a Witness>,
    /// Whether to assign fixed columns and copies beside a witness, as the library's checker needs.
    pub whole: bool,
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

/// Cells that carry one value: all but the first are tied to the first.
#[derive(Default)]
struct Copies {
    first: HashMap<(bool, u32), Assigned>,
    pairs: Vec<(Assigned, Assigned)>,
}

impl Copies {
    fn add(&mut self, late: bool, value: u32, cell: Assigned) {
        match self.first.get(&(late, value)) {
            Some(first) => self.pairs.push((*first, cell)),
            None => {
                self.first.insert((late, value), cell);
            }
        }
    }
}

impl Circuit<Fr> for SheetCircuit<'_> {
    type Config = SheetConfig;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Shape;

    fn params(&self) -> Self::Params {
        self.layout.shape
    }

    fn without_witnesses(&self) -> Self {
        Self {
            layout: self.layout,
            witness: None,
            whole: true,
        }
    }

    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, shape: Shape) -> Self::Config {
        SheetConfig::configure(meta, shape)
    }

    /// The library takes the shape from `params`; without one there is nothing to configure.
    fn configure(meta: &mut ConstraintSystem<Fr>) -> Self::Config {
        SheetConfig::configure(meta, Shape::default())
    }

    fn synthesize(
        &self,
        config: Self::Config,
        mut layouter: impl Layouter<Fr>,
    ) -> Result<(), PlonkError> {
        let [t, s, beta] = config
            .challenges
            .map(|challenge| layouter.get_challenge(challenge));
        let mut challenges = None;
        t.zip(s).zip(beta).map(|((position, channel), lookup)| {
            challenges = Some(Challenges {
                position,
                channel,
                lookup,
            });
        });
        layouter.assign_region(
            || "sheet",
            |mut region| {
                match (self.witness, &challenges) {
                    (None, _) => self.shape_of(&config, &mut region),
                    (Some(witness), None) => {
                        if self.whole {
                            self.shape_of(&config, &mut region);
                        }
                        early(&config, witness, &mut region);
                    }
                    (Some(witness), Some(challenges)) => {
                        late(&config, self.layout, witness, challenges, &mut region);
                    }
                }
                Ok(())
            },
        )
    }
}

type Region<'a> = halo2_axiom::circuit::Region<'a, Fr>;

fn fill(region: &mut Region<'_>, column: Column<Advice>, values: &[Fr]) {
    for (row, value) in values.iter().enumerate() {
        region.assign_advice(column, row, Known::known(*value));
    }
}

/// Phase 1.
fn early(config: &SheetConfig, witness: &Witness, region: &mut Region<'_>) {
    let columns = config
        .boundary
        .iter()
        .chain(&config.values)
        .chain([&config.multiplicity]);
    for (column, values) in columns.zip(witness.columns()) {
        fill(region, *column, values);
    }
}

/// Phase 2.
fn late(
    config: &SheetConfig,
    layout: &Layout,
    witness: &Witness,
    challenges: &Challenges,
    region: &mut Region<'_>,
) {
    let late = witness.late(layout, challenges);
    let columns = [config.accumulator, config.factor].into_iter();
    let columns = columns
        .chain(config.helpers.iter().copied())
        .chain([config.total]);
    for (column, values) in columns.zip(&late.columns) {
        fill(region, column, values);
    }
}

impl SheetCircuit<'_> {
    /// Fixed columns and copy constraints.
    fn shape_of(&self, config: &SheetConfig, region: &mut Region<'_>) {
        let layout = self.layout;
        let mut copies = Copies::default();
        let unknown = || Known::known(Fr::zero());
        let height = layout.shape.rows();
        for (index, value) in layout.boundary.iter().enumerate() {
            let Some(value) = value else { continue };
            let column = config.boundary[index / height];
            let cell = region
                .assign_advice(column, index % height, unknown())
                .cell();
            copies.add(false, value.0, cell);
        }
        for (lane, cells) in layout.values.iter().enumerate() {
            for (row, value) in cells.iter().enumerate() {
                if let Some(value) = value {
                    let cell = region
                        .assign_advice(config.values[lane], row, unknown())
                        .cell();
                    copies.add(false, value.0, cell);
                }
            }
        }
        for (column, weights) in config.weights.iter().zip(&layout.weights) {
            for (row, weight) in weights.iter().enumerate() {
                if *weight != Fr::zero() {
                    region.assign_fixed(*column, row, *weight);
                }
            }
        }
        for (index, row) in layout.rows.iter().enumerate() {
            let (late, value) = match row.factor {
                Factor::None => (false, None),
                Factor::Early(value) => (false, Some(value.0)),
                Factor::Late(value) | Factor::Defined(value) => (true, Some(value.0)),
            };
            if let Some(value) = value {
                let cell = region.assign_advice(config.factor, index, unknown()).cell();
                copies.add(late, value, cell);
                region.assign_fixed(config.factor_weight, index, row.factor_weight);
            }
            let kind = match row.kind {
                Kind::None => None,
                Kind::Sum => Some(0),
                Kind::Multiply => Some(1),
                Kind::Positions => Some(2),
                Kind::Channels => Some(3),
                Kind::Mixed => Some(4),
            };
            if let Some(kind) = kind {
                region.assign_fixed(config.kinds[kind], index, Fr::one());
            }
            if row.open {
                region.assign_fixed(config.open, index, Fr::one());
            }
            if row.checked.is_some() {
                region.assign_fixed(config.checked, index, Fr::one());
            }
            region.assign_fixed(config.base, index, layout.base(row));
        }
        for (index, entry) in layout.table().into_iter().enumerate() {
            region.assign_fixed(config.table, index, entry);
        }
        for row in 0..height {
            region.assign_fixed(config.active, row, Fr::one());
        }
        for row in [0, height] {
            region.assign_fixed(config.edge, row, Fr::one());
        }
        for (first, copy) in copies.pairs {
            region.constrain_equal(first, copy);
        }
    }
}
