//! Figures as lines, rows of JSON and pages.

use serde_json::{Value, json};

use crate::{experiment::Experiment, measure::Figures};

pub fn line(experiment: &Experiment, figures: &Figures) -> String {
    match &figures.failure {
        Some(failure) => format!("{:<28} failed: {failure}", experiment.name),
        None => format!(
            "{:<28} k {:>2} x {} ({:?} lanes, {} rows): keys {:.2} s, prove {:.2} s, verify {:.1} ms, {} bytes, {:.0} MB, {} gas",
            experiment.name,
            figures.k,
            figures.slices,
            figures.lanes,
            figures.rows,
            figures.keygen_s,
            figures.prove_s,
            figures.verify_ms,
            figures.proof_bytes,
            figures.peak_mb,
            figures.gas.map_or("-".into(), |gas| gas.to_string()),
        ),
    }
}

pub fn row(experiment: &Experiment, figures: &Figures) -> Value {
    json!({
        "name": experiment.name,
        "shape": experiment.shape,
        "bits": experiment.bits,
        "windows": experiment.windows,
        "published": experiment.published,
        "figures": figures,
    })
}

pub fn page(name: &str, results: &[(Experiment, Figures)]) -> String {
    let title = match name {
        "layers" => "The layer suite",
        "lenet" => "LeNet-5",
        _ => "Windows per proof",
    };
    let mut page = format!(
        "# {title}\n\nWritten by `make bench-{}`; two cores. Times are medians of wall times, memory is the largest resident set of the process\nthat made keys and proofs, gas that of a transaction to the generated verifier.\n\n",
        if name == "batch" { "batch" } else { name }
    );
    match name {
        "batch" => {
            page += "| windows | circuit | keys | prove | per window | proof | memory | gas | per window |\n|---|---|---|---|---|---|---|---|---|\n";
        }
        _ => {
            page += "| experiment | shape | circuits | rows | keys | prove | verify | proof | memory | gas | published: rows | prove | proof |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";
        }
    }
    for (experiment, figures) in results {
        page += &match name {
            "batch" => batch_row(experiment, figures),
            _ => layer_row(experiment, figures),
        };
    }
    page
}

fn thousands(value: usize) -> String {
    let digits = value.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).unwrap_or_default())
        .collect();
    groups.join(",")
}

fn gas(gas: Option<u64>) -> String {
    gas.map_or("-".into(), |gas| thousands(gas as usize))
}

fn circuit(figures: &Figures) -> String {
    let count = match figures.slices {
        1 => String::new(),
        slices => format!("{slices} slices of "),
    };
    let lanes: Vec<String> = figures.lanes.iter().map(usize::to_string).collect();
    format!("{count}2^{}, {} lanes", figures.k, lanes.join("+"))
}

fn layer_row(experiment: &Experiment, figures: &Figures) -> String {
    let published = experiment.published;
    let ours = match &figures.failure {
        Some(failure) => format!("failed: {failure} | | | | | | | "),
        None => format!(
            "{} | {} | {:.2} s | {:.2} s | {:.1} ms | {} B | {:.0} MB | {}",
            circuit(figures),
            thousands(figures.rows),
            figures.keygen_s,
            figures.prove_s,
            figures.verify_ms,
            thousands(figures.proof_bytes),
            figures.peak_mb,
            gas(figures.gas)
        ),
    };
    format!(
        "| {} | {} | {ours} | {} | {} | {} |\n",
        experiment.name, experiment.shape, published.rows, published.prove, published.proof
    )
}

fn batch_row(experiment: &Experiment, figures: &Figures) -> String {
    let windows = experiment.windows;
    format!(
        "| {windows} | {} | {:.2} s | {:.2} s | {:.3} s | {} B | {:.0} MB | {} | {} |\n",
        circuit(figures),
        figures.keygen_s,
        figures.prove_s,
        figures.prove_s / windows as f64,
        thousands(figures.proof_bytes),
        figures.peak_mb,
        gas(figures.gas),
        gas(figures.gas.map(|gas| gas / windows as u64)),
    )
}
