//! The circuit says what the integer reference says.
#![allow(missing_docs, clippy::unwrap_used, reason = "test")]

mod support;

use rayon::prelude::*;
use support::{
    activations, keys, product_sized_model, random_inputs, random_model, random_model_with, shapes,
};
use veriregime_circuits::{
    model::IntegerModel,
    proof::{prove, verify},
    tape::{Checker, Layout, Profile, RangeCheck, Shape, Witness},
};

/// Every gate, lookup and copy of the real key holds on the tape filled from the reference inference.
fn holds_on(model: &IntegerModel, shape: Shape, windows: std::ops::Range<u64>) {
    let (key, _) = keys(Layout::compile(model, shape, None).unwrap());
    let checker = Checker::new(&key).unwrap();
    windows.into_par_iter().for_each(|seed| {
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
            "{shape}, window {seed}"
        );
    });
}

#[test]
fn witness_small_networks_10000_windows_satisfy_the_key() {
    let models = [
        random_model(7, &[5, 3, 2], 8, &[0, 0, 1]),
        random_model(7, &[33, 4, 3], 8, &[7, -3, 2, 1]),
        random_model(7, &[12, 6, 5, 4], 4, &[0, 1, 1]),
        random_model(7, &[9, 16], 8, &[0, 0, 1]),
        random_model(7, &[31, 2, 7], 16, &[1, -1]),
    ];
    let mut windows = 0;
    for model in &models {
        for (index, shape) in (0..).zip(shapes(false)) {
            holds_on(model, shape, index * 150..(index + 1) * 150);
            windows += 150;
        }
    }
    assert!(windows >= 10_000);
}

#[test]
fn witness_every_activation_in_every_shape_satisfies_the_key() {
    for (name, activation) in activations() {
        let tables = activation.as_table().is_some();
        let model = random_model_with(19, &[7, 5, 4, 3], 4, activation);
        model
            .validate()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        for shape in shapes(tables) {
            holds_on(&model, shape, 0..40);
        }
    }
}

/// Per-layer bit-widths from 2 to 16, several activations in one network.
#[test]
fn witness_mixed_precision_and_activations_satisfy_the_key() {
    let mut model = random_model(23, &[20, 8, 7, 6, 5, 3], 8, &[0, 0, 1]);
    let kinds = activations();
    for (index, bits) in [2u32, 5, 16, 3, 11].into_iter().enumerate() {
        let other = random_model(29, &model.widths(), bits, &[0, 0, 1]);
        model.layers[index]
            .weights
            .clone_from(&other.layers[index].weights);
    }
    model.layers[1].activation = kinds[4].1.clone();
    model.layers[1].shift = 8;
    model.layers[2].shift = 20;
    model.layers[3].shift = 26;
    assert_eq!(kinds[4].0, "relu");
    for shape in shapes(false) {
        holds_on(&model, shape, 0..30);
    }
}

/// Dead neurons, unread neurons and unread inputs get no rows; the answers stay the same.
#[test]
fn witness_sparse_network_windows_satisfy_the_key() {
    let mut model = random_model(17, &[40, 8, 6, 3], 6, &[3, -1, 1]);
    let rows = |model: &IntegerModel| {
        let layout = Layout::compile(model, Shape::default(), None).unwrap();
        layout.rows.len()
    };
    let dense = rows(&model);
    model.layers[0].weights[2].fill(0);
    for row in &mut model.layers[0].weights {
        row[5] = 0;
        row[32..].fill(0);
    }
    for row in &mut model.layers[1].weights {
        row[3] = 0;
    }
    model.layers[1].weights[4].fill(0);
    assert!(rows(&model) + 80 < dense);
    for shape in shapes(false) {
        holds_on(&model, shape, 0..50);
    }
}

#[test]
fn witness_product_network_windows_satisfy_the_key() {
    let model = product_sized_model(3);
    for profile in [Profile::Gas, Profile::Speed] {
        let shape = Layout::plan(&model, profile).unwrap().shape;
        holds_on(&model, shape, 0..60);
    }
}

#[test]
fn prove_every_shape_verifies_with_the_reference_logits() {
    let mut cases = vec![];
    for shape in shapes(false) {
        cases.push((random_model(5, &[33, 6, 5, 3], 8, &[1, 2, 1]), shape));
    }
    for (_, activation) in activations() {
        let tables = activation.as_table().is_some();
        for shape in [shapes(tables)[1], shapes(tables)[6]] {
            cases.push((
                random_model_with(5, &[7, 5, 4, 3], 4, activation.clone()),
                shape,
            ));
        }
    }
    for (model, shape) in cases {
        let (key, srs) = keys(Layout::compile(&model, shape, None).unwrap());
        let inputs = random_inputs(2, model.input.len);
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
        .unwrap_or_else(|error| panic!("{shape}: {error}"));
    }
}

#[test]
fn prove_product_network_verifies_in_both_profiles() {
    let model = product_sized_model(5);
    for profile in [Profile::Gas, Profile::Speed] {
        let (key, srs) = keys(Layout::plan(&model, profile).unwrap());
        let proof = prove(&key, &srs, &random_inputs(1, 480), [0; 32]).unwrap();
        verify(
            key.verifying_key(),
            &srs,
            &proof.public_inputs,
            &proof.bytes,
        )
        .unwrap();
    }
}

/// A lookup argument that nothing uses, or a degree that nothing reaches, would leave polynomials at
/// zero, and no verifier takes the commitment to zero.
#[test]
fn compile_leaves_no_polynomial_at_zero() {
    let model = random_model(5, &[4, 3, 2], 4, &[1, 2, 1]);
    for text in ["1xbits:4", "1xbits:6", "2xbits:5", "3xquads:6"] {
        let error = Layout::compile(&model, text.parse().unwrap(), None).unwrap_err();
        assert!(error.to_string().contains("want a degree of"), "{error}");
    }
    let with_lookup = Shape::new(2, RangeCheck::Bits, true);
    let layout = Layout::compile(&model, with_lookup, None).unwrap();
    assert_eq!(layout.shape, Shape::new(2, RangeCheck::Bits, false));
    let (key, srs) = keys(layout);
    let proof = prove(&key, &srs, &random_inputs(1, 4), [0; 32]).unwrap();
    let verifying = key.verifying_key();
    verify(verifying, &srs, &proof.public_inputs, &proof.bytes).unwrap();
}

#[test]
fn from_trace_of_another_model_is_refused() {
    let [mine, other] = [3, 4].map(|width| random_model(5, &[4, width, 2], 4, &[1, 2, 1]));
    let layout = Layout::compile(&mine, Shape::default(), None).unwrap();
    let trace = other.trace(&random_inputs(1, 4)).unwrap();
    let error = Witness::from_trace(&layout, &trace, [0; 32]).unwrap_err();
    assert!(error.to_string().contains("[4, 2]"), "{error}");
}
