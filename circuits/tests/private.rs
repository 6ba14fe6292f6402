//! Private models: weights hidden by filler rows, everything else as for public ones.
#![allow(missing_docs, clippy::unwrap_used, reason = "test")]
#![allow(clippy::indexing_slicing, reason = "test")]

mod support;

use std::collections::HashSet;

use halo2_axiom::halo2curves::ff::{Field, PrimeField};
use support::{keys, random_inputs, random_model, shapes};
use veriregime_circuits::{
    Error,
    field::Fr,
    keys::ProvingKey,
    model::IntegerModel,
    proof::{prove, verify},
    tape::{Filler, Layout, MAX_K, Profile, Shape, Witness, usable_rows},
};

fn model() -> IntegerModel {
    random_model(1, &[4, 3, 2], 4, &[0, 0, 1])
}

fn private(model: &IntegerModel, shape: Shape, seed: u8, proofs: usize) -> Layout {
    let filler = Filler::new([seed; 32], proofs);
    Layout::compile(model, shape, Some(filler)).unwrap()
}

/// Filler numbers of a weight column.
fn filler_of(key: &ProvingKey, lane: usize) -> Vec<Fr> {
    let layout = key.layout();
    let column = &key.plonk().fixed_values()[lane];
    let end = layout.rows.len() + layout.filler.as_ref().unwrap().rows();
    assert!(column[end..].iter().all(|&number| number == Fr::ZERO));
    column[layout.rows.len()..end].to_vec()
}

#[test]
fn key_depends_on_the_seed_and_on_nothing_else() {
    let digest = |seed| {
        let layout = private(&model(), Shape::default(), seed, 5);
        keys(layout).0.verifying_key().digest()
    };
    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
}

#[test]
fn proof_of_a_private_model_verifies_in_every_shape_and_only_under_its_key() {
    let model = model();
    let inputs = random_inputs(1, 4);
    for shape in shapes(false) {
        let layout = private(&model, shape, 1, 5);
        let other = private(&model, shape, 2, 5);
        let public = Layout::compile(&model, shape, None).unwrap();
        let witness = |layout: &Layout| Witness::generate(layout, &inputs, [0; 32]).unwrap();
        assert_eq!(witness(&layout), witness(&public));
        let ((key, srs), (other, _)) = (keys(layout), keys(other));
        let proof = prove(&key, &srs, &inputs, [0; 32]).unwrap();
        let check = |key: &ProvingKey| {
            let key = key.verifying_key();
            verify(key, &srs, &proof.public_inputs, &proof.bytes)
        };
        check(&key).unwrap_or_else(|error| panic!("{shape}: {error}"));
        assert!(check(&other).is_err());
    }
}

/// Every weight column gets its own numbers, as many as the filler says; nothing else changes.
#[test]
fn filler_hides_every_weight_column_and_no_other() {
    let model = model();
    for shape in shapes(false) {
        let layout = private(&model, shape, 1, 9);
        let k = layout.k;
        let (key, _) = keys(layout);
        let mut numbers = HashSet::new();
        for lane in 0..shape.lanes {
            let filler = filler_of(&key, lane);
            assert_eq!(filler.len(), 10);
            for number in filler {
                assert_ne!(number, Fr::ZERO);
                assert!(numbers.insert(number.to_repr()), "a number twice");
            }
        }
        let public = Layout::compile(&model, shape, None).unwrap();
        if public.k == k {
            let (public, _) = keys(public);
            let commitments = |key: &ProvingKey| {
                let key = key.verifying_key().plonk();
                key.fixed_commitments().clone()
            };
            let pairs = commitments(&key).into_iter().zip(commitments(&public));
            for (column, (private, public)) in pairs.enumerate() {
                assert_eq!(private != public, column < shape.lanes, "column {column}");
            }
        }
    }
}

/// Two keys made with one seed share no filler number, or the difference of their commitments
/// would be one of weights alone.
#[test]
fn filler_of_one_seed_differs_between_models_counts_and_shapes() {
    let mut changed = model();
    changed.layers[0].weights[0][0] += 1;
    let wide = Shape {
        lanes: 2,
        ..Shape::default()
    };
    let mut numbers = HashSet::new();
    for layout in [
        private(&model(), Shape::default(), 1, 9),
        private(&changed, Shape::default(), 1, 9),
        private(&model(), Shape::default(), 1, 8),
        private(&model(), wide, 1, 9),
    ] {
        for number in filler_of(&keys(layout).0, 0) {
            assert!(numbers.insert(number.to_repr()), "a number twice");
        }
    }
}

/// The filler may take every row that is left, and one more proof doubles the circuit.
#[test]
fn filler_up_to_the_last_row_proves() {
    let model = model();
    let free = private(&model, Shape::default(), 1, 0);
    let k = free.k;
    let most = (1..usable_rows(k))
        .rev()
        .find(|&proofs| private(&model, Shape::default(), 1, proofs).k == k);
    let most = most.unwrap();
    assert!(usable_rows(k) - free.rows.len() - most <= 3);
    let (key, srs) = keys(private(&model, Shape::default(), 1, most));
    let proof = prove(&key, &srs, &random_inputs(1, 4), [0; 32]).unwrap();
    let (words, bytes) = (&proof.public_inputs, &proof.bytes);
    verify(key.verifying_key(), &srs, words, bytes).unwrap();
    assert_eq!(private(&model, Shape::default(), 1, most + 1).k, k + 1);
}

#[test]
fn filler_larger_than_the_largest_circuit_is_refused() {
    for proofs in [usable_rows(MAX_K), usize::MAX] {
        let filler = Filler::new([1; 32], proofs);
        let plan = Layout::plan_private(&model(), Profile::Gas, Some(filler.clone()));
        assert!(matches!(plan, Err(Error::TooLong { .. })));
        let layout = Layout::compile(&model(), Shape::default(), Some(filler));
        assert!(matches!(layout, Err(Error::TooLong { .. })));
    }
}

/// Reports and key headers carry a fingerprint of the seed, never the seed.
#[test]
fn filler_is_never_shown() {
    let filler = Filler::new([0xa7; 32], 3);
    for text in [format!("{filler}"), format!("{filler:?}")] {
        assert!(
            !text.contains("a7a7") && !text.contains("167, 167"),
            "{text}"
        );
    }
}
