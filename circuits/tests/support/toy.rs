//! Small circuits outside the tape that use what the protocol supports: several permutation
//! products, lookups, rotations both ways, degrees 3 to 9, two phases.

use halo2_axiom::{
    circuit::{Layouter, SimpleFloorPlanner, Value},
    halo2curves::bn256::Fr,
    plonk::{
        Advice, Assigned, Circuit, Column, ConstraintSystem, Error, Expression, Fixed, Instance,
    },
    poly::Rotation,
};

use super::phases::Phases;

/// What a toy circuit has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shape {
    /// Columns under copy constraints.
    pub lanes: usize,
    /// Degree of the constraint system, 3 to 9.
    pub degree: usize,
    /// Lookups of two expressions.
    pub lookups: usize,
    /// A gate that looks one row back, too.
    pub back: bool,
    /// The first column is queried next, before it is here.
    pub next_first: bool,
    /// A first column of zeros, whose commitment is infinity if it is not blinded.
    pub idle: bool,
    /// Challenges after the first phase.
    pub challenges: usize,
    /// Columns of the second phase.
    pub second: usize,
    /// Two more of them, under copy constraints with a column of each phase.
    pub mirrors: bool,
    /// More fixed columns.
    pub fixed: usize,
    /// Public words and rows from one to the next.
    pub words: usize,
    pub stride: usize,
    /// Added to every weight, so that circuits of one shape have different keys.
    pub salt: u64,
    /// log2 of the number of rows.
    pub k: u32,
}

/// A running sum of products over the lanes, public words added on their rows.
#[derive(Debug, Clone)]
pub struct Toy {
    pub shape: Shape,
    /// Public words.
    pub words: Vec<Fr>,
}

#[derive(Debug, Clone)]
pub struct Config {
    shape: Shape,
    idle: Option<Column<Advice>>,
    lanes: Vec<Column<Advice>>,
    sum: Column<Advice>,
    weights: Vec<Column<Fixed>>,
    table: [Column<Fixed>; 2],
    on: Column<Fixed>,
    instance: Column<Instance>,
    phases: Option<Phases>,
}

const ROWS: usize = 100;
const TABLE: u64 = 16;

impl Shape {
    /// Rows in use, one less than the running sums have.
    pub fn rows(&self) -> usize {
        ROWS.max(self.words * self.stride)
    }
}

impl Circuit<Fr> for Toy {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Shape;

    fn params(&self) -> Shape {
        self.shape
    }

    fn without_witnesses(&self) -> Self {
        self.clone()
    }

    fn configure(_: &mut ConstraintSystem<Fr>) -> Config {
        unreachable!("configured with parameters")
    }

    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, shape: Shape) -> Config {
        let idle = shape.idle.then(|| meta.advice_column());
        let lanes: Vec<_> = (0..shape.lanes).map(|_| meta.advice_column()).collect();
        let sum = meta.advice_column();
        let weights: Vec<_> = lanes.iter().map(|_| meta.fixed_column()).collect();
        let table = [meta.fixed_column(), meta.fixed_column()];
        let on = meta.fixed_column();
        let instance = meta.instance_column();
        for lane in &lanes {
            meta.enable_equality(*lane);
        }
        let phases = Phases::configure(meta, &shape, &lanes, on);
        if let Some(idle) = idle {
            meta.create_gate("idle", |meta| {
                let on = meta.query_fixed(on, Rotation::cur());
                vec![on * meta.query_advice(idle, Rotation::cur())]
            });
        }
        if shape.next_first {
            meta.create_gate("ahead", |meta| {
                let next = meta.query_advice(lanes[0], Rotation::next());
                let here = meta.query_advice(lanes[0], Rotation::cur());
                let on = meta.query_fixed(on, Rotation::cur());
                vec![on * (next.clone() - next) * here]
            });
        }
        meta.create_gate("sum", |meta| {
            let here = meta.query_advice(sum, Rotation::cur());
            let next = meta.query_advice(sum, Rotation::next());
            let on = meta.query_fixed(on, Rotation::cur());
            let public = meta.query_instance(instance, Rotation::cur());
            let products = lanes.iter().zip(&weights).map(|(lane, weight)| {
                let lane = meta.query_advice(*lane, Rotation::cur());
                lane * meta.query_fixed(*weight, Rotation::cur())
            });
            let total = products.fold(here + public, |sum, product| sum + product);
            vec![on * (next - total)]
        });
        meta.create_gate("digit", |meta| {
            let a = meta.query_advice(lanes[0], Rotation::cur());
            let on = meta.query_fixed(on, Rotation::cur());
            // As many digits as the degree leaves room for, then the rest of it.
            let digits = 1..shape.degree as u64 - 1;
            vec![digits.fold(on * a.clone(), |product, digit| {
                product * (a.clone() - Expression::Constant(Fr::from(digit)))
            })]
        });
        if shape.back {
            meta.create_gate("back", |meta| {
                let before = meta.query_advice(*lanes.last().unwrap(), Rotation::prev());
                let here = meta.query_advice(*lanes.last().unwrap(), Rotation::cur());
                let weight = meta.query_fixed(weights[0], Rotation::prev());
                let on = meta.query_fixed(on, Rotation::cur());
                vec![on * (here - before) * (weight.clone() - weight)]
            });
        }
        for lookup in 0..shape.lookups {
            let lane = lanes[lookup % lanes.len()];
            meta.lookup_any("square", |meta| {
                let on = meta.query_fixed(on, Rotation::cur());
                let a = meta.query_advice(lane, Rotation::cur());
                let table = table.map(|column| meta.query_fixed(column, Rotation::cur()));
                let [index, square] = table;
                let a = match &phases {
                    Some(phases) => phases.tied(meta, a),
                    None => a,
                };
                vec![(on.clone(), square), (on * a, index)]
            });
        }
        meta.set_minimum_degree(shape.degree);
        assert_eq!(meta.degree(), shape.degree, "{shape:?}");
        Config {
            shape,
            idle,
            lanes,
            sum,
            weights,
            table,
            on,
            instance,
            phases,
        }
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let shape = config.shape;
        layouter.assign_region(
            || "toy",
            |mut region| {
                let known = |value: Fr| Value::known(Assigned::Trivial(value));
                let mut sum = Fr::zero();
                for row in 0..shape.rows() {
                    // One value in all lanes and all rows, so that every copy holds.
                    let value = Fr::from(1);
                    let mut cells = Vec::new();
                    region.assign_fixed(config.on, row, Fr::from(1));
                    region.assign_advice(config.sum, row, known(sum));
                    if let Some(idle) = config.idle {
                        region.assign_advice(idle, row, known(Fr::zero()));
                    }
                    for (lane, column) in config.lanes.iter().enumerate() {
                        let weight = Fr::from((7 * row + lane) as u64 + shape.salt);
                        region.assign_fixed(config.weights[lane], row, weight);
                        cells.push(region.assign_advice(*column, row, known(value)).cell());
                        sum += weight * value;
                    }
                    for pair in cells.windows(2) {
                        region.constrain_equal(pair[0], pair[1]);
                    }
                    if row % shape.stride == 0 {
                        sum += self
                            .words
                            .get(row / shape.stride)
                            .copied()
                            .unwrap_or_default();
                    }
                    let index = (row as u64) % TABLE;
                    region.assign_fixed(config.table[0], row, Fr::from(index));
                    region.assign_fixed(config.table[1], row, Fr::from(u64::from(index == 1)));
                }
                region.assign_advice(config.sum, shape.rows(), known(sum));
                if let Some(phases) = &config.phases {
                    phases.assign(&mut region, &shape, config.lanes[0]);
                }
                Ok(())
            },
        )
    }
}
