//! The constraint system: two advice columns, three fixed columns, four gates.

use std::collections::HashMap;

use halo2_axiom::{
    circuit::{Cell as CircuitCell, Layouter, SimpleFloorPlanner, Value as CircuitValue},
    plonk::{
        Advice, Assigned, Circuit, Column, ConstraintSystem, Error as PlonkError, Expression,
        Fixed, Instance,
    },
    poly::Rotation,
};

use super::{
    layout::Layout,
    row::{Cell, Value},
    witness::Witness,
};
use crate::field::Fr;

/// Columns of the tape.
#[derive(Debug, Clone, Copy)]
pub struct TapeConfig {
    /// A: values and digits, the only column under copy constraints.
    pub value: Column<Advice>,
    /// ACC: the accumulator before the row.
    pub accumulator: Column<Advice>,
    /// W: packed weights, place values, constants.
    pub coefficient: Column<Fixed>,
    /// Kind of the row: 0 none, 1 mac, 2 mac zero, 3 mul.
    pub kind: Column<Fixed>,
    /// 1 where A must be one of 0, 1, 2, 3.
    pub digit: Column<Fixed>,
    /// Public inputs, added by the mac gate on the first rows.
    pub instance: Column<Instance>,
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
    pub fn configure(meta: &mut ConstraintSystem<Fr>) -> Self {
        let value = meta.advice_column();
        let accumulator = meta.advice_column();
        let coefficient = meta.fixed_column();
        let kind = meta.fixed_column();
        let digit = meta.fixed_column();
        let instance = meta.instance_column();
        meta.enable_equality(value);

        let constant = |c: u64| Expression::Constant(Fr::from(c));
        meta.create_gate("accumulator", |meta| {
            let a = meta.query_advice(value, Rotation::cur());
            let acc = meta.query_advice(accumulator, Rotation::cur());
            let next = meta.query_advice(accumulator, Rotation::next());
            let w = meta.query_fixed(coefficient, Rotation::cur());
            let s = meta.query_fixed(kind, Rotation::cur());
            let i = meta.query_instance(instance, Rotation::cur());
            // Each selector polynomial vanishes on every kind but its own.
            let mac = s.clone() * (constant(3) - s.clone());
            let zero = s.clone() * (s.clone() - constant(1)) * (constant(3) - s.clone());
            let mul = s.clone() * (s.clone() - constant(1)) * (s - constant(2));
            vec![
                mac * (next.clone() - acc.clone() - w.clone() * a.clone() - i),
                zero * next.clone(),
                mul * (next - acc * a - w),
            ]
        });
        meta.create_gate("digit", |meta| {
            let a = meta.query_advice(value, Rotation::cur());
            let t = meta.query_fixed(digit, Rotation::cur());
            let range = (1..4).fold(a.clone(), |product, d| product * (a.clone() - constant(d)));
            vec![t * range]
        });
        Self {
            value,
            accumulator,
            coefficient,
            kind,
            digit,
            instance,
        }
    }
}

impl Circuit<Fr> for TapeCircuit<'_> {
    type Config = TapeConfig;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        Self {
            layout: self.layout,
            witness: None,
        }
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> TapeConfig {
        TapeConfig::configure(meta)
    }

    fn synthesize(
        &self,
        config: TapeConfig,
        mut layouter: impl Layouter<Fr>,
    ) -> Result<(), PlonkError> {
        layouter.assign_region(
            || "tape",
            |mut region| {
                let known = |cell: Option<&Fr>| {
                    cell.map_or(CircuitValue::unknown(), |v| {
                        CircuitValue::known(Assigned::Trivial(*v))
                    })
                };
                let mut places: HashMap<Value, CircuitCell> = HashMap::new();
                for (index, row) in self.layout.rows.iter().enumerate() {
                    let value = self.witness.and_then(|w| w.values.get(index));
                    let acc = self.witness.and_then(|w| w.accumulators.get(index));
                    let cell = region
                        .assign_advice(config.value, index, known(value))
                        .cell();
                    region.assign_advice(config.accumulator, index, known(acc));
                    region.assign_fixed(config.coefficient, index, row.coefficient);
                    region.assign_fixed(config.kind, index, Fr::from(row.kind.code()));
                    region.assign_fixed(config.digit, index, Fr::from(u64::from(row.digit)));
                    if let Cell::Whole(value) = row.cell
                        && let Some(before) = places.insert(value, cell)
                    {
                        region.constrain_equal(before, cell);
                    }
                }
                let end = self.layout.rows.len();
                let acc = self.witness.and_then(|w| w.accumulators.get(end));
                region.assign_advice(config.accumulator, end, known(acc));
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
    fn configure_queries_are_distinct_and_degree_is_five() {
        let mut meta = ConstraintSystem::<Fr>::default();
        let config = TapeConfig::configure(&mut meta);
        // The digit gate: a fixed column times four factors.
        assert_eq!(meta.degree(), 5);
        let advice: HashSet<_> = meta
            .advice_queries()
            .iter()
            .map(|(c, r)| (c.index(), r.0))
            .collect();
        assert_eq!(advice.len(), meta.advice_queries().len());
        assert_eq!(advice.len(), 3);
        assert_eq!(meta.fixed_queries().len(), 3);
        assert_eq!(meta.instance_queries().len(), 1);
        assert_eq!(meta.permutation().get_columns(), vec![config.value.into()]);
        assert_eq!(
            meta.blinding_factors() + 1,
            super::super::layout::RESERVED_ROWS
        );
    }
}
