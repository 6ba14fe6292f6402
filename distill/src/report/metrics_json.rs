//! `reports/training.json`: settings, labels, every stage's epochs, every model's scores on both parts.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::Config;
use crate::pipeline::{Measured, Outcome};
use crate::report::sparsity::Sparsity;
use crate::train::Epoch;

/// The report; borrowed from the outcome.
#[derive(Serialize)]
pub struct Report<'a> {
    config: &'a Config,
    label_shares: BTreeMap<&'static str, Vec<f64>>,
    stages: BTreeMap<&'a str, StageReport<'a>>,
    integer_model: &'a Measured,
    others: BTreeMap<&'a str, &'a Measured>,
    layers: Vec<Sparsity>,
    circuit: Circuit,
    wall_seconds: f64,
}

#[derive(Serialize)]
struct StageReport<'a> {
    epochs_per_minute: f64,
    best_validation_score: f64,
    epochs: &'a [Epoch],
}

#[derive(Serialize)]
struct Circuit {
    rows: usize,
    k: u32,
}

impl<'a> Report<'a> {
    /// The report of a run.
    #[must_use]
    pub fn of(outcome: &'a Outcome) -> Self {
        let split = &outcome.prepared.split;
        let parts = [
            ("train", &split.train),
            ("validation", &split.validation),
            ("test", &split.test),
        ];
        let stages = outcome.history.iter().map(|stage| {
            let report = StageReport {
                epochs_per_minute: stage.pace(),
                best_validation_score: stage.best(),
                epochs: &stage.epochs,
            };
            (stage.name.as_str(), report)
        });
        let others = outcome.others.iter();
        Self {
            config: &outcome.config,
            label_shares: parts
                .map(|(name, part)| (name, outcome.prepared.label_shares(part.clone())))
                .into(),
            stages: stages.collect(),
            integer_model: &outcome.integers,
            others: others
                .map(|(name, measured)| (name.as_str(), measured))
                .collect(),
            layers: Sparsity::of(&outcome.model),
            circuit: Circuit {
                rows: outcome.rows,
                k: outcome.k,
            },
            wall_seconds: outcome.seconds,
        }
    }
}
