//! Writing chains of rows.

use halo2_axiom::halo2curves::ff::Field;

use super::row::{Cell, Kind, Row, Value};
use crate::field::{Fr, power_of_two};

/// Rows under construction.
#[derive(Debug, Default)]
pub(super) struct Tape {
    pub rows: Vec<Row>,
}

impl Tape {
    fn push(&mut self, kind: Kind, digit: bool, coefficient: Fr, cell: Cell) {
        self.rows.push(Row {
            kind,
            digit,
            coefficient,
            cell,
        });
    }

    /// Starts a chain with a constant. `tied` fills the value column, which the gate ignores there,
    /// with a value that copy constraints pin.
    pub fn load(&mut self, constant: Fr, tied: Value) {
        self.push(Kind::Mul, false, constant, Cell::Whole(tied));
    }

    /// Adds a multiple of a value; a zero multiple takes no row.
    pub fn add(&mut self, coefficient: Fr, value: Value) {
        if coefficient != Fr::ZERO {
            self.push(Kind::Mac, false, coefficient, Cell::Whole(value));
        }
    }

    /// Multiplies the accumulator by a value and adds a constant.
    pub fn multiply_add(&mut self, value: Value, constant: Fr) {
        self.push(Kind::Mul, false, constant, Cell::Whole(value));
    }

    /// Subtracts the value and demands zero: the chain so far equals the value.
    pub fn emit(&mut self, value: Value) {
        self.push(Kind::MacZero, false, -Fr::ONE, Cell::Whole(value));
    }

    /// Demands zero in a row of its own, tied to a value that copy constraints pin.
    pub fn demand_zero(&mut self, tied: Value) {
        self.push(Kind::MacZero, false, Fr::ZERO, Cell::Whole(tied));
    }

    /// Adds `factor` times the digits of a value: range-checks it below 4^places.
    pub fn add_digits(&mut self, value: Value, places: u32, factor: Fr) {
        for place in 0..places {
            self.push(
                Kind::Mac,
                true,
                factor * power_of_two(2 * place),
                Cell::Digit(value, place),
            );
        }
    }

    /// Adds a multiple of a value whose cell itself is range-checked to 0..=3.
    pub fn add_checked(&mut self, coefficient: Fr, value: Value) {
        self.push(Kind::Mac, true, coefficient, Cell::Whole(value));
    }

    /// Turns the last row into the end of its chain.
    pub fn end_chain(&mut self) {
        if let Some(row) = self.rows.last_mut() {
            debug_assert_eq!(row.kind, Kind::Mac);
            row.kind = Kind::MacZero;
        }
    }

    /// Range-checks a value below 4^places and brings it into existence: digits, then the value.
    pub fn define(&mut self, value: Value, places: u32) {
        self.add_digits(value, places, Fr::ONE);
        self.emit(value);
    }
}
