//! The constraint system: lanes of values and weights, one accumulator, four gates.

use std::collections::HashMap;

use halo2_axiom::{
    circuit::{Cell as CircuitCell, Layouter, Region, SimpleFloorPlanner, Value as CircuitValue},
    plonk::{
        Advice, Assigned, Circuit, Column, ConstraintSystem, Error as PlonkError, Expression,
        Fixed, Instance,
    },
    poly::Rotation,
};

use super::{
    RangeCheck, Shape,
    layout::Layout,
    row::{Cell, Value},
    witness::Witness,
};
use crate::field::Fr;

/// Columns of the tape.
#[derive(Debug, Clone)]
pub struct TapeConfig {
    /// A: values and digits, the columns under copy constraints.
    pub values: Vec<Column<Advice>>,
    /// ACC: the accumulator before the row.
    pub accumulator: Column<Advice>,
    /// W: packed weights, place values, constants.
    pub weights: Vec<Column<Fixed>>,
    /// C: 0 none, 1 digits, 2 a chain begins.
    pub code: Column<Fixed>,
    /// M: 1 where the accumulator is multiplied.
    pub multiplication: Column<Fixed>,
    /// Columns of the lookup argument.
    pub lookup: Option<LookupColumns>,
    /// Public inputs, added by the sum gate.
    pub instance: Column<Instance>,
}

/// Columns of the lookup argument.
#[derive(Debug, Clone, Copy)]
pub struct LookupColumns {
    /// Q: which part of the table the first lane must be in.
    pub tag: Column<Fixed>,
    /// The table: tag.
    pub table_tag: Column<Fixed>,
    /// The table: tag times entry.
    pub table_entry: Column<Fixed>,
}

/// A layout with or without a witness, as the proving system wants it.
#[derive(Debug, Clone)]
pub struct TapeCircuit<'a> {
    /// The compiled model.
    pub layout: &'a Layout,
    /// The columns to prove; none while keys are made.
    pub witness: Option<&'a Witness>,
}

impl TapeConfig {
    /// Declares columns and gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, shape: Shape) -> Self {
        let values: Vec<_> = (0..shape.lanes).map(|_| meta.advice_column()).collect();
        let accumulator = meta.advice_column();
        let weights: Vec<_> = (0..shape.lanes).map(|_| meta.fixed_column()).collect();
        let code = meta.fixed_column();
        let multiplication = meta.fixed_column();
        let instance = meta.instance_column();
        for value in &values {
            meta.enable_equality(*value);
        }
        meta.set_minimum_degree(shape.degree);

        let constant = |c: u64| Expression::Constant(Fr::from(c));
        meta.create_gate("accumulator", |meta| {
            let mut at = |column: Column<Advice>, rotation| meta.query_advice(column, rotation);
            let a: Vec<_> = values.iter().map(|&v| at(v, Rotation::cur())).collect();
            let acc = at(accumulator, Rotation::cur());
            let next = at(accumulator, Rotation::next());
            let w: Vec<_> = weights
                .iter()
                .map(|&w| meta.query_fixed(w, Rotation::cur()))
                .collect();
            let c = meta.query_fixed(code, Rotation::cur());
            let m = meta.query_fixed(multiplication, Rotation::cur());
            let i = meta.query_instance(instance, Rotation::cur());
            let product = |j: usize| w[j].clone() * a[j].clone();
            let added = (1..shape.lanes).fold(acc.clone(), |sum, j| sum + product(j));
            let multiplied =
                (1..shape.lanes).fold(acc.clone() * a[0].clone(), |sum, j| sum + product(j));
            vec![
                // Sum: on rows whose first weight is not zero.
                w[0].clone() * (next.clone() - added - product(0) - i),
                // Multiplication; the first weight is zero there.
                m * (next - multiplied),
                // A chain begins, so the one before has ended.
                c.clone() * (c - constant(1)) * (acc - constant(1)),
            ]
        });
        let top = match shape.range {
            RangeCheck::Bits => 2,
            RangeCheck::Quads => 4,
            RangeCheck::Bytes => 0,
        };
        if top > 0 {
            meta.create_gate("digits", |meta| {
                let c = meta.query_fixed(code, Rotation::cur());
                values
                    .iter()
                    .map(|&value| {
                        let a = meta.query_advice(value, Rotation::cur());
                        let range = (1..top)
                            .fold(a.clone(), |product, d| product * (a.clone() - constant(d)));
                        c.clone() * range
                    })
                    .collect::<Vec<_>>()
            });
        }
        let lookup = shape.lookup.then(|| {
            let columns = LookupColumns {
                tag: meta.fixed_column(),
                table_tag: meta.fixed_column(),
                table_entry: meta.fixed_column(),
            };
            meta.lookup_any("table", |meta| {
                let tag = meta.query_fixed(columns.tag, Rotation::cur());
                let a = meta.query_advice(values[0], Rotation::cur());
                let table_tag = meta.query_fixed(columns.table_tag, Rotation::cur());
                let table_entry = meta.query_fixed(columns.table_entry, Rotation::cur());
                vec![(tag.clone(), table_tag), (tag * a, table_entry)]
            });
            columns
        });
        Self {
            values,
            accumulator,
            weights,
            code,
            multiplication,
            lookup,
            instance,
        }
    }

    /// Fixed columns: the tape's, the filler after it, the table.
    fn assign_fixed(&self, region: &mut Region<'_, Fr>, layout: &Layout) {
        for (index, row) in layout.rows.iter().enumerate() {
            for (lane, &column) in row.lanes.iter().zip(&self.weights) {
                region.assign_fixed(column, index, lane.coefficient);
            }
            region.assign_fixed(self.code, index, Fr::from(row.code()));
            let multiplication = Fr::from(u64::from(row.multiplies));
            region.assign_fixed(self.multiplication, index, multiplication);
            if let Some(lookup) = &self.lookup {
                region.assign_fixed(lookup.tag, index, Fr::from(u64::from(row.tag)));
            }
        }
        if let Some(filler) = &layout.filler {
            for (lane, &column) in self.weights.iter().enumerate() {
                for (index, number) in (layout.rows.len()..).zip(filler.column(layout, lane)) {
                    region.assign_fixed(column, index, number);
                }
            }
        }
        if let Some(lookup) = &self.lookup {
            for (index, &(tag, entry)) in layout.table().iter().enumerate() {
                region.assign_fixed(lookup.table_tag, index, tag);
                region.assign_fixed(lookup.table_entry, index, entry);
            }
        }
    }
}

impl Circuit<Fr> for TapeCircuit<'_> {
    type Config = TapeConfig;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Shape;

    fn params(&self) -> Shape {
        self.layout.shape
    }

    fn without_witnesses(&self) -> Self {
        Self {
            layout: self.layout,
            witness: None,
        }
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> TapeConfig {
        TapeConfig::configure(meta, Shape::default())
    }

    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, shape: Shape) -> TapeConfig {
        TapeConfig::configure(meta, shape)
    }

    fn synthesize(
        &self,
        config: TapeConfig,
        mut layouter: impl Layouter<Fr>,
    ) -> Result<(), PlonkError> {
        let known = |cell: Option<&Fr>| {
            cell.map_or(CircuitValue::unknown(), |v| {
                CircuitValue::known(Assigned::Trivial(*v))
            })
        };
        layouter.assign_region(
            || "tape",
            |mut region| {
                config.assign_fixed(&mut region, self.layout);
                let mut places: HashMap<Value, CircuitCell> = HashMap::new();
                for (index, row) in self.layout.rows.iter().enumerate() {
                    let acc = self.witness.and_then(|w| w.accumulators.get(index));
                    region.assign_advice(config.accumulator, index, known(acc));
                    for (lane, &column) in config.values.iter().enumerate() {
                        let column_values = self.witness.and_then(|w| w.lanes.get(lane));
                        let value = column_values.and_then(|column| column.get(index));
                        let cell = region.assign_advice(column, index, known(value)).cell();
                        if let Some(Cell::Whole(value)) = row.lanes.get(lane).map(|lane| lane.cell)
                            && let Some(before) = places.insert(value, cell)
                        {
                            region.constrain_equal(before, cell);
                        }
                    }
                }
                Ok(())
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn configure_queries_are_distinct_and_the_shape_counts_them() {
        for lanes in 1..=super::super::MAX_LANES {
            for range in [RangeCheck::Bits, RangeCheck::Quads, RangeCheck::Bytes] {
                for tables in [false, true] {
                    let shape = Shape::new(lanes, range, tables);
                    let mut meta = ConstraintSystem::<Fr>::default();
                    let config = TapeConfig::configure(&mut meta, shape);
                    assert_eq!(meta.degree(), shape.degree, "{shape}");
                    let advice: HashSet<_> = meta
                        .advice_queries()
                        .iter()
                        .map(|(c, r)| (c.index(), r.0))
                        .collect();
                    assert_eq!(advice.len(), meta.advice_queries().len());
                    assert_eq!(advice.len(), lanes + 2);
                    let fixed: HashSet<_> = meta
                        .fixed_queries()
                        .iter()
                        .map(|(c, r)| (c.index(), r.0))
                        .collect();
                    assert_eq!(fixed.len(), meta.fixed_queries().len());
                    assert_eq!(fixed.len(), shape.fixed());
                    assert_eq!(meta.instance_queries().len(), 1);
                    assert_eq!(meta.lookups().len(), usize::from(shape.lookup));
                    let columns: Vec<_> = config.values.iter().map(|&c| c.into()).collect();
                    assert_eq!(meta.permutation().get_columns(), columns);
                    assert_eq!(
                        meta.blinding_factors() + 1,
                        super::super::layout::RESERVED_ROWS
                    );
                }
            }
        }
    }
}
