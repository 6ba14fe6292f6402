//! Figures as lines, JSON and pages.

use serde_json::{Value, json};

use crate::{Row, experiment::Experiment, fidelity::Fidelity, measure::Figures, peer::Peer};

/// Experiments with their figures.
pub type Results = [(Experiment, Figures)];

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

pub fn json(machine: &str, rows: &[Row]) -> Value {
    let measured = rows
        .iter()
        .filter_map(|row| Some((&row.experiment, row.measured.as_ref()?)));
    let (rows, loads): (Vec<Value>, Vec<f64>) = measured
        .map(|(experiment, (figures, load))| {
            let row = json!({
                "name": experiment.name,
                "shape": experiment.shape,
                "bits": experiment.bits,
                "windows": experiment.windows,
                "published": experiment.published,
                "figures": figures,
            });
            (row, load)
        })
        .unzip();
    json!({ "machine": machine, "loads": loads, "experiments": rows })
}

/// What stands above the table.
fn head(name: &str, machine: &str, loads: &[f64]) -> String {
    let title = match name {
        "layers" => "The layer suite",
        "lenet" => "LeNet-5",
        "convolution" => "Ways to prove a convolution",
        _ => "Windows per proof",
    };
    let least = loads.iter().copied().fold(f64::INFINITY, f64::min);
    let most = loads.iter().copied().fold(0.0, f64::max);
    format!(
        "# {title}\n\nWritten by `make bench-{name}`. {machine}; load (mean of a minute, ours included) between {least:.1} and {most:.1}.\nTimes are medians of wall times, witness included; memory is the largest resident set of the process that made keys and\nproofs; gas is that of transactions to the generated verifiers.\n\n"
    )
}

pub fn page(name: &str, machine: &str, loads: &[f64], results: &Results, peer: &Peer) -> String {
    let mut page = head(name, machine, loads);
    page += match name {
        "batch" => {
            "| windows | circuit | keys | prove | per window | proof | memory | gas | per window |\n|---|---|---|---|---|---|---|---|---|\n"
        }
        "convolution" => {
            "| way | shape | circuit | rows | keys | prove | verify | proof | memory | gas |\n|---|---|---|---|---|---|---|---|---|---|\n"
        }
        _ => {
            "| experiment | shape | circuits | rows | keys | prove | verify | proof | memory | gas | published: rows | prove | proof | EZKL here |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n"
        }
    };
    for (experiment, figures) in results {
        page += &match name {
            "batch" => batch_row(experiment, figures),
            "convolution" => format!(
                "| {} | {} | {} |\n",
                experiment.name,
                experiment.shape,
                ours(figures)
            ),
            _ => layer_row(experiment, figures, peer),
        };
    }
    page += match name {
        "layers" => {
            "\nThe name's number is the bits of a value. Our inputs and outputs are committed tensors. Published: EZKL 23.0.3 with 125 GB of\nmemory, inputs and outputs public, the proof as its JSON file with them.\n"
        }
        "lenet" => {
            "\nInputs and outputs public. Published: the sliced-proving paper's EZKL and JSTProve, the latter without a verifier on chain.\n"
        }
        _ => "",
    };
    if matches!(name, "layers" | "lenet") {
        page += &peer.note();
    }
    for (experiment, figures) in results.iter().filter(|(_, figures)| figures.slices > 1) {
        page += &slices(experiment, figures, peer);
    }
    page
}

/// How faithful an integer network is.
pub fn fidelity(fidelity: &Fidelity) -> String {
    format!(
        "# LeNet-5 over the integers\n\nWritten by `make bench-lenet`. Outputs over the integers against the reals, softmax of both, means over {} inputs.\n\n| D1 | D2 | total variation | Jensen-Shannon | same class | slices equal the whole |\n|---|---|---|---|---|---|\n| {:.4} | {:.4} | {:.4} | {:.5} bits | {} of {} | {} of {} |\n",
        fidelity.inputs,
        fidelity.d1,
        fidelity.d2,
        fidelity.total_variation,
        fidelity.jensen_shannon,
        fidelity.same_class,
        fidelity.inputs,
        fidelity.sliced_equal,
        fidelity.inputs
    )
}

fn slices(experiment: &Experiment, figures: &Figures, peer: &Peer) -> String {
    let mut page = format!(
        "\n## {}, slice by slice\n\n| slice | lanes | rows | keys | witness | witness and proof | verify | proof | gas | EZKL here |\n|---|---|---|---|---|---|---|---|---|---|\n",
        experiment.name
    );
    for (part, number) in figures.parts.iter().zip(1..) {
        page += &format!(
            "| {number} | {} | {} | {:.2} s | {:.1} ms | {:.2} s | {:.1} ms | {} B | {} | {} |\n",
            part.lanes,
            thousands(part.rows),
            part.keygen_s,
            part.witness_s * 1e3,
            part.prove_s,
            part.verify_ms,
            thousands(part.proof_bytes),
            long_gas(part.gas, part.code_bytes),
            peer.cell(&format!("{}, slice {number}", experiment.name))
        );
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

/// Longest code of a contract.
const CODE: usize = 24_576;

fn long_gas(used: Option<u64>, code_bytes: Option<usize>) -> String {
    let long = code_bytes.is_some_and(|bytes| bytes > CODE);
    gas(used) + if long { " (code too long)" } else { "" }
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

fn ours(figures: &Figures) -> String {
    match &figures.failure {
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
            long_gas(figures.gas, figures.code_bytes)
        ),
    }
}

fn layer_row(experiment: &Experiment, figures: &Figures, peer: &Peer) -> String {
    let published = experiment.published;
    format!(
        "| {} | {} | {} | {} | {} | {} | {} |\n",
        experiment.name,
        experiment.shape,
        ours(figures),
        published.rows,
        published.prove,
        published.proof,
        peer.cell(&experiment.name)
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
