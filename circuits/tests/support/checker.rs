//! Checks a filled tape against the real key, row by row: the gates, fixed columns and copy cycles
//! are those of the proving key, not of the code that wrote the tape.

use std::collections::HashMap;

use halo2_axiom::{halo2curves::ff::Field, plonk::Expression};
use veriregime_circuits::{field::Fr, keys::ProvingKey, tape::Witness};

pub struct Checker<'a> {
    key: &'a ProvingKey,
    gates: Vec<Expression<Fr>>,
    /// Row that each row of the value column is tied to.
    copies: Vec<usize>,
}

impl<'a> Checker<'a> {
    pub fn new(key: &'a ProvingKey) -> Self {
        let gates = key.plonk().get_vk().cs().gates();
        let gates = gates
            .iter()
            .flat_map(|gate| gate.polynomials().to_vec())
            .collect();
        let rows = 1usize << key.layout().k;
        let omega = key.plonk().get_vk().get_domain().get_omega();
        let mut powers = HashMap::new();
        let mut power = Fr::ONE;
        for row in 0..rows {
            powers.insert(power.to_bytes(), row);
            power *= omega;
        }
        let sigma = &key.plonk().permutation().permutations()[0];
        let copies = sigma
            .iter()
            .map(|value| powers[&value.to_bytes()])
            .collect();
        Self { key, gates, copies }
    }

    /// Rows of the tape, the end row of the accumulator included.
    pub fn rows(&self) -> usize {
        self.key.layout().rows.len() + 1
    }

    /// Whether every gate on a row and the row's copy constraint hold.
    pub fn row_holds(&self, witness: &Witness, instance: &[Fr], row: usize) -> bool {
        let rows = 1usize << self.key.layout().k;
        let advice = |column: usize, row: usize| {
            let cells = if column == 0 {
                &witness.values
            } else {
                &witness.accumulators
            };
            cells.get(row).copied().unwrap_or(Fr::ZERO)
        };
        let at =
            |rotation: i32| (row as i64 + i64::from(rotation)).rem_euclid(rows as i64) as usize;
        let gates = self.gates.iter().all(|gate| {
            let value = gate.evaluate(
                &|constant| constant,
                &|_| unreachable!("no selectors"),
                &|q| self.key.plonk().fixed_values()[q.column_index()][at(q.rotation().0)],
                &|q| advice(q.column_index(), at(q.rotation().0)),
                &|q| {
                    instance
                        .get(at(q.rotation().0))
                        .copied()
                        .unwrap_or(Fr::ZERO)
                },
                &|_| unreachable!("no challenges"),
                &|a| -a,
                &|a, b| a + b,
                &|a, b| a * b,
                &|a, scalar| a * scalar,
            );
            value == Fr::ZERO
        });
        gates && advice(0, row) == advice(0, self.copies[row])
    }

    /// The first row that does not hold.
    pub fn first_violation(&self, witness: &Witness) -> Option<usize> {
        let instance = witness.public_inputs.scalars().unwrap();
        (0..self.rows()).find(|&row| !self.row_holds(witness, &instance, row))
    }

    /// Whether replacing one cell breaks something, looking only at the rows that read it.
    pub fn replacing_is_caught(
        &self,
        witness: &mut Witness,
        instance: &[Fr],
        column: usize,
        row: usize,
        value: Fr,
    ) -> bool {
        let cells = if column == 0 {
            &mut witness.values
        } else {
            &mut witness.accumulators
        };
        let before = std::mem::replace(&mut cells[row], value);
        let rows = [row.wrapping_sub(1), row, self.copies[row]];
        let caught = rows
            .iter()
            .any(|&r| r < self.rows() && !self.row_holds(witness, instance, r));
        let cells = if column == 0 {
            &mut witness.values
        } else {
            &mut witness.accumulators
        };
        cells[row] = before;
        caught
    }
}
