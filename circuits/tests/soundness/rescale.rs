//! Rescales off by one, by a power of two or by the range of the quotient: everything behind the
//! quotient recomputed, the remainder bent so that every sum is right.

use veriregime_circuits::{
    field::{Fr, from_int},
    tape::{Cell, Value, Witness},
};

use crate::{
    forge::{Forger, retrace},
    setup::{Scale, Setup, over},
    tally::Tally,
};

pub fn run(setups: &[Setup], _: Scale) -> Tally {
    over(setups, |setup| {
        let forger = Forger::new(setup);
        (5..8)
            .map(|seed| attack(&forger, seed))
            .fold(Tally::default(), |a, b| a + b)
    })
}

fn attack(forger: &Forger<'_>, seed: u64) -> Tally {
    let mut tally = Tally::default();
    let layout = forger.setup.layout();
    let model = layout.model();
    let honest = model.trace(&forger.setup.inputs(seed)).unwrap();
    for (value, _) in forger.values() {
        let Value::Quotient(layer, neuron) = value else {
            continue;
        };
        tally.cells += 1;
        let deltas = [1i128, -1, 2, -2, 64, -64, 1 << 20, -(1 << 20)];
        for delta in deltas {
            let mut forged = honest.clone();
            forged.quotients[layer][neuron] += delta;
            retrace(model, &mut forged, layer, true);
            let mut witness = Witness::from_trace(layout, &forged, [0; 32]).unwrap();
            // The quotient's own pieces, then the remainder's.
            forger.settle_value(&mut witness, value);
            forger.settle_value(&mut witness, Value::Remainder(layer, neuron));
            forger.settle(&mut witness);
            forger.restart(&mut witness);
            let violations = forger.violations(&witness);
            if delta.abs() == 1 && model.layers[layer].activation.as_table().is_none() {
                // Tight: only pieces out of their range give it away.
                assert!(
                    violations.iter().all(|v| forger.is_range(v.rule)),
                    "{}: {value:?} {delta}: {violations:?}",
                    forger.setup.name
                );
            }
            tally.case(violations.is_empty(), || {
                format!("{}: {value:?} off by {delta}", forger.setup.name)
            });
        }
        // A remainder of the other sign or of a whole step, with the quotient left alone.
        for delta in [from_int(1 << model.layers[layer].shift), -Fr::one()] {
            let mut witness = Witness::from_trace(layout, &honest, [0; 32]).unwrap();
            let pieces = forger.cells.iter().filter(|(cell, _)| {
                matches!(cell, Cell::Piece(Value::Remainder(l, j), _) if (*l, *j) == (layer, neuron))
            });
            let Some((row, lane)) = pieces.map(|(_, places)| places[0]).next() else {
                continue;
            };
            witness.lanes[lane][row] += delta;
            forger.restart(&mut witness);
            tally.case(forger.accepts(&witness), || {
                format!("{}: remainder of {value:?}", forger.setup.name)
            });
        }
    }
    tally
}
