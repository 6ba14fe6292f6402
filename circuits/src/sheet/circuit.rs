//! A sheet as the proving system wants it: what is assigned where.

use std::collections::HashMap;

use halo2_axiom::{
    circuit::{Cell as Assigned, Layouter, SimpleFloorPlanner, Value as Known},
    plonk::{Advice, Circuit, Column, ConstraintSystem, Error as PlonkError},
};

use super::{
    Layout,
    config::SheetConfig,
    late::Challenges,
    row::{Factor, Kind},
    shape::Shape,
    witness::Witness,
};
use crate::field::Fr;

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
