//! What a run writes into `models/<name>/`: weights, manifest, teacher, model card, the metrics as JSON, a span to replay, and
//! what the answers are worth ([`evidence`]).

mod card;
pub mod evidence;
mod metrics_json;
mod sparsity;

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};
use veriregime_features::Manifest;
use veriregime_features::manifest::{Architecture, FORMAT, Metrics, Schema, Training, Weights};

use crate::data::History;
use crate::pipeline::Outcome;
use crate::replay;
use crate::{Error, Shipped};

pub use evidence::Evidence;

/// Symbol of the market the history is of.
pub const SYMBOL: &str = "BTC/USDT";

/// Writes everything; `name` is the model's name, that of the folder, `regime` a model whose regimes the backtest of a signal
/// model also heeds.
///
/// # Errors
/// [`Error::Io`] and the like when a file cannot be written, whatever [`Evidence::of`] refuses.
pub fn write(
    folder: &Path,
    name: &str,
    outcome: &Outcome,
    history: &History,
    regime: Option<&Shipped>,
) -> Result<Manifest, Error> {
    let reports = folder.join("reports");
    fs::create_dir_all(&reports).map_err(|source| Error::Io {
        path: reports.clone(),
        source,
    })?;
    let weights = folder.join("weights.json");
    outcome.model.write(&weights)?;
    let bytes = fs::read(&weights).map_err(|source| Error::Io {
        path: weights.clone(),
        source,
    })?;
    let manifest = manifest(name, hex::encode(Sha256::digest(&bytes)), outcome, history);
    manifest.write(&folder.join("manifest.json"))?;
    outcome.teacher.write(folder, &manifest)?;
    // From the files that were just written: what is shipped is what is measured.
    let evidence = Evidence::of(&Shipped::read(folder)?, history, regime)?;
    evidence.write(&reports)?;
    text(
        &folder.join("MODEL_CARD.md"),
        &card::render(&manifest, outcome, &evidence),
    )?;
    json(
        &reports.join("training.json"),
        &metrics_json::Report::of(outcome),
    )?;
    if let Some(span) = replay::find(&outcome.model, history, &outcome.prepared)? {
        json(&folder.join("replay.json"), &span)?;
    }
    Ok(manifest)
}

fn manifest(name: &str, sha256: String, outcome: &Outcome, history: &History) -> Manifest {
    let config = &outcome.config;
    let layers = &outcome.model.layers;
    let question = config.data.question;
    Manifest {
        format: FORMAT.to_owned(),
        name: name.to_owned(),
        schema: Schema::current(SYMBOL),
        scale: outcome.prepared.scale,
        weights: Weights {
            file: "weights.json".to_owned(),
            sha256,
        },
        model: Architecture {
            widths: outcome.model.widths(),
            activation: config.swap.activation.name().to_owned(),
            weight_bits: outcome.quantised.weight_bits(),
            shifts: layers.iter().map(|layer| layer.shift).collect(),
            classes: question
                .classes()
                .iter()
                .map(|&name| name.to_owned())
                .collect(),
        },
        training: Training {
            seed: config.seed,
            question,
            theta: config.data.theta,
            horizon_minutes: config.data.horizon_minutes,
            stride_minutes: config.data.stride_minutes,
            skipped_windows: outcome.prepared.skipped,
            splits: outcome
                .prepared
                .split
                .dates(&outcome.prepared.samples.close_times),
            sources: history.sources.clone(),
            wall_seconds: outcome.seconds.round(),
        },
        metrics: Metrics {
            test: outcome.integers.test.clone(),
            validation: outcome.integers.validation.clone(),
            comparison: outcome
                .others
                .iter()
                .map(|(name, measured)| (name.clone(), measured.test.clone()))
                .collect(),
        },
    }
}

pub(crate) fn json(path: &Path, value: &impl serde::Serialize) -> Result<(), Error> {
    let value = serde_json::to_string_pretty(value).map_err(|source| Error::Json {
        path: path.to_owned(),
        source,
    })?;
    text(path, &(value + "\n"))
}

pub(crate) fn text(path: &Path, text: &str) -> Result<(), Error> {
    fs::write(path, text).map_err(|source| Error::Io {
        path: path.to_owned(),
        source,
    })
}
