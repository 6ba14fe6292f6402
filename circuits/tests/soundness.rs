//! No false statement has a proof: corrupted cells, outputs, inputs and proofs.
#![allow(missing_docs, clippy::unwrap_used, reason = "test")]

mod support;

use halo2_axiom::halo2curves::ff::{Field, PrimeField};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use rayon::prelude::*;
use support::{product_sized_model, random_inputs, random_model};
use veriregime_circuits::{
    field::{Fr, from_int},
    keys::ProvingKey,
    model::IntegerModel,
    proof::{Proof, prove, prove_witness, verify},
    public::{PublicInputs, Statement},
    srs::Srs,
    tape::{Cell, Checker, Column, Kind, Layout, Value, Witness},
};

struct Setup {
    key: ProvingKey,
    srs: Srs,
}

impl Setup {
    fn new(model: &IntegerModel) -> Self {
        let srs = Srs::development(Layout::plan(model).unwrap().k);
        Self {
            key: ProvingKey::generate(model, &srs).unwrap(),
            srs,
        }
    }

    fn witness(&self, seed: u64) -> Witness {
        let inputs = random_inputs(seed, self.key.layout().schema.inputs);
        Witness::generate(self.key.layout(), &inputs, [0; 32]).unwrap()
    }

    /// Proves a tape that may be false and asks the real verifier.
    fn accepts(&self, witness: Witness) -> bool {
        let rng = ChaCha20Rng::seed_from_u64(1);
        prove_witness(&self.key, &self.srs, witness, rng).is_ok_and(|proof| self.verifies(&proof))
    }

    fn verifies(&self, proof: &Proof) -> bool {
        verify(
            self.key.verifying_key(),
            &self.srs,
            &proof.public_inputs,
            &proof.bytes,
        )
        .is_ok()
    }
}

fn tiny() -> Setup {
    Setup::new(&random_model(11, &[3, 2, 2], 4, &[1, -1, 1]))
}

/// Values that a cell may be tried with: neighbours, other digits, both ends of the field.
fn replacements(value: Fr, rng: &mut ChaCha20Rng) -> Vec<Fr> {
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
    tries.retain(|&try_| try_ != value);
    tries
}

#[test]
fn every_cell_of_a_small_tape_corrupted_is_rejected_by_the_verifier() {
    let setup = tiny();
    let honest = setup.witness(1);
    assert!(setup.accepts(honest.clone()));
    let cells: Vec<(usize, usize)> = (0..honest.values.len())
        .map(|row| (0, row))
        .chain((0..honest.accumulators.len()).map(|row| (1, row)))
        .collect();
    let accepted: Vec<_> = cells
        .par_iter()
        .filter(|&&(column, row)| {
            let mut witness = honest.clone();
            let cells = if column == 0 {
                &mut witness.values
            } else {
                &mut witness.accumulators
            };
            cells[row] += Fr::ONE;
            setup.accepts(witness)
        })
        .collect();
    assert!(
        accepted.is_empty(),
        "accepted corrupted cells (column, row): {accepted:?}"
    );
    println!("corrupted cells rejected by the verifier: {}", cells.len());
}

#[test]
fn sampled_cells_of_the_product_network_corrupted_break_a_constraint() {
    const CELLS: usize = 1_000;
    let setup = Setup::new(&product_sized_model(9));
    let checker = Checker::new(&setup.key).unwrap();
    let mut witness = setup.witness(2);
    assert_eq!(checker.first_violation(&witness).unwrap(), None);
    let instance = witness.public_inputs.scalars().unwrap();
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let mut cases = 0;
    for _ in 0..CELLS {
        let column = if rng.r#gen() {
            Column::Value
        } else {
            Column::Accumulator
        };
        let row = rng.gen_range(0..witness.values.len());
        let value = match column {
            Column::Value => witness.values[row],
            Column::Accumulator => witness.accumulators[row],
        };
        for replacement in replacements(value, &mut rng) {
            assert!(
                checker.catches(&mut witness, &instance, column, row, replacement),
                "{column:?} row {row}: {value:?} replaced by {replacement:?}"
            );
            cases += 1;
        }
    }
    println!("corrupted cells: {CELLS}, cases: {cases}");
}

#[test]
fn corrupted_cell_of_the_product_network_is_rejected_by_the_verifier() {
    let setup = Setup::new(&product_sized_model(9));
    let mut witness = setup.witness(4);
    let row = witness.values.len() / 2;
    witness.values[row] += Fr::ONE;
    assert!(!setup.accepts(witness));
}

/// Rewrites the tape of another statement consistently: same inputs, claimed outputs, everything
/// recomputed from them. Only the constraints that tie outputs to inputs can object.
fn claim(setup: &Setup, honest: &Witness, logits: Vec<i64>, class: usize) -> Witness {
    let statement = honest.public_inputs.decode().unwrap();
    let schema = setup.key.layout().schema;
    let claimed = Statement {
        logits,
        class,
        ..statement
    };
    let public_inputs = PublicInputs::encode(schema, &claimed).unwrap();
    let words = public_inputs.scalars().unwrap();
    let mut witness = Witness {
        public_inputs,
        ..honest.clone()
    };
    for (index, row) in setup.key.layout().rows.iter().enumerate() {
        let class_of = |j: usize| Fr::from(u64::from(j == class));
        match row.cell {
            Cell::Whole(Value::Class) => witness.values[index] = words[words.len() - 1],
            Cell::Whole(Value::OneHot(j)) => witness.values[index] = class_of(j),
            Cell::Whole(Value::LogitWord(_)) => witness.values[index] = words[words.len() - 2],
            _ => {}
        }
    }
    witness
}

#[test]
fn wrong_class_has_no_proof() {
    let setup = tiny();
    let honest = setup.witness(5);
    let statement = honest.public_inputs.decode().unwrap();
    let other = 1 - statement.class;
    assert!(!setup.accepts(claim(&setup, &honest, statement.logits.clone(), other)));
    let same = claim(&setup, &honest, statement.logits.clone(), statement.class);
    assert_eq!(same.values, honest.values);
}

#[test]
fn wrong_logits_have_no_proof() {
    let setup = tiny();
    let honest = setup.witness(6);
    let statement = honest.public_inputs.decode().unwrap();
    let mut logits = statement.logits.clone();
    logits[statement.class] += 1;
    assert!(!setup.accepts(claim(&setup, &honest, logits, statement.class)));
}

#[test]
fn tie_goes_to_the_lowest_class_and_no_other_has_a_proof() {
    // Equal weight rows: all three logits are always equal.
    let mut model = random_model(13, &[3, 2, 3], 4, &[1, 1, 1]);
    let last = model.layers.last_mut().unwrap();
    last.weights = vec![last.weights[0].clone(); 3];
    last.bias = vec![last.bias[0]; 3];
    let setup = Setup::new(&model);
    let honest = setup.witness(7);
    let statement = honest.public_inputs.decode().unwrap();
    assert_eq!(statement.class, 0);
    assert!(setup.accepts(honest.clone()));
    for class in [1, 2] {
        let mut witness = claim(&setup, &honest, statement.logits.clone(), class);
        // The claimed class's own key as the largest: the gap of class 0 becomes negative.
        for (index, row) in setup.key.layout().rows.iter().enumerate() {
            if row.cell == Cell::Whole(Value::TopKey) {
                witness.values[index] -= Fr::from(class as u64);
            }
            if let Cell::Whole(Value::KeyGap(_)) = row.cell {
                witness.values[index] -= Fr::from(class as u64);
            }
        }
        assert!(!setup.accepts(witness), "class {class}");
    }
}

/// Rows that carry the digits of a value, lowest first.
fn digit_rows(setup: &Setup, value: Value) -> Vec<usize> {
    let rows = setup.key.layout().rows.iter().enumerate();
    rows.filter(|(_, row)| matches!(row.cell, Cell::Digit(v, _) if v == value))
        .map(|(index, _)| index)
        .collect()
}

#[test]
fn digits_out_of_range_with_the_right_sum_are_rejected() {
    let setup = tiny();
    let honest = setup.witness(3);
    let values = [
        Value::Input(1),
        Value::Quotient(0, 1),
        Value::Logit(0),
        Value::KeyGap(1),
    ];
    for value in values.into_iter().chain([Value::Remainder(0, 0)]) {
        let rows = digit_rows(&setup, value);
        for pair in rows.windows(2) {
            let mut witness = honest.clone();
            // 4 more here, 1 less there: every chain still ends at zero.
            witness.values[pair[0]] += Fr::from(4);
            witness.values[pair[1]] -= Fr::ONE;
            witness.accumulate(setup.key.layout()).unwrap();
            assert_eq!(witness.accumulators.last(), Some(&Fr::ZERO));
            assert!(!setup.accepts(witness), "{value:?}");
        }
    }
}

/// Values and digits changed everywhere they stand, the accumulators recomputed: every product and
/// every copy is right, only the chains no longer end at zero.
#[test]
fn value_changed_everywhere_with_accumulators_recomputed_is_rejected() {
    let setup = tiny();
    let rows = &setup.key.layout().rows;
    let honest = setup.witness(4);
    let mut cells: Vec<Cell> = rows.iter().map(|row| row.cell).collect();
    cells.sort_by_key(|cell| format!("{cell:?}"));
    cells.dedup();
    let accepted: Vec<_> = cells
        .par_iter()
        .filter(|&&cell| {
            let mut witness = honest.clone();
            for (value, row) in witness.values.iter_mut().zip(rows) {
                if row.cell == cell {
                    // A digit stays a digit.
                    let digit = row.digit && *value == Fr::from(3);
                    *value = if digit { Fr::ZERO } else { *value + Fr::ONE };
                }
            }
            witness.accumulate(setup.key.layout()).unwrap();
            setup.accepts(witness)
        })
        .collect();
    assert!(accepted.is_empty(), "accepted forgeries: {accepted:?}");
    println!("values forged consistently: {}", cells.len());
}

/// A rescale off by one, everything after it recomputed, and the remainder's top digit bent so that
/// the sum is right: only the range of that digit is wrong.
#[test]
fn quotient_off_by_one_has_no_proof() {
    let setup = tiny();
    let layout = setup.key.layout();
    let model = layout.model();
    let inputs = random_inputs(5, layout.schema.inputs);
    let honest = model.trace(&inputs).unwrap();
    for delta in [-1i128, 1] {
        for neuron in 0..honest.quotients[0].len() {
            let mut forged = honest.clone();
            forged.quotients[0][neuron] += delta;
            let layer = &model.layers[0];
            forged.hidden[0][neuron] = layer.activate(forged.quotients[0][neuron]);
            let last = &model.layers[1];
            for (j, row) in last.weights.iter().enumerate() {
                let sum = row
                    .iter()
                    .zip(&forged.hidden[0])
                    .map(|(&w, &h)| i128::from(w) * h);
                let logit = i128::from(last.bias[j]) + sum.sum::<i128>();
                forged.accumulators[1][j] = logit;
                forged.inference.logits[j] = i64::try_from(logit).unwrap();
            }
            let logits = &forged.inference.logits;
            forged.inference.class = usize::from(logits[1] > logits[0]);
            let mut witness = Witness::from_trace(layout, &forged, [0; 32]).unwrap();
            let rows = digit_rows(&setup, Value::Remainder(0, neuron));
            let remainder =
                forged.accumulators[0][neuron] - (forged.quotients[0][neuron] << layer.shift);
            let top = remainder >> (2 * (rows.len() - 1));
            assert!(!(0..4).contains(&top));
            witness.values[rows[rows.len() - 1]] = from_int(top);
            witness.accumulate(layout).unwrap();
            // Every chain of a consistent forgery ends at zero: nothing but the digit is wrong.
            let broken = layout.rows.iter().zip(&witness.accumulators[1..]);
            let broken = broken.filter(|(row, acc)| row.kind == Kind::MacZero && **acc != Fr::ZERO);
            assert_eq!(broken.count(), 0);
            assert!(!setup.accepts(witness), "neuron {neuron} by {delta}");
        }
    }
}

#[test]
fn each_public_input_altered_alone_is_rejected() {
    let setup = tiny();
    let inputs = random_inputs(8, 3);
    let proof = prove(&setup.key, &setup.srs, &inputs, [0; 32]).unwrap();
    let words = proof.public_inputs.words().to_vec();
    for index in 0..words.len() {
        let mut altered = words.clone();
        altered[index][31] ^= 1;
        let schema = proof.public_inputs.schema();
        // Either no statement has this word, or the proof is not of that statement.
        let Ok(public_inputs) = PublicInputs::from_words(schema, altered) else {
            continue;
        };
        let altered = Proof {
            public_inputs,
            ..proof.clone()
        };
        assert!(!setup.verifies(&altered), "word {index}");
    }
}

#[test]
fn proof_bytes_altered_truncated_or_extended_are_rejected() {
    let setup = tiny();
    let proof = prove(&setup.key, &setup.srs, &random_inputs(9, 3), [0; 32]).unwrap();
    assert!(setup.verifies(&proof));
    for index in 0..proof.bytes.len() {
        let mut altered = proof.clone();
        altered.bytes[index] ^= 1;
        assert!(!setup.verifies(&altered), "byte {index}");
    }
    for word in 0..proof.bytes.len() / 32 {
        for filling in [[0u8; 32], [0xff; 32], veriregime_circuits::field::MODULUS] {
            let mut altered = proof.clone();
            altered.bytes[32 * word..32 * word + 32].copy_from_slice(&filling);
            assert!(!setup.verifies(&altered), "word {word}");
        }
    }
    let mut longer = proof.clone();
    longer.bytes.push(0);
    assert!(!setup.verifies(&longer));
    let mut shorter = proof.clone();
    shorter.bytes.pop();
    assert!(!setup.verifies(&shorter));
}

#[test]
fn proof_of_another_model_is_rejected() {
    let (a, b) = (
        tiny(),
        Setup::new(&random_model(12, &[3, 2, 2], 4, &[1, -1, 1])),
    );
    let proof = prove(&a.key, &a.srs, &random_inputs(1, 3), [0; 32]).unwrap();
    assert!(a.verifies(&proof));
    assert_eq!(a.srs.sha256(), b.srs.sha256());
    assert!(!b.verifies(&proof));
}
