//! Measures circuits of networks: the layer suite, LeNet-5, batches.
//!
//! ```text
//! networks layers --out FILE [--only NAME]    every experiment of the published EZKL layer benchmark, two precisions
//! networks lenet --out FILE                   LeNet-5 on 3 x 32 x 32, whole and in slices
//! networks batch --out FILE                   windows per proof of the product's network shape, 1 to 64
//! networks fidelity --out FILE                LeNet-5 over the integers against the reals, 70 inputs
//! networks one SUITE NAME                     one experiment in this process, as JSON
//! ```
//! Every experiment runs in a process of its own, so that its peak memory is its own. The reference string is that of
//! VERIREGIME_SRS, else a development one.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a measurement, not a library"
)]

mod build;
mod evm;
mod experiment;
mod fidelity;
mod measure;
mod report;

use std::{env, fs, path::PathBuf, process::Command};

use experiment::{Experiment, suite};
use measure::Figures;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let option = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    match arguments.first().map(String::as_str) {
        Some("one") => {
            let (suite_name, name) = (&arguments[1], &arguments[2]);
            let experiment = suite(suite_name)
                .into_iter()
                .find(|experiment| &experiment.name == name)
                .expect("an experiment of that name");
            let figures = measure::run(&experiment);
            println!("{}", serde_json::to_string(&figures).unwrap());
        }
        Some("fidelity") => {
            let (model, import) = experiment::lenet_model();
            let measured = fidelity::measure(&model, &import, 70, &experiment::LENET_CUTS);
            let mut json = serde_json::to_string_pretty(&measured).unwrap();
            json.push('\n');
            print!("{json}");
            if let Some(out) = option("--out") {
                fs::write(out, json).unwrap();
            }
        }
        Some(name @ ("layers" | "lenet" | "batch")) => {
            let only = option("--only");
            let out = option("--out").map(PathBuf::from);
            let mut results = vec![];
            for experiment in suite(name) {
                if only
                    .as_ref()
                    .is_some_and(|only| !experiment.name.contains(only.as_str()))
                {
                    continue;
                }
                let figures = in_process(name, &experiment);
                println!("{}", report::line(&experiment, &figures));
                results.push((experiment, figures));
                if let Some(out) = &out {
                    write(out, name, &results);
                }
            }
        }
        _ => {
            eprintln!("usage: networks layers|lenet|batch|fidelity --out FILE [--only NAME]");
            std::process::exit(2);
        }
    }
}

/// One experiment in a process of its own.
fn in_process(suite: &str, experiment: &Experiment) -> Figures {
    let output = Command::new(env::current_exe().unwrap())
        .args(["one", suite, &experiment.name])
        .output()
        .unwrap();
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        let last = error
            .lines()
            .find(|line| line.contains("panicked") || line.contains("rror"));
        return Figures::failed(last.unwrap_or("killed").to_string());
    }
    serde_json::from_slice(&output.stdout).unwrap()
}

fn write(out: &PathBuf, name: &str, results: &[(Experiment, Figures)]) {
    if let Some(folder) = out.parent() {
        fs::create_dir_all(folder).unwrap();
    }
    let rows: Vec<_> = results.iter().map(|(e, f)| report::row(e, f)).collect();
    let mut json = serde_json::to_string_pretty(&rows).unwrap();
    json.push('\n');
    fs::write(out, json).unwrap();
    fs::write(out.with_extension("md"), report::page(name, results)).unwrap();
}
