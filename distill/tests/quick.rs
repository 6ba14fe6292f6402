//! The whole run in miniature, on made-up candles: the same code, a few steps.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};
use veriregime_circuits::model::IntegerModel;
use veriregime_circuits::tape::Layout;
use veriregime_distill::data::History;
use veriregime_distill::network::{Network, inputs};
use veriregime_distill::pipeline::{self, Outcome};
use veriregime_distill::{Config, Error, config::budget_shape, report};
use veriregime_features::Manifest;

const MINUTES: usize = 8_000;

fn config(seed: u64) -> Config {
    let mut config = Config::quick(seed);
    config.teacher.samples_per_epoch = 256;
    for fit in [
        &mut config.student,
        &mut config.polynomial,
        &mut config.quantised,
    ] {
        fit.samples_per_epoch = 512;
    }
    config
}

fn run(seed: u64, checkpoints: &Path, resume: bool) -> (Outcome, History) {
    let config = config(seed);
    let history = History::synthetic(1, MINUTES, &config.data);
    (
        pipeline::run(&config, &history, checkpoints, resume).unwrap(),
        history,
    )
}

#[test]
fn quick_run_writes_a_provable_model_that_its_manifest_describes() {
    let dir = tempfile::tempdir().unwrap();
    let (outcome, history) = run(7, &dir.path().join("checkpoints"), false);
    let folder = dir.path().join("example");
    report::write(&folder, "example", &outcome, &history).unwrap();

    let manifest = Manifest::read(&folder.join("manifest.json")).unwrap();
    let weights = folder.join(&manifest.weights.file);
    assert_eq!(
        hex::encode(Sha256::digest(fs::read(&weights).unwrap())),
        manifest.weights.sha256
    );
    let model = IntegerModel::read(&weights).unwrap();
    assert_eq!(model.widths(), manifest.model.widths);
    assert_eq!(model, outcome.model);
    assert!(
        Layout::compile(&model, budget_shape(), None)
            .unwrap()
            .rows
            .len()
            <= outcome.config.row_budget
    );
    assert!(
        manifest.training.splits.train.to + 360 * 60 <= manifest.training.splits.validation.from
    );
    assert!(
        manifest.training.splits.validation.to + 360 * 60 <= manifest.training.splits.test.from
    );
    let counted: u64 = manifest.metrics.test.confusion.iter().flatten().sum();
    assert_eq!(counted, manifest.training.splits.test.windows);
    let card = fs::read_to_string(folder.join("MODEL_CARD.md")).unwrap();
    assert!(
        card.contains("always HOLD") && card.contains("this integer model"),
        "{card}"
    );
    assert!(folder.join("reports/training.json").exists());
}

#[test]
fn integer_model_agrees_with_the_network_that_was_trained() {
    let dir = tempfile::tempdir().unwrap();
    let (outcome, _) = run(7, dir.path(), false);
    let quantised = &outcome.trained.students.quantised;
    let model = quantised.export(&[]).unwrap();
    let samples = &outcome.prepared.samples;
    let indices: Vec<usize> = outcome.prepared.split.validation.clone().collect();
    let floats = quantised
        .logits(&inputs(samples, &indices).unwrap())
        .unwrap()
        .to_vec2::<f32>()
        .unwrap();
    for (&index, floats) in indices.iter().zip(&floats) {
        let window: Vec<i16> = samples
            .window(index)
            .iter()
            .map(|&value| i16::from(value))
            .collect();
        for (logit, float) in model.infer(&window).unwrap().logits.iter().zip(floats) {
            // The network trains on the very integers; only its result is rounded to single precision.
            let logit = (*logit as f64 * quantised.logit_unit()) as f32;
            assert!(
                (logit - float).abs() <= 1e-6 * logit.abs(),
                "{logit} is not {float}"
            );
        }
    }
}

#[test]
fn same_seed_gives_the_same_weights_and_resuming_changes_nothing() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (first, _) = run(7, one.path(), false);
    let (second, _) = run(7, other.path(), false);
    assert_eq!(first.model.digest(), second.model.digest());
    let (resumed, _) = run(7, one.path(), true);
    assert_eq!(first.model.digest(), resumed.model.digest());
    let (different, _) = run(8, other.path(), false);
    assert_ne!(first.model.digest(), different.model.digest());
}

#[test]
fn checkpoints_of_other_settings_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (_, history) = run(7, dir.path(), false);
    let error = pipeline::run(&config(8), &history, dir.path(), true)
        .err()
        .unwrap();
    assert!(matches!(error, Error::ForeignCheckpoint { .. }), "{error}");
}

#[test]
fn too_short_a_history_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(7);
    let history = History::synthetic(1, 1_000, &config.data);
    let error = pipeline::run(&config, &history, dir.path(), false)
        .err()
        .unwrap();
    assert!(matches!(error, Error::TooFewWindows { .. }), "{error}");
}
