//! The manifest reads back as written, and refuses what it does not understand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;
use veriregime_features::Manifest;
use veriregime_features::labels::Question;
use veriregime_features::manifest::{
    Architecture, Dates, FORMAT, ManifestError, Metrics, Schema, Scores, SourceFile, Splits,
    Training, Weights,
};

fn manifest() -> Manifest {
    let dates = || Dates {
        from: 1_672_500_000,
        to: 1_672_600_020,
        windows: 10,
    };
    let scores = || Scores {
        accuracy: 0.5,
        macro_f1: 0.4,
        classes: vec![],
        confusion: vec![vec![1, 2, 3]; 3],
    };
    Manifest {
        format: FORMAT.to_owned(),
        name: "example".to_owned(),
        schema: Schema::current("BTC/USDT"),
        scale: support::scale(),
        weights: Weights {
            file: "weights.json".to_owned(),
            sha256: "0a".repeat(32),
        },
        model: Architecture {
            widths: vec![496, 3],
            activation: "quadratic".to_owned(),
            weight_bits: vec![8],
            shifts: vec![0],
            classes: ["SELL", "HOLD", "BUY"].map(str::to_owned).to_vec(),
        },
        training: Training {
            question: Question::Signal,
            seed: 7,
            theta: 0.002,
            horizon_minutes: 60,
            stride_minutes: 5,
            skipped_windows: 0,
            splits: Splits {
                train: dates(),
                validation: dates(),
                test: dates(),
            },
            sources: vec![SourceFile {
                file: "candles.csv".to_owned(),
                sha256: "1b".repeat(32),
            }],
            wall_seconds: 1.0,
        },
        metrics: Metrics {
            test: scores(),
            validation: scores(),
            comparison: BTreeMap::from([("always HOLD".to_owned(), scores())]),
        },
    }
}

/// Writes a manifest after a change of its JSON and reads it back.
fn read_changed(change: impl FnOnce(&mut Value)) -> Result<Manifest, ManifestError> {
    let (_dir, path) = path();
    let mut value = serde_json::to_value(manifest()).unwrap();
    change(&mut value);
    fs::write(&path, value.to_string()).unwrap();
    Manifest::read(&path)
}

fn path() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("manifest.json");
    (dir, path)
}

#[test]
fn manifest_written_reads_back_the_same() {
    let (_dir, path) = path();
    manifest().write(&path).unwrap();
    assert_eq!(Manifest::read(&path).unwrap(), manifest());
}

#[test]
fn unknown_or_missing_fields_are_refused_by_name() {
    let error = read_changed(|value| value["schema"]["windw"] = json!(60)).unwrap_err();
    assert!(error.to_string().contains("windw"), "{error}");
    let error = read_changed(|value| {
        value["training"].as_object_mut().unwrap().remove("seed");
    })
    .unwrap_err();
    assert!(error.to_string().contains("seed"), "{error}");
    let error =
        read_changed(|value| value["scale"]["features"][2]["center"] = json!(0)).unwrap_err();
    assert!(error.to_string().contains("center"), "{error}");
}

#[test]
fn unsupported_values_are_refused_by_field() {
    let field = |change: fn(&mut Value)| match read_changed(change).unwrap_err() {
        ManifestError::Unsupported { field, .. } => field,
        other => panic!("{other}"),
    };
    assert_eq!(
        field(|value| value["format"] = json!("veriregime-manifest/3")),
        "format"
    );
    assert_eq!(
        field(|value| value["schema"]["features_version"] = json!(1)),
        "schema"
    );
    assert_eq!(
        field(|value| value["schema"]["timeframe"] = json!(300)),
        "schema"
    );
    assert_eq!(
        field(|value| value["schema"]["context"][15] = json!("holiday")),
        "schema"
    );
    assert_eq!(
        field(|value| value["model"]["widths"] = json!([480, 3])),
        "model.widths[0]"
    );
    assert_eq!(
        field(|value| value["model"]["widths"] = json!([496, 2])),
        "model.widths (last)"
    );
    assert_eq!(
        field(|value| value["model"]["classes"] = json!(["BUY", "HOLD", "SELL"])),
        "model.classes"
    );
    assert_eq!(
        field(|value| value["training"]["question"] = json!("regime")),
        "model.widths (last)"
    );
    assert_eq!(
        field(|value| value["weights"]["sha256"] = json!("0A")),
        "weights.sha256"
    );
    assert_eq!(
        field(|value| value["weights"]["file"] = json!("../weights.json")),
        "weights.file"
    );
}

#[test]
fn scale_out_of_range_is_refused() {
    let error =
        read_changed(|value| value["scale"]["context"][7]["multiplier"] = json!(0)).unwrap_err();
    assert!(matches!(error, ManifestError::Scale { .. }), "{error}");
    assert!(error.to_string().contains("clock0"), "{error}");
    for part in ["features", "context"] {
        let shorter = |value: &mut Value| {
            value["scale"][part].as_array_mut().unwrap().pop();
        };
        assert!(read_changed(shorter).is_err());
    }
}

#[test]
fn manifest_of_a_regime_has_two_classes() {
    let regime = read_changed(|value| {
        value["training"]["question"] = json!("regime");
        value["model"]["classes"] = json!(["LOW", "HIGH"]);
        value["model"]["widths"] = json!([496, 2]);
    });
    assert_eq!(regime.unwrap().training.question, Question::Regime);
}

#[test]
fn manifest_of_version_1_is_refused_by_its_format_before_its_fields() {
    let error = read_changed(|value| {
        value["format"] = json!("veriregime-manifest/1");
        value["schema"]["features_version"] = json!(1);
        value["schema"].as_object_mut().unwrap().remove("context");
        value["training"]
            .as_object_mut()
            .unwrap()
            .remove("question");
        value["scale"] = value["scale"]["features"].clone();
    })
    .unwrap_err();
    let ManifestError::Unsupported {
        field,
        found,
        expected,
        ..
    } = &error
    else {
        panic!("{error}");
    };
    assert_eq!(
        (*field, found.as_str(), expected.as_str()),
        ("format", "veriregime-manifest/1", FORMAT)
    );
    let error = read_changed(|value| {
        value.as_object_mut().unwrap().remove("format");
    })
    .unwrap_err();
    assert!(error.to_string().contains("format"), "{error}");
}
