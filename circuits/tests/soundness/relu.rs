//! ReLU where it bends: -1, 0, 1 and both ends; the sign of zero; a sign that is no bit.

use veriregime_circuits::{
    field::from_int,
    model::{Activation, IntegerModel},
    tape::{Cell, Value, Violation, Witness},
};

use crate::{
    forge::{Forger, retrace},
    scale::Scale,
    setup::{Setup, each_range, over},
    support::random_model_with,
    tally::Tally,
};

/// q is the input itself.
fn model() -> IntegerModel {
    let mut model = random_model_with(3, &[2, 2, 2], 4, Activation::relu());
    model.layers[0].weights = vec![vec![1, 0], vec![0, 3]];
    model.layers[0].bias = vec![0, 7];
    model.layers[0].shift = 0;
    model
}

pub fn run(_: &[Setup], _: Scale) -> Tally {
    over(&each_range("relu of the input", &model()), |setup| {
        let forger = Forger::new(setup);
        let mut tally = Tally::default();
        for x in [-128, -127, -2, -1, 0, 1, 2, 126, 127] {
            tally.cells += 1;
            tally = tally + outputs(&forger, x) + signs(&forger, x);
        }
        tally
    })
}

fn outputs(forger: &Forger<'_>, x: i16) -> Tally {
    let mut tally = Tally::default();
    let layout = forger.setup.layout();
    let honest = layout.model().trace(&[x, 5]).unwrap();
    let truth = honest.hidden[0][0];
    assert_eq!(truth, i128::from(x.max(0)));
    let x = i128::from(x);
    for other in [0, x, -x, x.abs(), truth + 1, truth - 1, 127, -128] {
        if other == truth {
            continue;
        }
        let mut forged = honest.clone();
        forged.hidden[0][0] = other;
        retrace(layout.model(), &mut forged, 0, false);
        let mut witness = Witness::from_trace(layout, &forged, [0; 32]).unwrap();
        tally.case(forger.accepts(&witness), || format!("relu({x}) = {other}"));
        forger.restart(&mut witness);
        tally.case(forger.accepts(&witness), || format!("relu({x}) = {other}"));
    }
    tally
}

/// Another sign, the quotient's pieces bent to fit it, the output that follows from it.
fn signs(forger: &Forger<'_>, x: i16) -> Tally {
    let mut tally = Tally::default();
    let layout = forger.setup.layout();
    let honest = layout.model().trace(&[x, 5]).unwrap();
    let (sign, quotient) = (Value::Sign(0, 0), Value::Quotient(0, 0));
    let truth = i128::from(x >= 0);
    for other in [0, 1, 2, 3, -1] {
        if other == truth {
            continue;
        }
        let mut forged = honest.clone();
        forged.hidden[0][0] = other * i128::from(x);
        retrace(layout.model(), &mut forged, 0, false);
        let mut witness = Witness::from_trace(layout, &forged, [0; 32]).unwrap();
        let field = from_int(other);
        forger.set(&mut witness, sign, field);
        // Its own pieces take up the difference: below zero or above their range.
        forger.settle_value(&mut witness, quotient);
        forger.settle(&mut witness);
        forger.restart(&mut witness);
        let violations = forger.violations(&witness);
        if (0..=1).contains(&other) {
            assert!(violations.iter().all(|v| forger.is_range(v.rule)));
        } else {
            tally.case(!has_boolean_guard(forger, &violations), || {
                format!("{}: sign {other} of {x} is a bit", forger.setup.name)
            });
        }
        tally.case(violations.is_empty(), || {
            format!("{}: sign {other} of {x}", forger.setup.name)
        });
    }
    tally
}

/// Whether a row that holds nothing but signs and the constant 1 objects, or the sign's own range.
fn has_boolean_guard(forger: &Forger<'_>, violations: &[Violation]) -> bool {
    let sign = |cell: &Cell| matches!(cell, Cell::Whole(Value::Sign(..)));
    violations.iter().any(|violation| {
        let Some(chain) = forger.chain_of(violation.row) else {
            return false;
        };
        let cells = |rows: std::ops::Range<usize>| {
            rows.flat_map(|row| forger.rows()[row].lanes.iter().map(|lane| lane.cell))
                .collect::<Vec<_>>()
        };
        let guard = cells(chain)
            .iter()
            .all(|c| sign(c) || *c == Cell::Whole(Value::One));
        let here = cells(violation.row..violation.row + 1);
        guard || (forger.is_range(violation.rule) && here.iter().any(sign))
    })
}
