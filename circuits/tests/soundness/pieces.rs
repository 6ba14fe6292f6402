//! Pieces out of range whose chain is right: the sum is the value, only one piece is too large,
//! negative or a fraction, which modulo r is a number of 254 bits.

use halo2_axiom::halo2curves::ff::{Field, PrimeField};
use veriregime_circuits::{
    field::{Fr, power_of_two},
    tape::{Cell, Piece, Value},
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
        attack(&forger) + checked(&forger)
    })
}

/// Values that the packed sums need to be small have their pieces on the tape. Of logits nothing else
/// shows it in models this small: their gaps, which are checked, object first.
fn checked(forger: &Forger<'_>) -> Tally {
    let mut tally = Tally::default();
    for (value, places) in forger.values() {
        if !matches!(
            value,
            Value::Input(_) | Value::Quotient(..) | Value::Logit(_) | Value::KeyGap(_)
        ) {
            continue;
        }
        tally.cells += 1;
        let mut cells = forger.cells.iter();
        let cut = cells.any(|(cell, _)| matches!(cell, Cell::Piece(of, _) if *of == value));
        let looked_up = places.iter().any(|&(row, _)| forger.rows()[row].tag == 8);
        tally.case(!cut && !looked_up, || {
            format!("{}: {value:?} has no range check", forger.setup.name)
        });
    }
    tally
}

fn piece(forger: &Forger<'_>, (row, lane): Place) -> Option<Piece> {
    match forger.rows()[row].lanes[lane].cell {
        Cell::Piece(_, piece) => Some(piece),
        Cell::Whole(_) => None,
    }
}

fn attack(forger: &Forger<'_>) -> Tally {
    let mut tally = Tally::default();
    let honest = forger.setup.witness(3);
    for chain in &forger.chains {
        let places: Vec<Place> = forger
            .pieces_in(chain)
            .into_iter()
            .map(|(p, _)| p)
            .collect();
        let rows = chain.start.saturating_sub(1)..chain.end + 1;
        for (index, &place) in places.iter().enumerate() {
            let partner = places[(index + 1) % places.len()];
            let (Some(this), Some(that)) = (piece(forger, place), piece(forger, partner)) else {
                continue;
            };
            if partner == place {
                continue;
            }
            tally.cells += 1;
            let mut try_ = |first: Place, value: Fr, second: Place, tight: bool| {
                let mut witness = honest.clone();
                witness.lanes[first.1][first.0] = value;
                assert!(forger.balance(&mut witness, second));
                forger.restart(&mut witness);
                let violations = forger.checker.violations(&witness, rows.clone()).unwrap();
                if tight {
                    // Nothing but the range of the one piece is wrong.
                    assert!(violations.len() <= 1);
                    assert!(violations.iter().all(|v| forger.is_range(v.rule)));
                }
                tally.case(violations.is_empty(), || {
                    format!("{}: row {} lane {}", forger.setup.name, second.0, second.1)
                });
            };
            // The partner holds another number in its range, this one takes up the difference.
            let held = honest.lanes[partner.1][partner.0];
            let other = if held == Fr::ZERO {
                Fr::ONE
            } else {
                held - Fr::ONE
            };
            try_(partner, other, place, true);
            let top = power_of_two(that.width) - Fr::ONE;
            if held != top {
                try_(partner, top, place, true);
            }
            // This one holds what only a wider piece or the other end of the field could.
            for value in [
                power_of_two(this.width),
                power_of_two(this.width) + Fr::ONE,
                power_of_two(8),
                -Fr::ONE,
                Fr::TWO_INV,
                -Fr::TWO_INV,
            ] {
                try_(place, value, partner, false);
            }
        }
    }
    tally
}
