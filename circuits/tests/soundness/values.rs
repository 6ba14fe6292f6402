//! Values changed everywhere they stand, with their pieces: every copy and every product is right,
//! only a chain no longer ends at 1; and single occurrences changed in a chain that stays right, so
//! that only copies object.

use halo2_axiom::halo2curves::ff::{Field, PrimeField};
use veriregime_circuits::{
    field::Fr,
    tape::{Cell, Value, Witness},
};

use crate::{
    forge::{Forger, Place},
    scale::Scale,
    setup::{Setup, over},
    tally::Tally,
};

pub fn run(setups: &[Setup], _: Scale) -> Tally {
    over(setups, |setup| {
        let forger = Forger::new(setup);
        everywhere(&forger) + pieces(&forger) + untied(&forger) + constant(&forger)
    })
}

/// Carried on, the imbalance meets the gate of the next chain's start; started anew at every chain,
/// it meets the gate of the chain's last row, or of its last multiplication.
fn every_way(forger: &Forger<'_>, tally: &mut Tally, mut witness: Witness, what: &str) {
    forger.carry(&mut witness);
    tally.case(forger.accepts(&witness), || {
        format!("{}: {what}, carried", forger.setup.name)
    });
    forger.restart(&mut witness);
    tally.case(forger.accepts(&witness), || {
        format!("{}: {what}, restarted", forger.setup.name)
    });
    forger.meet(&mut witness);
    tally.case(forger.accepts(&witness), || {
        format!("{}: {what}, met", forger.setup.name)
    });
}

fn everywhere(forger: &Forger<'_>) -> Tally {
    let mut tally = Tally::default();
    let honest = forger.setup.witness(4);
    for (value, _) in forger.values() {
        tally.cells += 1;
        for delta in [Fr::ONE, -Fr::ONE, Fr::TWO_INV] {
            let mut witness = honest.clone();
            let forged = forger.get(&honest, value) + delta;
            forger.set(&mut witness, value, forged);
            forger.settle_value(&mut witness, value);
            every_way(forger, &mut tally, witness, &format!("{value:?}"));
        }
    }
    tally
}

/// A piece changed to another number in its range: no other constraint than its chain's.
fn pieces(forger: &Forger<'_>) -> Tally {
    let mut tally = Tally::default();
    let honest = forger.setup.witness(4);
    for (cell, places) in &forger.cells {
        if let Cell::Piece(value, _) = cell {
            tally.cells += 1;
            let mut witness = honest.clone();
            for &(row, lane) in places {
                let held = &mut witness.lanes[lane][row];
                *held = if *held == Fr::ZERO {
                    Fr::ONE
                } else {
                    *held - Fr::ONE
                };
            }
            every_way(forger, &mut tally, witness, &format!("piece of {value:?}"));
        }
    }
    tally
}

/// Two cells of a chain changed against each other.
fn untied(forger: &Forger<'_>) -> Tally {
    let mut tally = Tally::default();
    let honest = forger.setup.witness(5);
    for chain in &forger.chains {
        let places: Vec<Place> = tied(forger, chain.clone()).collect();
        let rows = chain.start.saturating_sub(1)..chain.end + 1;
        for pair in places.windows(2) {
            tally.cells += 1;
            let mut witness = honest.clone();
            witness.lanes[pair[0].1][pair[0].0] += Fr::ONE;
            if !forger.balance(&mut witness, pair[1]) {
                continue;
            }
            forger.restart(&mut witness);
            let violations = forger.checker.violations(&witness, rows.clone()).unwrap();
            tally.case(violations.is_empty(), || {
                format!("{}: untied cells {pair:?}", forger.setup.name)
            });
        }
    }
    tally
}

/// Another constant than 1: a chain of its own objects, whatever the others make of it. (With 2 for
/// 1 all constants double, which other chains can be made to agree with.)
fn constant(forger: &Forger<'_>) -> Tally {
    let mut tally = Tally::default();
    let honest = forger.setup.witness(5);
    let alone = forger.chains.iter().find(|chain| {
        let rows = &forger.rows()[(*chain).clone()];
        let mut cells = rows
            .iter()
            .flat_map(|row| row.lanes.iter().map(|lane| lane.cell));
        cells.all(|cell| cell == Cell::Whole(Value::One))
    });
    for other in [Fr::ZERO, Fr::from(2), Fr::from(3), -Fr::ONE, Fr::TWO_INV] {
        tally.cells += 1;
        let mut witness = honest.clone();
        forger.set(&mut witness, Value::One, other);
        forger.restart(&mut witness);
        let rows = alone.cloned().unwrap_or_default();
        let violations = forger.checker.violations(&witness, rows).unwrap();
        tally.case(violations.is_empty(), || {
            format!("{}: {other:?} for 1", forger.setup.name)
        });
    }
    tally
}

/// Places in a chain of values that stand in more than one place.
fn tied(forger: &Forger<'_>, rows: std::ops::Range<usize>) -> impl Iterator<Item = Place> {
    let tape = forger.rows();
    let places = rows.flat_map(move |row| (0..tape[row].lanes.len()).map(move |lane| (row, lane)));
    places.filter(move |&(row, lane)| match tape[row].lanes[lane].cell {
        Cell::Whole(Value::Entry(..)) | Cell::Piece(..) => false,
        Cell::Whole(_) => true,
    })
}
