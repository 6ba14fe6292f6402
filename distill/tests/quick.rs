//! The whole run in miniature, on made-up candles: the same code, a few steps.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

use std::collections::BTreeMap;
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

fn shortened(config: Config) -> Config {
    let mut config = config.quick();
    config.teacher.fit.samples_per_epoch = 256;
    for fit in [
        &mut config.student.fit,
        &mut config.swap.fit,
        &mut config.quantised.fit,
    ] {
        fit.samples_per_epoch = 512;
    }
    config
}

fn config(seed: u64) -> Config {
    shortened(Config::signal(seed))
}

fn run_of(config: &Config, checkpoints: &Path, resume: bool) -> (Outcome, History) {
    let history = History::synthetic(1, MINUTES, &config.data);
    (
        pipeline::run(config, &history, checkpoints, resume).unwrap(),
        history,
    )
}

fn run(seed: u64, checkpoints: &Path, resume: bool) -> (Outcome, History) {
    run_of(&config(seed), checkpoints, resume)
}

/// Names and contents of a folder's files.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let read = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        (name, fs::read(entry.path()).unwrap())
    };
    entries.map(read).collect()
}

#[test]
fn quick_run_writes_a_provable_model_that_its_manifest_describes() {
    let dir = tempfile::tempdir().unwrap();
    let (outcome, history) = run(7, &dir.path().join("checkpoints"), false);
    let folder = dir.path().join("example");
    report::write(&folder, "example", &outcome, &history, None).unwrap();

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
            <= outcome.config.quantised.row_budget
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
    let quantised = &outcome.quantised;
    let model = quantised.export(&[]).unwrap();
    let samples = &outcome.prepared.samples;
    let indices: Vec<usize> = outcome.prepared.split.validation.clone().collect();
    let floats = quantised
        .logits(&inputs(samples, &indices).unwrap())
        .unwrap()
        .to_vec2::<f32>()
        .unwrap();
    let exact = quantised
        .integer_logits(&inputs(samples, &indices).unwrap())
        .unwrap()
        .unwrap()
        .to_vec2::<f64>()
        .unwrap();
    for ((&index, floats), exact) in indices.iter().zip(&floats).zip(&exact) {
        let window: Vec<i16> = samples
            .window(index)
            .iter()
            .map(|&value| i16::from(value))
            .collect();
        let logits = model.infer(&window).unwrap().logits;
        assert!(
            logits
                .iter()
                .zip(exact)
                .all(|(&logit, &exact)| logit as f64 == exact)
        );
        for (logit, float) in logits.iter().zip(floats) {
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
fn checkpoints_are_named_by_data_and_settings_and_others_are_not_resumed() {
    let dir = tempfile::tempdir().unwrap();
    let (first, history) = run(7, dir.path(), false);
    let before = files(dir.path());
    for stage in ["teacher", "student", "swapped", "quantised"] {
        let named = before
            .keys()
            .filter(|name| name.starts_with(&format!("{stage}-")));
        // Progress, current and best weights.
        assert_eq!(named.count(), 3, "{stage} in {:?}", before.keys());
    }
    let fresh = tempfile::tempdir().unwrap();
    let (expected, _) = run(8, fresh.path(), false);
    let (other, _) = run(8, dir.path(), true);
    assert_eq!(other.model.digest(), expected.model.digest());
    assert!(other.history.iter().all(|stage| stage.resumed == 0));
    let after = files(dir.path());
    assert_eq!(after.len(), 2 * before.len());
    assert!(before.iter().all(|(name, bytes)| after[name] == *bytes));

    // What comes later in the run changes the later stages alone.
    let mut config = config(7);
    config.quantised.fit.learning_rate *= 2.0;
    let later = pipeline::run(&config, &history, dir.path(), true).unwrap();
    let resumed: Vec<usize> = later.history.iter().map(|stage| stage.resumed).collect();
    assert_eq!(resumed, [2, 2, 2, 0]);
    assert_eq!(files(dir.path()).len(), after.len() + 3);
    assert_ne!(later.model.digest(), first.model.digest());

    // Other data, other names.
    let longer = History::synthetic(1, MINUTES + 500, &config.data);
    let anew = pipeline::run(&config, &longer, dir.path(), true).unwrap();
    assert!(anew.history.iter().all(|stage| stage.resumed == 0));
}

#[test]
fn quick_regime_run_writes_a_provable_model_of_two_classes() {
    let dir = tempfile::tempdir().unwrap();
    let config = shortened(Config::regime(7));
    let (outcome, history) = run_of(&config, &dir.path().join("checkpoints"), false);
    let folder = dir.path().join("example");
    report::write(&folder, "example", &outcome, &history, None).unwrap();

    let manifest = Manifest::read(&folder.join("manifest.json")).unwrap();
    assert_eq!(manifest.model.classes, ["LOW", "HIGH"]);
    assert_eq!(manifest.model.widths, [496, 96, 48, 24, 2]);
    assert_eq!(manifest.training.horizon_minutes, 240);
    let model = IntegerModel::read(&folder.join(&manifest.weights.file)).unwrap();
    assert_eq!(model, outcome.model);
    let splits = &manifest.training.splits;
    assert!(splits.train.to + 540 * 60 <= splits.validation.from);
    assert!(splits.validation.to + 540 * 60 <= splits.test.from);
    let counted: u64 = manifest.metrics.test.confusion.iter().flatten().sum();
    assert_eq!(counted, splits.test.windows);
    let card = fs::read_to_string(folder.join("MODEL_CARD.md")).unwrap();
    assert!(card.contains("the regime of the last hours"), "{card}");
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
