//! Lanes that a row does not use: weighed by zero, so free by design, and nothing else is.

use halo2_axiom::halo2curves::ff::Field;
use veriregime_circuits::{
    field::Fr,
    tape::{Column, RangeCheck},
};

use crate::{
    scale::Scale,
    setup::{Setup, over},
    tally::Tally,
};

/// The cells are exactly as free as the design says: any digit on a row of digits, anything at all
/// elsewhere, and nothing else on a row of digits.
pub fn run(setups: &[Setup], _: Scale) -> Tally {
    over(setups, |setup| {
        let layout = setup.layout();
        let checker = setup.checker();
        let mut witness = setup.witness(1);
        let mut tally = Tally::default();
        let mut used = witness.clone();
        for (index, row) in layout.rows.iter().enumerate() {
            for lane in row.lanes.len()..layout.shape.lanes {
                let column = Column::Value(lane);
                tally.cells += 1;
                let digits = row.code() != 0 && layout.shape.range != RangeCheck::Bytes;
                // Lanes without a cell are zero; the first lane is free on the last row only.
                let mut catches = |value| {
                    let caught = checker.catches(&mut witness, column, index, value);
                    caught.unwrap()
                };
                assert!(!catches(Fr::ONE), "{}: {column:?} row {index}", setup.name);
                let wide = catches(-Fr::ONE);
                if digits {
                    tally.case(!wide, || format!("{}: {column:?} row {index}", setup.name));
                } else {
                    assert!(!wide, "{}: {column:?} row {index}", setup.name);
                    used.lanes[lane][index] = -Fr::ONE;
                }
            }
        }
        assert_eq!(checker.first_violation(&used).unwrap(), None);
        tally
    })
}
