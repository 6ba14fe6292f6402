//! Every experiment in miniature: the code of `make experiments`, on made-up candles.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

use std::fs;

use serde_json::Value;
use veriregime_distill::Config;
use veriregime_distill::data::History;
use veriregime_distill::experiment::{Experiment, Lab};
use veriregime_features::labels::Question;

const MINUTES: usize = 10_000;

fn lab(question: Question, checkpoints: &std::path::Path) -> Lab {
    let history = History::synthetic(1, MINUTES, &Config::of(question, 1).data);
    Lab::new(question, true, &history, checkpoints).unwrap()
}

#[test]
fn every_experiment_writes_numbers_pages_and_pictures_that_agree() {
    let dir = tempfile::tempdir().unwrap();
    let lab = lab(Question::Signal, &dir.path().join("checkpoints"));
    for experiment in Experiment::ALL {
        experiment.run(&lab, dir.path()).unwrap();
        let name = experiment.name();
        let json: Value = serde_json::from_str(
            &fs::read_to_string(dir.path().join(format!("{name}.json"))).unwrap(),
        )
        .unwrap();
        let page = fs::read_to_string(dir.path().join(format!("{name}.md"))).unwrap();
        let picture = fs::read_to_string(dir.path().join(format!("{name}.svg"))).unwrap();
        assert_eq!(json["setting"]["miniature"], true);
        assert!(page.contains("A miniature"), "{page}");
        assert!(picture.starts_with("<svg"), "{name}");
    }
    let json = |name: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(dir.path().join(name)).unwrap()).unwrap()
    };
    let variants = json("distillation.json")["variants"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(variants.len(), 6);
    assert_eq!(variants[0]["retention"]["mean"], 1.0);
    let quantisation = json("quantisation.json");
    let adaptive = quantisation["rows"].as_array().unwrap().iter();
    for row in adaptive.filter(|row| row["name"].as_str().unwrap().starts_with("adaptive")) {
        let budget: f64 = row["name"].as_str().unwrap()["adaptive ".len()..]
            .parse()
            .unwrap();
        assert!(
            row["average_bits"]["mean"].as_f64().unwrap() <= budget + 1e-9,
            "{row}"
        );
    }
    let relu = &json("activations.json")["rows"][0];
    assert!(relu["circuit"]["rows"].as_u64().unwrap() > 1_000, "{relu}");
    let front = json("pareto.json");
    let configurations = front["configurations"].as_array().unwrap();
    assert!(configurations.iter().any(|one| one["pareto"] == true));
    for (_, index) in front["recommended"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one[0], &one[1]))
    {
        assert_eq!(
            configurations[index.as_u64().unwrap() as usize]["pareto"],
            true
        );
    }
}

#[test]
fn an_experiment_of_regimes_goes_on_from_its_checkpoints() {
    let dir = tempfile::tempdir().unwrap();
    let lab = lab(Question::Regime, &dir.path().join("checkpoints"));
    let read = || fs::read_to_string(dir.path().join("distillation.json")).unwrap();
    Experiment::Distillation.run(&lab, dir.path()).unwrap();
    let first = read();
    Experiment::Distillation.run(&lab, dir.path()).unwrap();
    assert_eq!(first, read());
}
