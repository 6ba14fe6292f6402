//! Rescales off by one, by a power of two or by the range of the quotient: everything behind the
//! quotient recomputed, the remainder bent so that every sum is right.

use halo2_axiom::halo2curves::ff::PrimeField;
use veriregime_circuits::{
    field::{Fr, from_int},
    tape::{Cell, Value, Witness},
};

use crate::{
    forge::{Forger, retrace},
    scale::Scale,
    setup::{Setup, each_range, over},
    support::random_model,
    tally::Tally,
};

pub fn run(setups: &[Setup], _: Scale) -> Tally {
    let mut linear = random_model(11, &[3, 2, 2], 4, &[0, 1]);
    linear.layers[1].weights = vec![vec![1, 1], vec![2, -2]];
    let linear = each_range("linear", &linear);
    over(&linear, |setup| halves(&Forger::new(setup)))
        + over(setups, |setup| {
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

/// Both quotients off by a half, both remainders by half a step: every sum is right and every logit
/// an integer, but a wrong one. Only the ranges of the quotients, which are fractions, are wrong.
fn halves(forger: &Forger<'_>) -> Tally {
    let mut tally = Tally::default();
    let layout = forger.setup.layout();
    let model = layout.model();
    let shift = model.layers[0].shift;
    for seed in 0..8 {
        tally.cells += 2;
        let mut forged = model.trace(&forger.setup.inputs(seed)).unwrap();
        let signs = [0, 1].map(|neuron| {
            let upper = forged.accumulators[0][neuron] >> (shift - 1) & 1;
            2 * upper - 1
        });
        for (class, row) in model.layers[1].weights.iter().enumerate() {
            let twice: i128 = row.iter().zip(signs).map(|(&w, s)| i128::from(w) * s).sum();
            forged.accumulators[1][class] += twice / 2;
            forged.inference.logits[class] += i64::try_from(twice / 2).unwrap();
        }
        let logits = &forged.inference.logits;
        forged.inference.class = usize::from(logits[1] > logits[0]);
        let mut witness = Witness::from_trace(layout, &forged, [0; 32]).unwrap();
        for (neuron, sign) in signs.into_iter().enumerate() {
            for value in [Value::Quotient(0, neuron), Value::Hidden(0, neuron)] {
                let held = forger.get(&witness, value);
                forger.set(&mut witness, value, held + from_int(sign) * Fr::TWO_INV);
                forger.settle_value(&mut witness, value);
            }
        }
        for (neuron, sign) in signs.into_iter().enumerate() {
            let remainder = Value::Remainder(0, neuron);
            toggle(forger, &mut witness, remainder, -sign, shift - 1);
        }
        forger.restart(&mut witness);
        let violations = forger.violations(&witness);
        assert!(
            violations.iter().all(|v| forger.is_range(v.rule)),
            "{violations:?}"
        );
        tally.case(violations.is_empty(), || {
            format!("{}: quotients and a half, inputs {seed}", forger.setup.name)
        });
    }
    tally
}

/// Adds or subtracts 2^bit in the piece that holds it.
fn toggle(forger: &Forger<'_>, witness: &mut Witness, value: Value, sign: i128, bit: u32) {
    for (cell, places) in &forger.cells {
        if let Cell::Piece(of, piece) = cell
            && *of == value
            && (piece.offset..piece.offset + piece.width).contains(&bit)
        {
            let (row, lane) = places[0];
            witness.lanes[lane][row] += from_int(sign << (bit - piece.offset));
        }
    }
}
