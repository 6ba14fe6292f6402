//! Checks a filled tape against the real key, row by row.
//!
//! The gates, fixed columns and copy cycles are those of the proving key, not of the code that wrote
//! the tape, so this says in milliseconds what a proof and its verification would say.

use std::collections::HashMap;

use halo2_axiom::{halo2curves::ff::Field, plonk::Expression};

use super::Witness;
use crate::{Error, field::Fr, keys::ProvingKey};

/// The two advice columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// A.
    Value,
    /// ACC.
    Accumulator,
}

/// A proving key, opened for checking.
#[derive(Debug)]
pub struct Checker<'a> {
    key: &'a ProvingKey,
    gates: Vec<Expression<Fr>>,
    /// Row that each row of the value column is tied to.
    copies: Vec<usize>,
}

impl<'a> Checker<'a> {
    /// Reads gates and copy cycles out of a key.
    ///
    /// # Errors
    /// [`Error::Prover`] for a key whose permutation is not one of its rows.
    pub fn new(key: &'a ProvingKey) -> Result<Self, Error> {
        let gates = key.plonk().get_vk().cs().gates();
        let gates = gates
            .iter()
            .flat_map(|gate| gate.polynomials().to_vec())
            .collect();
        let rows = 1usize << key.layout().k;
        let omega = key.plonk().get_vk().get_domain().get_omega();
        let mut powers = HashMap::with_capacity(rows);
        let mut power = Fr::ONE;
        for row in 0..rows {
            powers.insert(power.to_bytes(), row);
            power *= omega;
        }
        let sigma = key.plonk().permutation().permutations().first();
        let copies: Option<Vec<usize>> = sigma.and_then(|s| {
            s.iter()
                .map(|v| powers.get(&v.to_bytes()).copied())
                .collect()
        });
        let copies = copies
            .ok_or_else(|| Error::Prover("the key's permutation leaves the value column".into()))?;
        Ok(Self { key, gates, copies })
    }

    /// Rows of the tape, the end row of the accumulator included.
    pub fn rows(&self) -> usize {
        self.key.layout().rows.len() + 1
    }

    /// Whether every gate on a row and the row's copy constraint hold.
    pub fn row_holds(&self, witness: &Witness, instance: &[Fr], row: usize) -> bool {
        let rows = 1i64 << self.key.layout().k;
        let cell = |column: usize, row: usize| {
            let cells = if column == 0 {
                &witness.values
            } else {
                &witness.accumulators
            };
            cells.get(row).copied().unwrap_or(Fr::ZERO)
        };
        let at = |rotation: i32| (row as i64 + i64::from(rotation)).rem_euclid(rows) as usize;
        let fixed = self.key.plonk().fixed_values();
        let gates = self.gates.iter().all(|gate| {
            // The tape has neither selectors nor challenges; a one there could only fail the check.
            let value = gate.evaluate(
                &|constant| constant,
                &|_| Fr::ONE,
                &|query| fixed[query.column_index()][at(query.rotation().0)],
                &|query| cell(query.column_index(), at(query.rotation().0)),
                &|query| {
                    instance
                        .get(at(query.rotation().0))
                        .copied()
                        .unwrap_or(Fr::ZERO)
                },
                &|_| Fr::ONE,
                &|a| -a,
                &|a, b| a + b,
                &|a, b| a * b,
                &|a, scalar| a * scalar,
            );
            value == Fr::ZERO
        });
        gates
            && self
                .copies
                .get(row)
                .is_some_and(|&tied| cell(0, row) == cell(0, tied))
    }

    /// The first row that does not hold, `None` for a tape that proves its statement.
    ///
    /// # Errors
    /// [`Error::PublicInput`] for words not below r.
    pub fn first_violation(&self, witness: &Witness) -> Result<Option<usize>, Error> {
        let instance = witness.public_inputs.scalars()?;
        Ok((0..self.rows()).find(|&row| !self.row_holds(witness, &instance, row)))
    }

    /// Whether replacing one cell breaks a gate or a copy that reads it.
    pub fn catches(
        &self,
        witness: &mut Witness,
        instance: &[Fr],
        column: Column,
        row: usize,
        value: Fr,
    ) -> bool {
        let swap = |witness: &mut Witness, value: Fr| {
            let cells = match column {
                Column::Value => &mut witness.values,
                Column::Accumulator => &mut witness.accumulators,
            };
            cells
                .get_mut(row)
                .map(|cell| std::mem::replace(cell, value))
        };
        let Some(before) = swap(witness, value) else {
            return false;
        };
        let tied = self.copies.get(row).copied().unwrap_or(row);
        let readers = [row.checked_sub(1), Some(row), Some(tied)];
        let caught = readers
            .into_iter()
            .flatten()
            .any(|row| row < self.rows() && !self.row_holds(witness, instance, row));
        swap(witness, before);
        caught
    }
}
