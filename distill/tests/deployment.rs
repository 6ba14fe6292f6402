//! Experiment 4 in miniature, on made-up candles and a development reference string: the code of `make exp4` but for the chain.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

use std::fs;
use std::path::Path;

use candle_core::{Device, Tensor};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use veriregime_circuits::onnx::{Model, Options};
use veriregime_distill::data::{History, Samples};
use veriregime_distill::deployment::measure::measure;
use veriregime_distill::deployment::subject::{Extent, Parts};
use veriregime_distill::deployment::{Configuration, Report, Subject, Work};
use veriregime_distill::network::Network;
use veriregime_distill::onnx::{Head, export_teacher};
use veriregime_features::INPUTS;

/// Difference from the tensor library in single precision.
const TOLERANCE: f64 = 1e-4;

fn subject(name: &str) -> Subject {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    Subject::read(&root.join(name)).unwrap()
}

fn subjects() -> [Subject; 2] {
    ["btcusdt-1m-60", "btcusdt-1m-240-regime"].map(subject)
}

/// Random windows and the corners of their range.
fn windows() -> Vec<Vec<i8>> {
    let mut generator = ChaCha8Rng::seed_from_u64(4);
    let mut windows: Vec<Vec<i8>> = (0..20)
        .map(|_| (0..INPUTS).map(|_| generator.r#gen()).collect())
        .collect();
    windows.extend([vec![-128; INPUTS], vec![0; INPUTS], vec![127; INPUTS]]);
    windows
}

/// Logits of the tensor library, offsets included.
fn logits(subject: &Subject, window: &[i8]) -> Vec<f64> {
    let values: Vec<f32> = window.iter().map(|&v| f32::from(v)).collect();
    let input = Tensor::from_vec(values, (1, INPUTS), &Device::Cpu).unwrap();
    let logits = subject.teacher.network.logits(&input).unwrap();
    let row = logits.to_vec2::<f32>().unwrap().remove(0);
    row.iter()
        .zip(&subject.teacher.offsets)
        .map(|(logit, offset)| f64::from(*logit) + offset)
        .collect()
}

#[test]
fn exported_teachers_are_the_teachers() {
    for subject in subjects() {
        for head in [Head::Parted, Head::Joined] {
            let file = export_teacher(&subject.teacher, head).unwrap();
            let model = Model::read(&file, &Options::default()).unwrap();
            assert_eq!(model.inputs(), INPUTS);
            for window in windows() {
                // Behind the file's first node: the integers over the steps of a deviation.
                let input: Vec<f64> = window.iter().map(|&v| f64::from(v) / 32.0).collect();
                let (ours, theirs) = (model.evaluate(&input).unwrap(), logits(&subject, &window));
                assert_eq!(ours.len(), theirs.len());
                for (a, b) in ours.iter().zip(&theirs) {
                    assert!((a - b).abs() < TOLERANCE * b.abs().max(1.0), "{a} {b}");
                }
            }
        }
    }
}

fn miniature(subject: &Subject, work: &Work) {
    let history = History::synthetic(4, 6_000, &subject.shipped.data());
    let sampling = subject.shipped.data().sampling();
    let (places, _) = sampling.places(&history.candles, 0..=u64::MAX);
    let scale = &subject.shipped.manifest.scale;
    let part = |from: usize, to: usize| {
        Samples::compute(subject.question(), &history, &places[from..to], scale).unwrap()
    };
    let third = places.len() / 3;
    let parts = Parts {
        training: part(0, third),
        validation: part(third, 2 * third),
        test: part(2 * third, places.len()),
    };
    let fidelity = subject
        .prepare(&history, &parts, Extent::MINIATURE, work)
        .unwrap();
    assert!(fidelity.tried.iter().any(|choice| choice.taken));
    assert!(fidelity.agreement > 0.8, "{fidelity:?}");
}

#[test]
fn miniature_proves_every_configuration_and_writes_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let work = Work::new(&folder.path().join("work"));
    for subject in subjects() {
        miniature(&subject, &work);
    }
    for configuration in Configuration::all() {
        let figures = measure(configuration, &work, None).unwrap();
        assert_eq!(figures.proofs, 3);
        assert_eq!(figures.words, 19);
        let folder = work.configuration(configuration);
        let text = fs::read_to_string(folder.join("submissions.json")).unwrap();
        let submissions: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(submissions.as_array().unwrap().len(), 3);
        assert!(folder.join("Verifier.sol").exists());
        let params = fs::read_to_string(folder.join("params.json")).unwrap();
        let params: Value = serde_json::from_str(&params).unwrap();
        assert_eq!(params["modelId"], figures.model_id.as_str());
        assert_eq!(params["proofLength"], figures.proof_bytes);
    }
    let out = folder.path().join("report");
    let report = Report::read(&work).unwrap();
    report.write(&out).unwrap();
    assert_eq!(report.rows.len(), 8);
    assert_eq!(report.ratios.len(), 4);
    assert!(report.verdict.contains("H4"));
    let page = fs::read_to_string(out.join("exp4.md")).unwrap();
    assert!(page.contains("signal-teacher-speed"), "{page}");
    assert!(
        fs::read_to_string(out.join("exp4.svg"))
            .unwrap()
            .starts_with("<svg")
    );
    assert!(!out.join("exp4-gas.svg").exists());
}
