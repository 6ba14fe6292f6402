//! The circuit says what the integer reference says.
#![allow(missing_docs, clippy::unwrap_used, reason = "test")]

mod support;

use rayon::prelude::*;
use support::{product_sized_model, random_inputs, random_model};
use veriregime_circuits::{
    keys::ProvingKey,
    model::IntegerModel,
    proof::{prove, verify},
    srs::Srs,
    tape::{Checker, Layout, Witness},
};

fn key_for(model: &IntegerModel) -> (ProvingKey, Srs) {
    let srs = Srs::development(Layout::plan(model).unwrap().k);
    (ProvingKey::generate(model, &srs).unwrap(), srs)
}

/// Every gate and copy of the real key holds on the tape filled from the reference inference.
fn holds_on(model: &IntegerModel, windows: u64) {
    let (key, _) = key_for(model);
    let checker = Checker::new(&key).unwrap();
    (0..windows).into_par_iter().for_each(|seed| {
        let inputs = random_inputs(seed, model.input.len);
        let witness = Witness::generate(key.layout(), &inputs, [0; 32]).unwrap();
        let statement = witness.public_inputs.decode().unwrap();
        let inference = model.infer(&inputs).unwrap();
        assert_eq!(
            (statement.logits, statement.class),
            (inference.logits, inference.class)
        );
        assert_eq!(
            checker.first_violation(&witness).unwrap(),
            None,
            "window {seed}"
        );
    });
}

#[test]
fn witness_small_networks_10000_windows_satisfy_the_key() {
    for (widths, bits, activation) in [
        (&[5, 3, 2][..], 8, &[0, 0, 1][..]),
        (&[33, 4, 3], 8, &[7, -3, 2, 1]),
        (&[12, 6, 5, 4], 4, &[0, 1, 1]),
        (&[9, 16], 8, &[0, 0, 1]),
        (&[31, 2, 7], 16, &[1, -1]),
    ] {
        holds_on(&random_model(7, widths, bits, activation), 2_000);
    }
}

/// Dead neurons, unread neurons and unread inputs get no rows; the answers stay the same.
#[test]
fn witness_sparse_network_windows_satisfy_the_key() {
    let mut model = random_model(17, &[40, 8, 6, 3], 6, &[3, -1, 1]);
    let dense = Layout::plan(&model).unwrap().rows.len();
    model.layers[0].weights[2].fill(0);
    for row in &mut model.layers[0].weights {
        row[5] = 0;
        row[32..].fill(0);
    }
    for row in &mut model.layers[1].weights {
        row[3] = 0;
    }
    model.layers[1].weights[4].fill(0);
    assert!(Layout::plan(&model).unwrap().rows.len() + 80 < dense);
    holds_on(&model, 500);
}

#[test]
fn witness_product_network_windows_satisfy_the_key() {
    holds_on(&product_sized_model(3), 100);
}

#[test]
fn prove_product_network_verifies_with_the_reference_logits() {
    let model = product_sized_model(5);
    let (key, srs) = key_for(&model);
    for seed in 0..2 {
        let inputs = random_inputs(seed, 480);
        let proof = prove(&key, &srs, &inputs, [0; 32]).unwrap();
        assert_eq!(proof.bytes.len(), key.verifying_key().proof_bytes());
        assert_eq!(
            proof.public_inputs.decode().unwrap().logits,
            model.infer(&inputs).unwrap().logits
        );
        verify(
            key.verifying_key(),
            &srs,
            &proof.public_inputs,
            &proof.bytes,
        )
        .unwrap();
    }
}
