//! Every public input altered alone, alone with its cell, and as a statement about other inputs.

use halo2_axiom::halo2curves::ff::Field;
use rayon::prelude::*;
use veriregime_circuits::{
    field::{Fr, from_int},
    proof::{Proof, prove},
    public::{INPUTS_PER_WORD, PublicInputs, Statement},
    tape::{Cell, PUBLIC_STRIDE, Value, Witness},
};

use crate::{
    forge::{Forger, retrace},
    scale::Scale,
    setup::{Setup, over},
    support::random_model,
    tally::Tally,
};

pub fn run(setups: &[Setup], _: Scale) -> Tally {
    let words = random_model(31, &[62, 2, 2], 4, &[1, 0, 1]);
    let long = crate::setup::each_range("two full words", &words);
    over(setups, |setup| {
        let forger = Forger::new(setup);
        on_the_tape(&forger) + carries(&forger)
    }) + over(&long[..2], verified)
        + over(&setups[..setups.len().min(3)], verified)
}

/// Statements that differ from one in a single field.
fn neighbours(honest: &Statement) -> Vec<Statement> {
    let mut all = vec![];
    for byte in [1, 16, 31] {
        let mut other = honest.clone();
        other.binding[byte] ^= 1;
        all.push(other);
    }
    for index in 0..honest.inputs.len() {
        for value in [honest.inputs[index] ^ 1, -1 - honest.inputs[index]] {
            let mut other = honest.clone();
            other.inputs[index] = value;
            all.push(other);
        }
    }
    for index in 0..honest.logits.len() {
        for delta in [1, -1, 1 << 40] {
            let mut other = honest.clone();
            other.logits[index] += delta;
            all.push(other);
        }
    }
    for class in (0..honest.logits.len() + 2).filter(|&class| class != honest.class) {
        all.push(Statement {
            class,
            ..honest.clone()
        });
    }
    all
}

fn on_the_tape(forger: &Forger<'_>) -> Tally {
    let mut tally = Tally::default();
    let schema = forger.setup.layout().schema;
    let honest = forger.setup.witness(8);
    let statement = honest.public_inputs.decode().unwrap();
    for other in neighbours(&statement) {
        tally.cells += 1;
        let public_inputs = PublicInputs::encode(schema, &other).unwrap();
        let words = public_inputs.scalars().unwrap();
        // The words alone, then with their cells, which leaves what they are packed from.
        let mut witness = Witness {
            public_inputs,
            ..honest.clone()
        };
        let what = |how: &str| format!("{}: {other:?} {how}", forger.setup.name);
        tally.case(forger.accepts(&witness), || what("alone"));
        if other.binding != statement.binding {
            // The accumulator before row 0 answers to the binding, and to nothing else.
            continue;
        }
        let rows = schema.words() * PUBLIC_STRIDE - 1;
        forger.back(&mut witness, rows);
        tally.case(forger.accepts(&witness), || what("alone, from the end"));
        forger.carry(&mut witness);
        tally.case(forger.accepts(&witness), || what("alone, carried"));
        let inputs = (0..schema.input_words()).map(Value::InputWord);
        let logits = (0..schema.logit_words()).map(Value::LogitWord);
        let cells = inputs.chain(logits).chain([Value::Class]);
        for (value, word) in cells.zip(words.iter().skip(1)) {
            forger.set(&mut witness, value, word + Fr::ONE);
        }
        forger.restart(&mut witness);
        tally.case(forger.accepts(&witness), || what("with its cell"));
        forger.carry(&mut witness);
        tally.case(forger.accepts(&witness), || what("with its cell, carried"));
        // What they are packed from as well, unless that makes a true statement: an input that
        // no live neuron reads changes nothing.
        let inference = forger.setup.layout().model().infer(&other.inputs).unwrap();
        if other.inputs == statement.inputs || inference.logits == other.logits {
            continue;
        }
        unpack(forger, &mut witness, &statement, &other);
        forger.restart(&mut witness);
        tally.case(forger.accepts(&witness), || what("unpacked"));
    }
    tally
}

/// 256 more in one input and one less in the next make the same word: only the range of the inputs
/// is wrong.
fn carries(forger: &Forger<'_>) -> Tally {
    let mut tally = Tally::default();
    let layout = forger.setup.layout();
    let model = layout.model();
    let honest = model.trace(&forger.setup.inputs(8)).unwrap();
    for first in 0..layout.schema.inputs - 1 {
        let values = [first, first + 1].map(Value::Input);
        let there = |value| !forger.places(Cell::Whole(value)).is_empty();
        if first % INPUTS_PER_WORD == INPUTS_PER_WORD - 1 || !values.into_iter().all(there) {
            continue;
        }
        tally.cells += 1;
        let mut forged = honest.clone();
        let layer = &model.layers[0];
        for (neuron, row) in layer.weights.iter().enumerate() {
            let moved = 256 * i128::from(row[first]) - i128::from(row[first + 1]);
            forged.accumulators[0][neuron] += moved;
            forged.quotients[0][neuron] = forged.accumulators[0][neuron] >> layer.shift;
        }
        retrace(model, &mut forged, 0, true);
        let mut witness = Witness::from_trace(layout, &forged, [0; 32]).unwrap();
        for (value, delta) in values.into_iter().zip([256, -1]) {
            let held = forger.get(&witness, value);
            forger.set(&mut witness, value, held + from_int(delta));
            forger.settle_value(&mut witness, value);
        }
        forger.settle(&mut witness);
        forger.restart(&mut witness);
        tally.case(forger.accepts(&witness), || {
            format!("{}: carry from input {first}", forger.setup.name)
        });
    }
    tally
}

/// Writes the inputs of another statement, with their pieces.
fn unpack(forger: &Forger<'_>, witness: &mut Witness, from: &Statement, to: &Statement) {
    for (index, (new, old)) in to.inputs.iter().zip(&from.inputs).enumerate() {
        let value = Value::Input(index);
        if new != old && !forger.places(Cell::Whole(value)).is_empty() {
            let held = forger.get(witness, value);
            forger.set(witness, value, held + from_int((new - old).into()));
            forger.settle_value(witness, value);
        }
    }
}

/// One real proof against every other statement.
fn verified(setup: &Setup) -> Tally {
    let proof = prove(&setup.key, &setup.srs, &setup.inputs(8), [0; 32]).unwrap();
    assert!(setup.verifies(&proof));
    let schema = proof.public_inputs.schema();
    let statement = proof.public_inputs.decode().unwrap();
    let mut others: Vec<PublicInputs> = neighbours(&statement)
        .iter()
        .map(|other| PublicInputs::encode(schema, other).unwrap())
        .collect();
    // Two words in each other's place, where both are words of inputs.
    if schema.inputs == 62 {
        let mut words = proof.public_inputs.words().to_vec();
        words.swap(1, 2);
        others.push(PublicInputs::from_words(schema, words).unwrap());
    }
    let cells = others.len();
    let tallies = others.into_par_iter().map(|public_inputs| {
        let mut tally = Tally::default();
        let other = Proof {
            public_inputs,
            bytes: proof.bytes.clone(),
        };
        tally.case(setup.verifies(&other), || {
            format!("{}: {:?}", setup.name, other.public_inputs)
        });
        tally
    });
    let mut tally = tallies.reduce(Tally::default, |a, b| a + b);
    tally.cells = cells;
    tally
}
