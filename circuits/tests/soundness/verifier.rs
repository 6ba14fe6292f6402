//! Real proofs of corrupted tapes, and the agreement of verifier and checker.

use halo2_axiom::halo2curves::ff::Field;
use rayon::prelude::*;
use veriregime_circuits::{
    field::Fr,
    tape::{Column, Witness},
};

use crate::{cells::assigned, scale::Scale, setup::Setup, tally::Tally};

pub fn run(setups: &[Setup], scale: Scale) -> Tally {
    // Smallest tape of every range check and of every activation.
    let mut chosen: Vec<&Setup> = vec![];
    for wanted in [
        "quadratic in 1 lane, bits",
        "relu in 2 lanes, quads",
        "table in 4 lanes, bytes",
    ] {
        chosen.extend(setups.iter().filter(|s| s.name.starts_with(wanted)));
    }
    assert_eq!(chosen.len(), 3);
    let tallies = chosen.into_iter().map(|setup| corrupted(setup, scale));
    tallies.fold(Tally::default(), |a, b| a + b)
}

fn corrupted(setup: &Setup, scale: Scale) -> Tally {
    let honest = setup.witness(1);
    assert!(setup.accepts(honest.clone()));
    assert!(setup.accepts(with_free_cells_used(setup, &honest)));
    let checker = setup.checker();
    let step = scale.pick(11, 1);
    let cells: Vec<(Column, usize)> = assigned(setup.layout()).into_iter().step_by(step).collect();
    let tallies = cells.par_iter().map(|&(column, row)| {
        let mut witness = honest.clone();
        match column {
            Column::Value(lane) => witness.lanes[lane][row] += Fr::ONE,
            Column::Accumulator => witness.accumulators[row] += Fr::ONE,
        }
        let caught = checker.first_violation(&witness).unwrap().is_some();
        assert!(caught, "the checker overlooks {column:?} row {row}");
        let mut tally = Tally::default();
        tally.case(setup.accepts(witness), || {
            format!("{}: {column:?} row {row}", setup.name)
        });
        tally
    });
    let mut tally = tallies.reduce(Tally::default, |a, b| a + b);
    tally.cells = cells.len();
    tally
}

/// Lanes without a cell hold something: another witness of the same statement.
fn with_free_cells_used(setup: &Setup, honest: &Witness) -> Witness {
    let mut witness = honest.clone();
    for (index, row) in setup.layout().rows.iter().enumerate() {
        for lane in row.lanes.len()..witness.lanes.len() {
            // A digit wherever only digits may be.
            let used = if row.code() == 0 { -Fr::ONE } else { Fr::ONE };
            witness.lanes[lane][index] = used;
        }
    }
    witness
}
