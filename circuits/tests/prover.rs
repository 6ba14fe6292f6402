//! The long-lived prover makes the proofs of the library path.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::sync::Arc;

use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use support::{keys, random_inputs, random_model};
use veriregime_circuits::{
    Error,
    keys::ProvingKey,
    proof::{prove_witness, verify},
    prover::{DEFAULT_MEMORY_BUDGET, Prover},
    srs::Srs,
    tape::{Layout, Profile, Witness},
};

/// Bytes before the commitment to the library's random polynomial, which it draws from the thread's
/// generator: A, ACC and the permutation product.
const DETERMINED: usize = 3 * 64;

fn setup() -> (Arc<ProvingKey>, Srs) {
    let model = random_model(3, &[6, 5, 3], 6, &[0, 0, 1]);
    let (key, srs) = keys(Layout::plan(&model, Profile::Gas).unwrap());
    (key.into(), srs)
}

#[test]
fn prove_witness_fixed_seed_any_budget_begins_like_the_library_and_verifies() {
    let (key, srs) = setup();
    for budget in [0, 1 << 16, DEFAULT_MEMORY_BUDGET] {
        let prover = Prover::new(key.clone(), srs.clone(), budget).unwrap();
        assert!(prover.table_bytes() <= budget);
        for seed in 0..4 {
            let rng = ChaCha20Rng::seed_from_u64(seed);
            let inputs = random_inputs(seed, 6);
            let witness = Witness::generate(key.layout(), &inputs, [0; 32]).unwrap();
            let theirs = prove_witness(&key, &srs, witness.clone(), rng.clone()).unwrap();
            let ours = prover.prove_witness(witness, rng).unwrap();
            assert_eq!(ours.public_inputs, theirs.public_inputs);
            assert_eq!(ours.bytes.len(), theirs.bytes.len());
            assert_eq!(ours.bytes[..DETERMINED], theirs.bytes[..DETERMINED]);
            let vk = key.verifying_key();
            verify(vk, &srs, &ours.public_inputs, &ours.bytes).unwrap();
            verify(vk, &srs, &theirs.public_inputs, &theirs.bytes).unwrap();
        }
    }
}

#[test]
fn prove_verifies_and_new_with_foreign_srs_is_refused() {
    let (key, srs) = setup();
    let prover = Prover::new(key.clone(), srs.clone(), DEFAULT_MEMORY_BUDGET).unwrap();
    let proof = prover.prove(&random_inputs(7, 6), [0; 32]).unwrap();
    let vk = prover.key().verifying_key();
    verify(vk, prover.srs(), &proof.public_inputs, &proof.bytes).unwrap();
    let larger = Srs::development(srs.k() + 1);
    assert!(matches!(
        Prover::new(key, larger, 0),
        Err(Error::Srs { .. })
    ));
}
