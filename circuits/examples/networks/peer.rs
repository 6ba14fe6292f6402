//! What EZKL does on the same experiments, if `make bench-layers-peer` has run.

use std::{collections::HashMap, fs, path::Path};

use serde::Deserialize;

/// One experiment under EZKL.
#[derive(Deserialize)]
struct Run {
    limit_s: f64,
    failure: Option<String>,
    k: Option<u32>,
    prove_s: Option<f64>,
    peak_mb: Option<f64>,
}

#[derive(Deserialize)]
struct File {
    ezkl: String,
    memory_limit_gb: f64,
    experiments: HashMap<String, Run>,
}

/// EZKL's runs, or none.
pub struct Peer(Option<File>);

impl Peer {
    /// Reads the report that lies beside ours.
    pub fn beside(out: &Path) -> Self {
        let text = fs::read_to_string(out.with_file_name("layers-ezkl.json"));
        Self(text.ok().map(|text| {
            serde_json::from_str(&text)
                .expect("layers-ezkl.json as `make bench-layers-peer` writes it")
        }))
    }

    /// A cell of the table; the sum where it was run slice by slice.
    pub fn cell(&self, name: &str) -> String {
        let run = |name: &str| self.0.as_ref()?.experiments.get(name);
        match run(name) {
            Some(Run {
                failure: Some(failure),
                ..
            }) => failure.clone(),
            Some(run) => format!(
                "k = {}, {:.1} s, {:.0} MB",
                run.k.unwrap_or_default(),
                run.prove_s.unwrap_or_default(),
                run.peak_mb.unwrap_or_default()
            ),
            None => {
                let slices: Vec<&Run> = (1..)
                    .map_while(|number| run(&format!("{name}, slice {number}")))
                    .collect();
                let seconds: Option<f64> = slices.iter().map(|slice| slice.prove_s).sum();
                match (slices.len(), seconds) {
                    (1.., Some(seconds)) => {
                        let peaks = slices.iter().filter_map(|slice| slice.peak_mb);
                        format!("{seconds:.1} s, {:.0} MB", peaks.fold(0.0, f64::max))
                    }
                    _ => "-".into(),
                }
            }
        }
    }

    /// What the column means.
    pub fn note(&self) -> String {
        match &self.0 {
            None => String::new(),
            Some(file) => {
                let limits = || file.experiments.values().map(|run| run.limit_s);
                format!(
                    "EZKL here: version {} on this machine at scales 7 (beside 8 bits) and 10 (beside 11), `make bench-layers-peer`, its proof alone\nwithout loading keys, within {} GB and, for all steps of an experiment, {} s (LeNet-5: up to {} s).\n",
                    file.ezkl,
                    file.memory_limit_gb,
                    limits().fold(f64::INFINITY, f64::min),
                    limits().fold(0.0, f64::max)
                )
            }
        }
    }
}
