//! Checks a filled tape against the real key, row by row.
//!
//! The gates, fixed columns, lookup table and copy cycles are those of the proving key, not of the
//! code that wrote the tape, so this says in milliseconds what a proof and its verification would say.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use halo2_axiom::{halo2curves::ff::Field, plonk::Expression};

use super::Witness;
use crate::{Error, field::Fr, keys::ProvingKey};

/// An advice column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// A of a lane.
    Value(usize),
    /// ACC.
    Accumulator,
}

/// A place in the value columns: (lane, row).
type Place = (usize, usize);

/// What a row breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Polynomial i of the gates, in the order in which the circuit declares them.
    Gate(usize),
    /// The lookup argument.
    Lookup,
    /// The copy constraint of a lane's cell.
    Copy(usize),
}

/// A rule and the row that breaks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Violation {
    /// The row.
    pub row: usize,
    /// The rule.
    pub rule: Rule,
}

/// Inputs of a lookup argument, and what they may be.
type Lookup = (Vec<Expression<Fr>>, HashSet<Vec<Fr>>);

/// A proving key, opened for checking.
#[derive(Debug)]
pub struct Checker<'a> {
    key: &'a ProvingKey,
    gates: Vec<Expression<Fr>>,
    lookups: Vec<Lookup>,
    /// `copies[lane][row]`: the place that each place is tied to.
    copies: Vec<Vec<Place>>,
}

impl<'a> Checker<'a> {
    /// Reads gates, table and copy cycles out of a key.
    ///
    /// # Errors
    /// [`Error::Prover`] for a key whose permutation is not one of its rows.
    pub fn new(key: &'a ProvingKey) -> Result<Self, Error> {
        let cs = key.plonk().get_vk().cs();
        let gates = cs.gates().iter();
        let gates = gates.flat_map(|gate| gate.polynomials().to_vec()).collect();
        let mut checker = Self {
            key,
            gates,
            lookups: vec![],
            copies: copies(key)?,
        };
        let none = |_, _| Fr::ZERO;
        for argument in cs.lookups() {
            let table = (0..1usize << key.layout().k).map(|row| {
                let expressions = argument.table_expressions().iter();
                expressions
                    .map(|e| checker.evaluate(e, row, &none, &[]))
                    .collect()
            });
            let table = table.collect();
            checker
                .lookups
                .push((argument.input_expressions().clone(), table));
        }
        Ok(checker)
    }

    /// Rows of the tape.
    pub fn rows(&self) -> usize {
        self.key.layout().rows.len()
    }

    fn evaluate(
        &self,
        expression: &Expression<Fr>,
        row: usize,
        advice: &impl Fn(usize, usize) -> Fr,
        instance: &[Fr],
    ) -> Fr {
        let rows = 1i64 << self.key.layout().k;
        let at = |rotation: i32| (row as i64 + i64::from(rotation)).rem_euclid(rows) as usize;
        let fixed = self.key.plonk().fixed_values();
        // The tape has neither selectors nor challenges; a one there could only fail the check.
        expression.evaluate(
            &|constant| constant,
            &|_| Fr::ONE,
            &|query| fixed[query.column_index()][at(query.rotation().0)],
            &|query| advice(query.column_index(), at(query.rotation().0)),
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
        )
    }

    /// The rules that a row breaks: gates, lookups, copies.
    fn broken<'b>(
        &'b self,
        witness: &'b Witness,
        instance: &'b [Fr],
        row: usize,
    ) -> impl Iterator<Item = Rule> + 'b {
        let cell = |column: usize, row: usize| {
            let cells = witness.lanes.get(column).unwrap_or(&witness.accumulators);
            cells.get(row).copied().unwrap_or(Fr::ZERO)
        };
        let value = move |expression| self.evaluate(expression, row, &cell, instance);
        let gates = self.gates.iter().enumerate();
        let gates = gates.filter(move |(_, gate)| value(gate) != Fr::ZERO);
        let lookups = self.lookups.iter().filter(move |(inputs, table)| {
            !table.contains(&inputs.iter().map(value).collect::<Vec<_>>())
        });
        let copies = self.copies.iter().enumerate();
        let copies = copies.filter(move |(lane, copies)| {
            let tied = copies.get(row).copied().unwrap_or((*lane, row));
            cell(*lane, row) != cell(tied.0, tied.1)
        });
        gates
            .map(|(index, _)| Rule::Gate(index))
            .chain(lookups.map(|_| Rule::Lookup))
            .chain(copies.map(|(lane, _)| Rule::Copy(lane)))
    }

    fn instance(&self, witness: &Witness) -> Result<Vec<Fr>, Error> {
        let words = witness.public_inputs.scalars()?;
        Ok(self.key.verifying_key().protocol()?.instance(&words))
    }

    /// The first row that does not hold, `None` for a tape that proves its statement.
    ///
    /// # Errors
    /// [`Error::PublicInput`] for words not below r.
    pub fn first_violation(&self, witness: &Witness) -> Result<Option<usize>, Error> {
        let instance = self.instance(witness)?;
        let broken = |row: &usize| self.broken(witness, &instance, *row).next().is_some();
        Ok((0..self.rows()).find(broken))
    }

    /// Everything that some rows break.
    ///
    /// # Errors
    /// [`Error::PublicInput`] for words not below r.
    pub fn violations(
        &self,
        witness: &Witness,
        rows: Range<usize>,
    ) -> Result<Vec<Violation>, Error> {
        let instance = self.instance(witness)?;
        let rows = rows.start..rows.end.min(self.rows());
        let violations = rows.flat_map(|row| {
            let rules = self.broken(witness, &instance, row);
            rules.map(move |rule| Violation { row, rule })
        });
        Ok(violations.collect())
    }

    /// Whether replacing one cell breaks a gate, lookup or copy that reads it.
    ///
    /// # Errors
    /// [`Error::PublicInput`] for words not below r.
    pub fn catches(
        &self,
        witness: &mut Witness,
        column: Column,
        row: usize,
        value: Fr,
    ) -> Result<bool, Error> {
        let instance = self.instance(witness)?;
        let swap = |witness: &mut Witness, value: Fr| {
            let cells = match column {
                Column::Value(lane) => witness.lanes.get_mut(lane),
                Column::Accumulator => Some(&mut witness.accumulators),
            };
            let cell = cells.and_then(|cells| cells.get_mut(row));
            cell.map(|cell| std::mem::replace(cell, value))
        };
        let Some(before) = swap(witness, value) else {
            return Ok(false);
        };
        // A cell is read by the gates of its row and of the row before, and by its own copy.
        let readers = [row.checked_sub(1), Some(row)];
        let caught = readers
            .into_iter()
            .flatten()
            .any(|row| self.broken(witness, &instance, row).next().is_some());
        swap(witness, before);
        Ok(caught)
    }
}

/// The permutation polynomials as places: value delta^lane omega^row means (lane, row).
fn copies(key: &ProvingKey) -> Result<Vec<Vec<Place>>, Error> {
    use halo2_axiom::halo2curves::ff::PrimeField;

    let rows = 1usize << key.layout().k;
    let omega = key.plonk().get_vk().get_domain().get_omega();
    let permutations = key.plonk().permutation().permutations();
    let mut places = HashMap::with_capacity(rows * permutations.len());
    let mut start = Fr::ONE;
    for lane in 0..permutations.len() {
        let mut value = start;
        for row in 0..rows {
            places.insert(value.to_bytes(), (lane, row));
            value *= omega;
        }
        start *= Fr::DELTA;
    }
    let column = |sigma: &[Fr]| {
        let place = |value: &Fr| places.get(&value.to_bytes()).copied();
        sigma.iter().map(place).collect::<Option<Vec<_>>>()
    };
    let copies = permutations.iter().map(|sigma| column(sigma));
    copies
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| Error::Prover("the key's permutation leaves the value columns".into()))
}
