//! Which model a command takes, and which folders it refuses.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod support;

use std::path::Path;

use support::write_model;
use veriregime::model::{Model, ModelError, class_name};
use veriregime_features::{labels::Question, manifest::ManifestError};

#[test]
fn only_takes_the_one_model_of_signals_whatever_else_is_there() {
    let models = tempfile::tempdir().unwrap();
    let none = Model::only(models.path()).unwrap_err();
    assert!(
        matches!(none, ModelError::Choose { found: 0, .. }),
        "{none}"
    );
    write_model(models.path(), "regime", Question::Regime);
    let none = Model::only(models.path()).unwrap_err();
    assert!(
        matches!(none, ModelError::Choose { found: 0, .. }),
        "{none}"
    );
    write_model(models.path(), "signal", Question::Signal);
    std::fs::create_dir(models.path().join("no model")).unwrap();
    let model = Model::only(models.path()).unwrap();
    assert_eq!(
        (model.name(), model.question()),
        ("signal", Question::Signal)
    );
    write_model(models.path(), "another", Question::Signal);
    let several = Model::only(models.path()).unwrap_err();
    assert!(
        matches!(several, ModelError::Choose { found: 2, .. }),
        "{several}"
    );
    let regime = Model::named(models.path(), Path::new("regime")).unwrap();
    assert_eq!(regime.question(), Question::Regime);
}

#[test]
fn read_refuses_a_network_of_another_shape() {
    let models = tempfile::tempdir().unwrap();
    let folder = write_model(models.path(), "signal", Question::Signal);
    let path = folder.join("manifest.json");
    let changed = std::fs::read_to_string(&path)
        .unwrap()
        .replace("496,\n      2,", "496,\n      7,");
    std::fs::write(&path, changed).unwrap();
    let error = Model::read(&folder).unwrap_err();
    assert!(matches!(error, ModelError::Widths { .. }), "{error}");
}

#[test]
fn read_refuses_version_1_with_the_remedy() {
    let models = tempfile::tempdir().unwrap();
    let folder = write_model(models.path(), "old", Question::Signal);
    let path = folder.join("manifest.json");
    let changed = std::fs::read_to_string(&path)
        .unwrap()
        .replace("veriregime-manifest/2", "veriregime-manifest/1");
    std::fs::write(&path, changed).unwrap();
    let error = Model::only(models.path()).unwrap_err();
    assert!(
        matches!(
            error,
            ModelError::Manifest(ManifestError::Unsupported {
                field: "format",
                ..
            })
        ),
        "{error}"
    );
    assert!(error.to_string().contains("the version of this program"));
}

#[test]
fn class_name_is_that_of_the_question() {
    assert_eq!(class_name(Question::Signal, 2), "BUY");
    assert_eq!(class_name(Question::Regime, 1), "HIGH");
    assert_eq!(class_name(Question::Regime, 2), "UNKNOWN");
}
