//! One cell changed: every cell that stands for something, with every kind of wrong value.

use halo2_axiom::halo2curves::ff::{Field, PrimeField};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use veriregime_circuits::{
    field::Fr,
    tape::{Column, Layout, Witness},
};

use crate::{
    scale::Scale,
    setup::{Setup, over},
    tally::Tally,
};

/// Values that a cell is tried with: neighbours, other digits, both ends of the field.
pub fn replacements(value: Fr, rng: &mut ChaCha20Rng) -> Vec<Fr> {
    let mut tries = vec![
        value + Fr::ONE,
        value - Fr::ONE,
        -value,
        Fr::ZERO,
        Fr::ONE,
        Fr::from(4),
        -Fr::ONE,
        Fr::TWO_INV,
        -Fr::TWO_INV,
        value + Fr::from(rng.r#gen::<u64>()),
        Fr::random(rng),
    ];
    tries.retain(|&other| other != value);
    tries
}

/// Every cell that must have one value: those of lanes in use, and all accumulators. Cells of lanes
/// that a row does not use are weighed by zero and are free by design; see `lanes`.
pub fn assigned(layout: &Layout) -> Vec<(Column, usize)> {
    let mut cells = vec![];
    for (index, row) in layout.rows.iter().enumerate() {
        cells.extend((0..row.lanes.len()).map(|lane| (Column::Value(lane), index)));
        cells.push((Column::Accumulator, index));
    }
    cells
}

pub fn read(witness: &Witness, column: Column, row: usize) -> Fr {
    match column {
        Column::Value(lane) => witness.lanes[lane][row],
        Column::Accumulator => witness.accumulators[row],
    }
}

pub fn run(setups: &[Setup], _: Scale) -> Tally {
    over(setups, |setup| {
        let checker = setup.checker();
        let mut witness = setup.witness(1);
        assert_eq!(checker.first_violation(&witness).unwrap(), None);
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let mut tally = Tally::default();
        for (column, row) in assigned(setup.layout()) {
            tally.cells += 1;
            let value = read(&witness, column, row);
            for other in replacements(value, &mut rng) {
                let caught = checker.catches(&mut witness, column, row, other).unwrap();
                tally.case(!caught, || {
                    format!("{}: {column:?} row {row} {value:?} {other:?}", setup.name)
                });
            }
        }
        tally
    })
}
