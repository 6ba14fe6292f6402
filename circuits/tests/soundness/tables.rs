//! Table activations at the table's edges: entries with another value, arguments that the table
//! does not hold, the second reading of an entry, padding.

use halo2_axiom::halo2curves::ff::Field;
use veriregime_circuits::{
    field::{Fr, from_int, power_of_two},
    model::{Activation, IntegerModel, Table, Trace},
    tape::{Cell, Rule, Value, Witness},
};

use crate::{
    forge::{Forger, retrace},
    scale::Scale,
    setup::{Setup, each_range, over},
    support::random_model_with,
    tally::Tally,
};

/// q is the input itself, the table holds exactly its range, and repeats values.
fn model() -> IntegerModel {
    let values = (-128i32..128).map(|q| (q * q) % 97 - 40).collect();
    let table = Table {
        name: "square modulo 97".into(),
        low: -128,
        values,
    };
    let mut model = random_model_with(3, &[2, 2, 2], 4, Activation::table(table));
    model.layers[0].weights = vec![vec![1, 0], vec![0, 1]];
    model.layers[0].bias = vec![0, 0];
    model.layers[0].shift = 0;
    // A common error of both values cancels in every logit.
    model.layers[1].weights = vec![vec![1, -1], vec![-2, 2]];
    model
}

pub fn run(_: &[Setup], _: Scale) -> Tally {
    over(&each_range("table of the input", &model()), |setup| {
        let forger = Forger::new(setup);
        let mut tally = Tally::default();
        for x in [-128, -127, -1, 0, 1, 126, 127] {
            tally.cells += 1;
            tally = tally + other_values(&forger, x) + second_readings(&forger, x);
            tally = tally + fractions(&forger, x);
        }
        tally + entries(&forger)
    })
}

/// The value of another argument, and values that the table has nowhere.
fn other_values(forger: &Forger<'_>, x: i16) -> Tally {
    let mut tally = Tally::default();
    let layout = forger.setup.layout();
    let activation = &layout.model().layers[0].activation;
    let honest = layout.model().trace(&[x, 5]).unwrap();
    let near = [-1i128, 1, 255].map(|d| activation.apply(i128::from(x) + d).unwrap());
    let far = [-41, 57, 0];
    for other in near.into_iter().chain(far) {
        if other == honest.hidden[0][0] {
            continue;
        }
        let mut forged = honest.clone();
        forged.hidden[0][0] = other;
        retrace(layout.model(), &mut forged, 0, false);
        let mut witness = Witness::from_trace(layout, &forged, [0; 32]).unwrap();
        forger.settle_value(&mut witness, Value::Hidden(0, 0));
        forger.restart(&mut witness);
        let violations = forger.violations(&witness);
        assert!(violations.iter().any(|v| v.rule == Rule::Lookup));
        tally.case(violations.is_empty(), || format!("table({x}) = {other}"));
    }
    tally
}

/// e = x + 2^b y is also (x + 2^b d) + 2^b (y - d): the entry stays in the table, the argument or
/// the value leaves its range.
fn second_readings(forger: &Forger<'_>, x: i16) -> Tally {
    let mut tally = Tally::default();
    let layout = forger.setup.layout();
    let honest = layout.model().trace(&[x, 5]).unwrap();
    let (quotient, hidden) = (Value::Quotient(0, 0), Value::Hidden(0, 0));
    // 256 arguments.
    let bits = 8;
    let entry = Witness::from_trace(layout, &honest, [0; 32]).unwrap();
    let entry = forger.get(&entry, Value::Entry(0, 0));
    for d in [1i128, -1, 2, -2, 40, -40] {
        let mut forged = honest.clone();
        forged.quotients[0][0] += d << bits;
        forged.hidden[0][0] -= d;
        retrace(layout.model(), &mut forged, 0, false);
        let mut witness = Witness::from_trace(layout, &forged, [0; 32]).unwrap();
        assert_eq!(forger.get(&witness, Value::Entry(0, 0)), entry);
        forger.settle_value(&mut witness, quotient);
        forger.settle_value(&mut witness, hidden);
        forger.restart(&mut witness);
        tally.case(forger.accepts(&witness), || {
            format!("{}: second reading {d} of table({x})", forger.setup.name)
        });
    }
    tally
}

/// The entries of other arguments, with whatever value makes the sum right: a fraction, the same for
/// both neurons, which cancels in the logits. Only the ranges of the values are wrong.
fn fractions(forger: &Forger<'_>, x: i16) -> Tally {
    let mut tally = Tally::default();
    let layout = forger.setup.layout();
    let trace = |inputs: [i16; 2]| layout.model().trace(&inputs).unwrap();
    let fill = |trace: &Trace| Witness::from_trace(layout, trace, [0; 32]).unwrap();
    let honest = trace([x, 5]);
    for d in [1, -1, 60, -60] {
        if !(-128..128).contains(&(x + d)) {
            continue;
        }
        let other = trace([x + d, 5 + d]);
        let mut forged = honest.clone();
        forged.accumulators[1].clone_from(&other.accumulators[1]);
        forged.inference = other.inference.clone();
        let (mut witness, other) = (fill(&forged), fill(&other));
        for neuron in 0..2 {
            let (entry, hidden) = (Value::Entry(0, neuron), Value::Hidden(0, neuron));
            let there = forger.get(&other, entry);
            let step = (there - forger.get(&witness, entry)) * argument_scale(forger);
            let value = forger.get(&witness, hidden) + step;
            forger.set(&mut witness, entry, there);
            forger.set(&mut witness, hidden, value);
            forger.settle_value(&mut witness, hidden);
        }
        forger.restart(&mut witness);
        let violations = forger.violations(&witness);
        assert!(violations.iter().all(|v| forger.is_range(v.rule)));
        tally.case(violations.is_empty(), || {
            format!("{}: entries {d} further than table({x})", forger.setup.name)
        });
    }
    tally
}

/// 1 / 2^b of an entry x + 2^b y: from the row where the value stands beside its entry.
fn argument_scale(forger: &Forger<'_>) -> Fr {
    let (row, _) = forger.places(Cell::Whole(Value::Entry(0, 0)))[0];
    let chain = forger.chain_of(row).unwrap();
    let mut lanes = forger.rows()[chain].iter().flat_map(|row| &row.lanes);
    let hidden = lanes.find(|lane| lane.cell == Cell::Whole(Value::Hidden(0, 0)));
    hidden.unwrap().coefficient.invert().unwrap()
}

/// Entries that are in no row of the table, or in a row of another part of it.
fn entries(forger: &Forger<'_>) -> Tally {
    let mut tally = Tally::default();
    let layout = forger.setup.layout();
    let honest = forger.setup.witness(2);
    let (cell, places) = (Cell::Whole(Value::Entry(0, 0)), 1);
    assert_eq!(forger.places(cell).len(), places);
    let (row, lane) = forger.places(cell)[0];
    let tag = layout.rows[row].tag;
    assert!(tag > 8);
    let tag_of = |other: &(Fr, Fr)| other.0 == Fr::from(u64::from(tag));
    let table = layout.table();
    assert_eq!(table[0], (Fr::ZERO, Fr::ZERO));
    let mine: Vec<Fr> = table.iter().filter(|r| tag_of(r)).map(|r| r.1).collect();
    assert_eq!(mine.len(), 256);
    let scale = Fr::from(u64::from(tag));
    let padding = Fr::ZERO;
    let ends = [mine[0], mine[255]].map(|e| e * scale.invert().unwrap());
    let others = table.iter().map(|r| r.1).take(600);
    let odd = [padding, ends[0] - Fr::ONE, ends[1] + Fr::ONE, -Fr::ONE];
    let wide = [power_of_two(8), power_of_two(30), from_int(-(1 << 20))];
    for entry in odd.into_iter().chain(wide).chain(others) {
        if mine.contains(&(entry * scale)) {
            continue;
        }
        tally.cells += 1;
        let mut witness = honest.clone();
        witness.lanes[lane][row] = entry;
        let violations = forger.violations(&witness);
        tally.case(!violations.iter().any(|v| v.rule == Rule::Lookup), || {
            format!("{}: entry {entry:?}", forger.setup.name)
        });
    }
    tally
}
