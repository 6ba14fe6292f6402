//! Measures circuits of networks: the layer suite, LeNet-5, batches.
//!
//! ```text
//! networks layers --out FILE [--only NAME]    every experiment of the published EZKL layer benchmark, two precisions
//! networks lenet --out FILE                   LeNet-5 on 3 x 32 x 32, whole and in slices
//! networks batch --out FILE                   windows per proof of the product's network shape, 1 to 64
//! networks convolution --out FILE             one convolution, in every way to prove it
//! networks fidelity --out FILE                LeNet-5 over the integers against the reals, 70 inputs
//! networks page SUITE --out FILE              the page anew from FILE, which a suite has written, with the peer's figures
//! networks one SUITE NAME                     one experiment in this process, as JSON
//! ```
//! With `--only`, what FILE has of other experiments stays.
//!
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
mod peer;
mod report;

use std::{
    collections::HashMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use experiment::{Experiment, suite};
use measure::Figures;
use peer::Peer;

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
        Some("page") => {
            let out = option("--out").map(PathBuf::from).expect("--out FILE");
            page(&out, &arguments[1]);
        }
        Some("fidelity") => {
            let (model, import) = experiment::lenet_model();
            let measured = fidelity::measure(&model, &import, 70, &experiment::LENET_CUTS);
            let mut json = serde_json::to_string_pretty(&measured).unwrap();
            json.push('\n');
            print!("{json}");
            if let Some(out) = option("--out").map(PathBuf::from) {
                fs::write(&out, json).unwrap();
                fs::write(out.with_extension("md"), report::fidelity(&measured)).unwrap();
            }
        }
        Some(name @ ("layers" | "lenet" | "batch" | "convolution")) => {
            let only = option("--only");
            let out = option("--out").map(PathBuf::from);
            let mut known = match (&only, &out) {
                (Some(_), Some(out)) if out.exists() => Report::read(out).by_name(),
                _ => HashMap::new(),
            };
            let only = only.unwrap_or_default();
            let mut rows: Vec<Row> = suite(name)
                .into_iter()
                .map(|experiment| Row {
                    measured: known.remove(&experiment.name),
                    experiment,
                })
                .collect();
            assert!(
                rows.iter().any(|row| row.experiment.name.contains(&only)),
                "no experiment of {name} is named like {only}: {:?}",
                rows.iter()
                    .map(|row| &row.experiment.name)
                    .collect::<Vec<_>>()
            );
            for at in 0..rows.len() {
                let experiment = &rows[at].experiment;
                if !experiment.name.contains(&only) {
                    continue;
                }
                let figures = in_process(name, experiment);
                println!("{}", report::line(experiment, &figures));
                rows[at].measured = Some((figures, load()));
                if let Some(out) = &out {
                    write(out, name, &rows);
                }
            }
        }
        _ => {
            eprintln!(
                "usage: networks layers|lenet|batch|convolution|fidelity --out FILE [--only NAME]"
            );
            std::process::exit(2);
        }
    }
}

/// An experiment, and its figures and the load where it was measured.
struct Row {
    experiment: Experiment,
    measured: Option<(Figures, f64)>,
}

/// What a suite has written.
#[derive(serde::Deserialize)]
struct Report {
    machine: String,
    loads: Vec<f64>,
    experiments: Vec<ReportRow>,
}

impl Report {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("a report");
        serde_json::from_str(&text).expect("a report of a suite")
    }

    /// Figures and load of every experiment.
    fn by_name(self) -> HashMap<String, (Figures, f64)> {
        let rows = self.experiments.into_iter().zip(self.loads);
        rows.map(|(row, load)| (row.name, (row.figures, load)))
            .collect()
    }
}

#[derive(serde::Deserialize)]
struct ReportRow {
    name: String,
    figures: Figures,
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

/// Mean number of running processes over the last minute.
fn load() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let first = text.split(' ').next();
    first
        .and_then(|first| first.parse().ok())
        .unwrap_or_default()
}

/// Processor and threads.
fn machine() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown processor", |model| {
        model.trim_start_matches([' ', '\t', ':'])
    });
    let threads = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{model}, {threads} threads")
}

fn write(out: &Path, name: &str, rows: &[Row]) {
    if let Some(folder) = out.parent() {
        fs::create_dir_all(folder).unwrap();
    }
    let json = report::json(&machine(), rows);
    let mut json = serde_json::to_string_pretty(&json).unwrap();
    json.push('\n');
    fs::write(out, json).unwrap();
    page(out, name);
}

/// The page of a report, which lies beside it.
fn page(out: &Path, name: &str) {
    let report = Report::read(out);
    let mut known = suite(name);
    let results: Vec<_> = report
        .experiments
        .into_iter()
        .filter_map(|row| {
            let at = known.iter().position(|known| known.name == row.name)?;
            Some((known.remove(at), row.figures))
        })
        .collect();
    let page = report::page(
        name,
        &report.machine,
        &report.loads,
        &results,
        &Peer::beside(out),
    );
    fs::write(out.with_extension("md"), page).unwrap();
}
