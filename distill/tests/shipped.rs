//! The shipped model: its files belong together, and its claimed scores are what its integers give on the real history.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use veriregime_circuits::model::IntegerModel;
use veriregime_circuits::tape::Layout;
use veriregime_distill::Config;
use veriregime_distill::config::{DataConfig, budget_shape};
use veriregime_distill::data::{History, Samples, Split};
use veriregime_distill::pipeline::classify;
use veriregime_distill::replay::Replay;
use veriregime_features::metrics::scores;
use veriregime_features::{Manifest, Window, series};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/btcusdt-1m-60")
}

fn shipped() -> (Manifest, IntegerModel) {
    let manifest = Manifest::read(&folder().join("manifest.json")).unwrap();
    let model = IntegerModel::read(&folder().join(&manifest.weights.file)).unwrap();
    (manifest, model)
}

#[test]
fn shipped_weights_are_the_ones_the_manifest_names_and_fit_the_circuit() {
    let (manifest, model) = shipped();
    let bytes = fs::read(folder().join(&manifest.weights.file)).unwrap();
    assert_eq!(hex::encode(Sha256::digest(bytes)), manifest.weights.sha256);
    assert_eq!(model.widths(), manifest.model.widths);
    let shifts: Vec<u32> = model.layers.iter().map(|layer| layer.shift).collect();
    assert_eq!(shifts, manifest.model.shifts);
    assert!(
        Layout::compile(&model, budget_shape(), None)
            .unwrap()
            .rows
            .len()
            <= Config::of(manifest.training.question, 7)
                .quantised
                .row_budget
    );
}

#[test]
fn shipped_scores_are_what_the_integers_give_on_the_test_part() {
    let Some(data) = std::env::var_os("VERIREGIME_DATA").map(PathBuf::from) else {
        eprintln!("skipped: VERIREGIME_DATA is not set, so the shipped scores are not recomputed");
        return;
    };
    let (manifest, model) = shipped();
    let training = &manifest.training;
    let config = DataConfig {
        theta: training.theta,
        horizon_minutes: training.horizon_minutes,
        stride_minutes: training.stride_minutes,
        ..Config::of(training.question, training.seed).data
    };
    let history = History::read(&data, &config).unwrap();
    assert_eq!(history.sources, training.sources);
    let (places, skipped) = config.sampling().places(&history.candles, 0..=u64::MAX);
    assert_eq!(skipped, training.skipped_windows);
    let times: Vec<u64> = places.iter().map(|place| place.close_time).collect();
    let split = Split::in_time(&times, config.horizon_minutes).unwrap();
    assert_eq!(split.dates(&times), training.splits);

    let test = Samples::compute(
        config.question,
        &history,
        &places[split.test],
        &manifest.scale,
    )
    .unwrap();
    let classes = classify(&model, &test, 0..test.len()).unwrap();
    let measured = scores(test.classes(), &test.labels, &classes);
    assert_eq!(measured, manifest.metrics.test);

    let replay: Replay =
        serde_json::from_str(&fs::read_to_string(folder().join("replay.json")).unwrap()).unwrap();
    assert_eq!(replay.classes.len(), replay.rounds);
    for (minute, &class) in (0..).zip(&replay.classes) {
        let candles =
            series::ending_at(&history.candles, replay.from_close_time + 60 * minute).unwrap();
        let window = Window::compute(candles, &history.funding, &manifest.scale).unwrap();
        assert_eq!(model.infer(&window.values).unwrap().class, class);
    }
    assert!(replay.classes.contains(&0) && replay.classes.contains(&2));
}
