//! The second phase of a toy circuit: running folds of the lanes by powers of the challenges, and
//! mirrors of a column of each phase.

use halo2_axiom::{
    circuit::{Cell, Region, Value},
    halo2curves::bn256::Fr,
    plonk::{
        Advice, Assigned, Challenge, Column, ConstraintSystem, Expression, FirstPhase, Fixed,
        SecondPhase, VirtualCells,
    },
    poly::Rotation,
};

use super::toy::Shape;

/// Challenges, columns of the second phase, and the fixed columns that only their gates have.
#[derive(Debug, Clone)]
pub struct Phases {
    challenges: Vec<Challenge>,
    folds: Vec<Column<Advice>>,
    /// Of the first fold and of the first lane.
    mirrors: Option<[Column<Advice>; 2]>,
    /// Rows in use behind another one.
    inside: Column<Fixed>,
    fixed: Vec<Column<Fixed>>,
}

/// What folds take for a challenge if there is none.
fn constant() -> Fr {
    Fr::from(3)
}

/// Of a fold: the factor of its last value and of the sum so far, and that of a lane.
fn factors<T: Clone>(challenges: &[T], fold: usize, none: T) -> [T; 2] {
    [fold, fold + 1].map(|index| match challenges.len() {
        0 => none.clone(),
        count => challenges[index % count].clone(),
    })
}

impl Phases {
    /// Allocates what a shape asks for and constrains it.
    pub fn configure(
        meta: &mut ConstraintSystem<Fr>,
        shape: &Shape,
        lanes: &[Column<Advice>],
        on: Column<Fixed>,
    ) -> Option<Self> {
        if shape.challenges + shape.second + shape.fixed == 0 {
            return None;
        }
        let challenges = (0..shape.challenges).map(|_| meta.challenge_usable_after(FirstPhase));
        let challenges: Vec<_> = challenges.collect();
        let folds = (0..shape.second).map(|_| meta.advice_column_in(SecondPhase));
        let folds: Vec<_> = folds.collect();
        let mirrors = shape
            .mirrors
            .then(|| [(); 2].map(|()| meta.advice_column_in(SecondPhase)));
        if let Some(mirrors) = mirrors {
            meta.enable_equality(folds[0]);
            for mirror in mirrors {
                meta.enable_equality(mirror);
            }
        }
        let phases = Self {
            challenges,
            folds,
            mirrors,
            inside: meta.fixed_column(),
            fixed: (0..shape.fixed).map(|_| meta.fixed_column()).collect(),
        };
        phases.constrain(meta, shape, lanes, on);
        phases.constrain_lane(meta, shape, lanes[0], on);
        Some(phases)
    }

    fn expressions(&self) -> Vec<Expression<Fr>> {
        self.challenges.iter().map(Challenge::expr).collect()
    }

    /// Every fold against the row before, and against the row before that if the shape looks back.
    fn constrain(
        &self,
        meta: &mut ConstraintSystem<Fr>,
        shape: &Shape,
        lanes: &[Column<Advice>],
        on: Column<Fixed>,
    ) {
        for (index, fold) in self.folds.iter().enumerate() {
            let none = Expression::Constant(constant());
            let [a, b] = factors(&self.expressions(), index, none);
            let weighted = |meta: &mut VirtualCells<'_, Fr>, rotation| {
                lanes
                    .iter()
                    .fold(Expression::Constant(Fr::zero()), |sum, lane| {
                        let lane = meta.query_advice(*lane, rotation);
                        sum * a.clone() + lane * (b.clone() * b.clone())
                    })
            };
            meta.create_gate("fold", |meta| {
                let here = meta.query_advice(*fold, Rotation::cur());
                let next = meta.query_advice(*fold, Rotation::next());
                let on = meta.query_fixed(on, Rotation::cur());
                let added = weighted(meta, Rotation::cur());
                vec![on * (next - (here * a.clone() + added))]
            });
            if shape.back {
                meta.create_gate("fold of two rows", |meta| {
                    let before = meta.query_advice(*fold, Rotation::prev());
                    let next = meta.query_advice(*fold, Rotation::next());
                    let inside = meta.query_fixed(self.inside, Rotation::cur());
                    let first = weighted(meta, Rotation::prev());
                    let second = weighted(meta, Rotation::cur());
                    let folded = (before * a.clone() + first) * a.clone() + second;
                    vec![inside * (next - folded)]
                });
            }
        }
    }

    /// What holds of the first lane for any challenges, up to the shape's degree.
    fn constrain_lane(
        &self,
        meta: &mut ConstraintSystem<Fr>,
        shape: &Shape,
        lane: Column<Advice>,
        on: Column<Fixed>,
    ) {
        let expressions = self.expressions();
        let factor = |index| {
            let none = Expression::Constant(constant());
            let [factor, _] = factors(&expressions, index, none);
            factor
        };
        meta.create_gate("digit by challenges", |meta| {
            let a = meta.query_advice(lane, Rotation::cur());
            let inside = meta.query_fixed(self.inside, Rotation::cur());
            vec![(1..shape.degree).fold(inside, |product, digit| {
                let digit_value = Expression::Constant(Fr::from(digit as u64));
                product * (factor(digit) * (a.clone() - digit_value))
            })]
        });
        if !self.fixed.is_empty() {
            meta.create_gate("fixed columns by challenges", |meta| {
                let a = meta.query_advice(lane, Rotation::cur());
                let on = meta.query_fixed(on, Rotation::cur());
                let zero = on * (a - Expression::Constant(Fr::one()));
                let none = Expression::Constant(Fr::zero());
                let sum = self.fixed.iter().fold(none, |sum, column| {
                    sum * factor(0) + meta.query_fixed(*column, Rotation::cur())
                });
                vec![zero * sum]
            });
        }
    }

    /// A lookup's input that a challenge ties to the lane's mirror.
    pub fn tied(&self, meta: &mut VirtualCells<'_, Fr>, lane: Expression<Fr>) -> Expression<Fr> {
        match (self.mirrors, self.challenges.last()) {
            (Some([_, mirror]), Some(challenge)) => {
                let mirror = meta.query_advice(mirror, Rotation::cur());
                challenge.expr() * (mirror - lane.clone()) + lane
            }
            _ => lane,
        }
    }

    /// Fills the columns; those of the second phase once the challenges are known.
    pub fn assign(&self, region: &mut Region<'_, Fr>, shape: &Shape, lane: Column<Advice>) {
        for row in 0..shape.rows() {
            region.assign_fixed(self.inside, row, Fr::from(u64::from(row > 0)));
            for (index, column) in self.fixed.iter().enumerate() {
                region.assign_fixed(*column, row, Fr::from((5 * row + index) as u64));
            }
        }
        if let Some(mirrors) = self.mirrors {
            for (original, mirror) in [self.folds[0], lane].into_iter().zip(mirrors) {
                for row in 0..shape.rows() {
                    let [original, mirror] = [original, mirror].map(|column| Cell {
                        row_offset: row,
                        column: column.into(),
                    });
                    region.constrain_equal(original, mirror);
                }
            }
        }
        let mut challenges: Vec<Fr> = vec![];
        for challenge in &self.challenges {
            region.get_challenge(*challenge).map(|c| challenges.push(c));
        }
        // The first phase is synthesised before there are challenges, and so are keys.
        if challenges.len() < self.challenges.len() {
            return;
        }
        let known = |value: Fr| Value::known(Assigned::Trivial(value));
        for (index, column) in self.folds.iter().enumerate() {
            let [a, b] = factors(&challenges, index, constant());
            // Every lane is one.
            let added = (0..shape.lanes).fold(Fr::zero(), |sum, _| sum * a + b * b);
            let mut fold = Fr::zero();
            for row in 0..=shape.rows() {
                region.assign_advice(*column, row, known(fold));
                if let (0, Some([mirror, of_lane])) = (index, self.mirrors)
                    && row < shape.rows()
                {
                    region.assign_advice(mirror, row, known(fold));
                    region.assign_advice(of_lane, row, known(Fr::one()));
                }
                fold = fold * a + added;
            }
        }
    }
}
