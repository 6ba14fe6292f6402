//! The stages of a run, in order, and what each hands to the next.
//!
//! ```text
//! Prepared (samples, split, scale) -> teacher -> student (ReLU) -> student (x^2) -> Quantised -> IntegerModel -> Outcome
//! ```

mod evaluate;
mod prepare;
mod stages;

use std::path::Path;
use std::time::Instant;

use sha2::{Digest, Sha256};
use veriregime_circuits::model::IntegerModel;
use veriregime_circuits::tape::{Layout, Profile};

use crate::checkpoint::Checkpoints;
use crate::config::budget_shape;
use crate::data::History;
use crate::train::StageHistory;
use crate::{Config, Error};

pub use evaluate::{Evaluation, classify, integer_model};
pub use prepare::Prepared;
pub use stages::{Run, Students, Trained, train};

/// Everything a run produced.
pub struct Outcome {
    /// Settings of the run.
    pub config: Config,
    /// Samples, split, scale.
    pub prepared: Prepared,
    /// The integer model.
    pub model: IntegerModel,
    /// Rows and size of its circuit.
    pub rows: usize,
    /// log2 of the circuit's size.
    pub k: u32,
    /// Networks and their training history.
    pub trained: Trained,
    /// Scores.
    pub evaluation: Evaluation,
    /// Wall time of the run, with that of the epochs it resumed, seconds.
    pub seconds: f64,
}

/// Runs every stage on a history.
///
/// # Errors
/// Whatever stops a stage; [`Error::RowBudget`] when the integer model does not fit the circuit.
pub fn run(
    config: &Config,
    history: &History,
    checkpoints: &Path,
    resume: bool,
) -> Result<Outcome, Error> {
    let begun = Instant::now();
    let checkpoints = Checkpoints::open(checkpoints, data_digest(history), resume)?;
    let prepared = Prepared::new(config, history)?;
    let trained = train(config, &prepared, &checkpoints)?;
    let (model, evaluation) = evaluate::evaluate(&prepared, &trained)?;
    let budgeted = Layout::compile(&model, budget_shape(), None)?;
    if budgeted.rows.len() > config.row_budget {
        return Err(Error::RowBudget {
            rows: budgeted.rows.len(),
            k: budgeted.k,
            budget: config.row_budget,
        });
    }
    let layout = Layout::plan(&model, Profile::Gas)?;
    let (rows, k) = (layout.rows.len(), layout.k);
    let resumed: f64 = trained
        .history
        .iter()
        .map(StageHistory::resumed_seconds)
        .sum();
    let seconds = begun.elapsed().as_secs_f64() + resumed;
    Ok(Outcome {
        config: config.clone(),
        prepared,
        model,
        rows,
        k,
        trained,
        evaluation,
        seconds,
    })
}

/// Digest of what a run learns from.
fn data_digest(history: &History) -> String {
    let mut hash = Sha256::new();
    for source in &history.sources {
        hash.update(&source.file);
        hash.update(&source.sha256);
    }
    hash.update(history.candles.len().to_le_bytes());
    hex::encode(hash.finalize())
}
