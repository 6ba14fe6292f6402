//! The circuit of the shipped model and the integer reference agree on windows, and the check can fail.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::path::{Path, PathBuf};

use veriregime_circuits::tape::Witness;
use veriregime_distill::agreement::{Agreement, Examiner, key};
use veriregime_distill::data::{History, Samples};
use veriregime_distill::pipeline::window;
use veriregime_distill::{Config, Shipped};

const WINDOWS: usize = 50;

fn shipped() -> Shipped {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    Shipped::read(&models.join("btcusdt-1m-60")).unwrap()
}

fn synthetic(shipped: &Shipped) -> Samples {
    let data = Config::of(shipped.question(), 7).data;
    let history = History::synthetic(3, 3_000, &data);
    let (places, _) = data.sampling().places(&history.candles, 0..=u64::MAX);
    Samples::compute(data.question, &history, &places, &shipped.manifest.scale).unwrap()
}

#[test]
fn shipped_circuit_agrees_with_the_reference_on_made_up_windows() {
    let shipped = shipped();
    let samples = synthetic(&shipped);
    let agreement = Agreement::on("made up", &shipped.model, &samples, WINDOWS).unwrap();
    assert_eq!(agreement.windows, WINDOWS as u64);
    assert_eq!(agreement.from, samples.close_times[0]);
    assert!(agreement.is_complete(), "{agreement:?}");
}

#[test]
fn shipped_circuit_agrees_with_the_reference_on_the_test_part() {
    let Some(data) = std::env::var_os("VERIREGIME_DATA").map(PathBuf::from) else {
        eprintln!("skipped: set VERIREGIME_DATA to the folder with the candle files");
        return;
    };
    let shipped = shipped();
    let history = History::read(&data, &shipped.data()).unwrap();
    let agreement = Agreement::of(&shipped, &history, WINDOWS).unwrap();
    assert_eq!(agreement.windows, WINDOWS as u64);
    assert_eq!(agreement.from, shipped.manifest.training.splits.test.from);
    assert!(agreement.is_complete(), "{agreement:?}");
}

#[test]
fn wrong_logits_other_models_and_other_windows_are_noticed() {
    let shipped = shipped();
    let samples = synthetic(&shipped);
    let key = key(&shipped.model).unwrap();
    let examiner = Examiner::new(&key, &shipped.model).unwrap();
    let [first, second] = [0, 100].map(|index| window(&samples, index));
    assert_ne!(first, second);
    let honest = examiner.honest(&first).unwrap();
    assert!(honest.violation.is_none() && honest.agrees);

    // A logit that is not the network's.
    for class in 0..samples.classes() {
        let forged = examiner.forged(&first, class).unwrap();
        assert!(forged.violation.is_some() && !forged.agrees, "{class}");
    }
    // A reference that is not the circuit's: the constraints hold, and the answers differ.
    let mut other = shipped.model.clone();
    other.layers.last_mut().unwrap().bias[0] += 1;
    let beside = Examiner::new(&key, &other).unwrap();
    let found = beside.honest(&first).unwrap();
    assert!(found.violation.is_none() && !found.agrees);
    // A tape of other weights, and one of another window.
    let trace = other.trace(&first).unwrap();
    let witness = Witness::from_trace(key.layout(), &trace, [0; 32]).unwrap();
    let found = examiner.examine(&witness, &first).unwrap();
    assert!(found.violation.is_some() && !found.agrees);
    let witness = Witness::generate(key.layout(), &second, [0; 32]).unwrap();
    let found = examiner.examine(&witness, &first).unwrap();
    assert!(found.violation.is_none() && !found.agrees);
}

/// Of every model that ships a check: it is of these weights, of enough windows, and found nothing.
#[test]
fn committed_checks_are_of_the_shipped_weights() {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    for entry in std::fs::read_dir(models).unwrap() {
        let folder = entry.unwrap().path();
        let Ok(text) = std::fs::read_to_string(folder.join("reports/agreement.json")) else {
            continue;
        };
        let agreement: Agreement = serde_json::from_str(&text).unwrap();
        let shipped = Shipped::read(&folder).unwrap();
        assert_eq!(
            agreement.digest,
            hex::encode(shipped.model.digest()),
            "{}: run `distill agree` again",
            folder.display()
        );
        assert_eq!(agreement.model, shipped.manifest.name);
        assert!(agreement.windows >= 10_000 && agreement.is_complete());
    }
}
