//! The README quotes committed figures only.
#![allow(missing_docs, clippy::unwrap_used, reason = "test")]

use std::{fs, path::Path};

use serde_json::Value;

fn read(file: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::read_to_string(root.join(file)).unwrap()
}

fn json(file: &str) -> Value {
    serde_json::from_str(&read(file)).unwrap()
}

/// 262941 as 262,941.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[test]
fn readme_figures_are_those_of_the_committed_artefacts() {
    let readme = read("README.md");
    let gas = json("snapshots/Gas.json");
    let bench = json("docs/figures/bench.json");
    let speed = json("docs/figures/bench-speed.json");
    let peers = json("docs/figures/peers.json");
    let beside = read("docs/peers.md");
    let training = json("models/btcusdt-1m-60/manifest.json");
    let snapshot = |name: &str| thousands(gas[name].as_str().unwrap().parse().unwrap());
    let seconds = |value: &Value| format!("{:.2} s", value.as_f64().unwrap() / 1e3);
    // A ratio that the README quotes stands in the table that is made from the samples.
    assert_eq!(peers["networks"][0]["name"], "shipped");
    for ratio in ["21.0", "52.5", "10.9", "22.3"] {
        assert!(readme.contains(ratio) && beside.contains(ratio), "{ratio}");
    }
    let mut wanted = vec![
        format!("{} gas", snapshot("verify")),
        format!("{} gas", snapshot("submit (two attestations)")),
        format!("{} gas", snapshot("execute (BUY)")),
        format!("{} gas per round", snapshot("submitBatch of 8, per round")),
        format!(
            "{}, {}, {}, {} bytes",
            snapshot("verifier code bytes"),
            snapshot("gateway code bytes"),
            snapshot("oracle code bytes"),
            snapshot("module code bytes")
        ),
        format!(
            "{:.3}",
            training["metrics"]["test"]["macro_f1"].as_f64().unwrap()
        ),
    ];
    for figures in [&bench, &speed] {
        wanted.extend([
            format!(
                "{} bytes",
                thousands(figures["proof_bytes"].as_u64().unwrap())
            ),
            seconds(&figures["prove_ms"]["median"]),
            format!("{:.1} ms", figures["verify_ms"].as_f64().unwrap()),
            format!("{:.0} MB", figures["peak_rss_mb"].as_f64().unwrap()),
            format!("{:.1} MB", figures["pk_bytes"].as_f64().unwrap() / 1e6),
            format!("{:.2} s", figures["keygen_ms"].as_f64().unwrap() / 1e3),
            format!("{} rows", thousands(figures["rows"].as_u64().unwrap())),
            format!("2^{}", figures["k"]),
        ]);
    }
    wanted.push(format!(
        "{} gas",
        thousands(speed["gas_verify"].as_u64().unwrap())
    ));
    let missing: Vec<_> = wanted
        .iter()
        .filter(|figure| !readme.contains(*figure))
        .collect();
    assert!(missing.is_empty(), "not in the README: {missing:?}");
}

#[test]
fn readme_figures_of_networks_are_those_of_the_reports() {
    let readme = read("README.md");
    let mut missing = vec![];
    let mut look = |report: &str, name: &str, per: u64| {
        let report = json(report);
        let mut rows = report["experiments"].as_array().unwrap().iter();
        let figures = &rows.find(|row| row["name"] == name).unwrap()["figures"];
        let gas = figures["gas"].as_u64().unwrap() / per;
        let row = format!(
            "| {:.2} s | {} MB | {} gas",
            figures["prove_s"].as_f64().unwrap(),
            thousands(figures["peak_mb"].as_f64().unwrap().round() as u64),
            thousands(gas)
        );
        if !readme.contains(&row) {
            missing.push(format!("{name}: {row}"));
        }
    };
    look("models/reports/lenet.json", "LeNet-5 whole", 1);
    look("models/reports/lenet.json", "LeNet-5 in 5 slices", 1);
    for layer in [
        "ReLU/8",
        "MaxPool2d/8",
        "Conv2d 32->64 k3 s1 p1/8",
        "CNN_ReLU/8",
    ] {
        look("models/reports/layers.json", layer, 1);
    }
    look("models/reports/layers.json", "Conv2d 64->128 k3/8", 1);
    look("models/reports/batch.json", "24 windows", 24);
    let ezkl = json("models/reports/layers-ezkl.json");
    let slices = (1..=5).map(|slice| format!("LeNet-5 in 5 slices, slice {slice}"));
    let seconds: f64 = slices
        .map(|name| ezkl["experiments"][&name]["prove_s"].as_f64().unwrap())
        .sum();
    let whole = &ezkl["experiments"]["LeNet-5 whole"]["failure"];
    assert_eq!(whole, "killed at 20 GB in prove");
    for said in [
        &format!("(here: {seconds:.1} s)"),
        "(here: more than 20 GB)",
    ] {
        if !readme.contains(said) {
            missing.push(format!("EZKL on LeNet-5: {said}"));
        }
    }
    assert!(missing.is_empty(), "not in the README: {missing:#?}");
}
