//! Backends: reports, keys in memory, and what a checker refuses.

use std::sync::Arc;

use alloy::primitives::B256;
use tokio::runtime::Runtime;
use veriregime::{
    backend::{
        BackendError, BackendName, Backends, Checker, Ezkl, Input, Points, Proof, Sheet, Statement,
        Task,
    },
    farm::{Digest, visibilities},
};
use veriregime_circuits::sheet::{Visibilities, Visibility};

use super::made;

fn binding() -> B256 {
    let mut word = [3; 32];
    word[0] = 0;
    word.into()
}

fn task(visibilities: Visibilities) -> Task {
    let file = serde_json::to_vec(&made::network()).unwrap();
    Task {
        backend: BackendName::Sheet,
        network: Digest::of(&file),
        file: file.into(),
        statement: Statement {
            visibilities,
            k: None,
        },
        input: Input::Integers(made::windows(1)[0].clone()),
        binding: binding(),
    }
}

/// Points of a folder of its own: a development SRS.
fn points(runtime: &Runtime) -> Arc<Points> {
    Arc::new(Points::new(
        std::env::var_os("VERIREGIME_SRS").map(Into::into),
        runtime.handle().clone(),
    ))
}

#[test]
fn keys_are_made_once_and_a_checker_refuses_other_proofs() {
    let runtime = Runtime::new().unwrap();
    let points = points(&runtime);
    let sheet = Sheet::new(points.clone(), 1 << 30, 0);
    let backends = Backends::new(vec![Arc::new(sheet)]);
    let committed = Visibilities::of(Visibility::Committed, Visibility::Committed);
    for visibilities in [visibilities(&made::network()), committed] {
        let task = task(visibilities);
        let (proof, report) = backends.prove(&task).unwrap();
        assert!(report.keygen_ms > 0.0 && report.prove_ms > 0.0);
        assert_eq!(report.proof_bytes, proof.bytes.len());
        assert!(report.columns.unwrap() > 5);
        let (second, report) = backends.prove(&task).unwrap();
        assert_eq!(report.keygen_ms, 0.0, "the keys are there");
        assert_ne!(second.bytes, proof.bytes, "blinded anew");

        let checker = Checker::new(&task.file, &task.statement, &points).unwrap();
        let input = task.input.integers().unwrap();
        let check = |input: &[i64], proof: &Proof| checker.check(input, binding().0, proof);
        check(input, &proof).unwrap();
        // Another input, another binding, another output, another byte: each is refused.
        let other = made::windows(2)[1].clone();
        assert!(matches!(
            check(&other, &proof),
            Err(BackendError::Foreign(_))
        ));
        let unbound = checker.check(input, [0; 32], &proof);
        assert!(matches!(unbound, Err(BackendError::Foreign(_))));
        let mut lying = proof.clone();
        lying.output[0] += 1;
        assert!(matches!(
            check(input, &lying),
            Err(BackendError::Foreign(_))
        ));
        for place in [0, proof.bytes.len() / 2, proof.bytes.len() - 1] {
            let mut bytes = proof.bytes.to_vec();
            bytes[place] ^= 1;
            let broken = Proof {
                bytes: bytes.into(),
                ..proof.clone()
            };
            assert!(check(input, &broken).is_err(), "byte {place}");
        }
    }
}

#[test]
fn an_unknown_or_missing_backend_is_named() {
    let runtime = Runtime::new().unwrap();
    let none = Backends::new(vec![Arc::new(Sheet::new(points(&runtime), 0, 0))]);
    let mut task = task(Visibilities::PUBLIC);
    task.backend = BackendName::Ezkl;
    let error = none.prove(&task).unwrap_err();
    assert!(error.to_string().contains("no backend `ezkl`"), "{error}");
    let absent = Ezkl::new("/nonexistent/python".into(), std::env::temp_dir());
    let error = Backends::new(vec![Arc::new(absent)])
        .prove(&task)
        .unwrap_err();
    assert!(error.to_string().contains("--ezkl-python"), "{error}");
    assert!(!error.is_final(), "another worker may have it");
}

#[test]
fn a_file_that_is_no_network_is_refused_for_good() {
    let runtime = Runtime::new().unwrap();
    let backends = Backends::new(vec![Arc::new(Sheet::new(points(&runtime), 0, 0))]);
    let mut task = task(Visibilities::PUBLIC);
    task.file = b"{}".to_vec().into();
    let error = backends.prove(&task).unwrap_err();
    assert!(matches!(error, BackendError::File { .. }) && error.is_final());
    task.input = Input::Numbers(vec![0.5]);
    assert!(backends.prove(&task).unwrap_err().is_final());
}
