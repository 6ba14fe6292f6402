//! Bytes of a proof altered, and proofs of another model, shape or statement.

use rayon::prelude::*;
use veriregime_circuits::{
    field::MODULUS,
    proof::{Proof, prove},
    tape::Shape,
};

use crate::{
    scale::Scale,
    setup::{Setup, models, over},
    support::random_model,
    tally::Tally,
};

pub fn run(setups: &[Setup], scale: Scale) -> Tally {
    let lookup = setups
        .iter()
        .position(|s| s.name.starts_with("table in 1 lane, bytes"));
    let lookup = &setups[lookup.unwrap()];
    altered(&setups[0], scale.pick(1, 1)) + altered(lookup, scale.pick(9, 1)) + foreign()
}

fn altered(setup: &Setup, step: usize) -> Tally {
    let proof = prove(&setup.key, &setup.srs, &setup.inputs(9), [0; 32]).unwrap();
    assert!(setup.verifies(&proof));
    let mut forgeries: Vec<(String, Vec<u8>)> = vec![];
    for index in (0..proof.bytes.len()).step_by(step) {
        let mut bytes = proof.bytes.clone();
        bytes[index] ^= 1;
        forgeries.push((format!("byte {index}"), bytes));
    }
    for word in 0..proof.bytes.len() / 32 {
        for filling in [[0u8; 32], [0xff; 32], MODULUS] {
            let mut bytes = proof.bytes.clone();
            bytes[32 * word..32 * word + 32].copy_from_slice(&filling);
            forgeries.push((format!("word {word}"), bytes));
        }
    }
    let (len, bytes) = (proof.bytes.len(), &proof.bytes);
    for keep in [0, 1, 32, len - 32, len - 1] {
        forgeries.push((format!("truncated to {keep}"), bytes[..keep].to_vec()));
    }
    for more in [1, 32] {
        let longer = [bytes.as_slice(), &vec![0; more]].concat();
        forgeries.push((format!("{more} longer"), longer));
    }
    let tallies = forgeries.into_par_iter().map(|(what, bytes)| {
        let mut tally = Tally {
            cells: 1,
            ..Tally::default()
        };
        let public_inputs = proof.public_inputs.clone();
        let forged = Proof {
            bytes,
            public_inputs,
        };
        tally.case(setup.verifies(&forged), || {
            format!("{}: {what}", setup.name)
        });
        tally
    });
    tallies.reduce(Tally::default, |a, b| a + b)
}

/// Proofs that hold, for keys of one model in other shapes and of another model in the same shape.
fn foreign() -> Tally {
    let (name, model) = models().swap_remove(0);
    let mut setups: Vec<Setup> = crate::setup::shapes(false, Scale::Small)
        .into_iter()
        .map(|shape| Setup::new(name, &model, shape))
        .collect();
    let other = random_model(12, &[3, 2, 2], 4, &[1, -1, 1]);
    let default = Shape::default();
    setups.push(Setup::new("another model", &other, default));
    setups.push(Setup::new(
        "degree 4",
        &model,
        Shape {
            lanes: 2,
            degree: 4,
            ..default
        },
    ));
    over(&setups, |from| {
        let mut tally = Tally::default();
        let proof = prove(&from.key, &from.srs, &from.inputs(1), [0; 32]).unwrap();
        for to in &setups {
            let same = std::ptr::eq(from, to);
            if same {
                assert!(to.verifies(&proof));
            } else {
                tally.cells += 1;
                tally.case(to.verifies(&proof), || {
                    format!("{} for {}", from.name, to.name)
                });
            }
        }
        tally
    })
}
