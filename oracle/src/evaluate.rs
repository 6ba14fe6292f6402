//! What an integer model would have scored on a candle history.
//!
//! ```text
//! folder --History--> candles, funding --Selection--> windows, labels --IntegerModel--> classes --> Evaluation
//! ```
//!
//! The windows, labels and scores are those of training (`veriregime_features::evaluation`): on the model's own test part the
//! result is, to the last digit, what its manifest says. The trainer's `distill evaluate` asks a model's teacher about the same
//! windows.

use std::ops::RangeInclusive;

use rayon::prelude::*;
use veriregime_features::places::Place;

pub use veriregime_features::evaluation::{
    ClassScores, Evaluation, EvaluationError, History, HistoryError, Selection,
};

use crate::model::Model;

/// The integer network in [`Evaluation::network`].
const NETWORK: &str = "integer";

/// Nothing could be scored.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// The network has not the classes of its question.
    #[error(
        "model {model} gives {found} logits, its question has the classes {classes:?}: restore the weights that came with the manifest"
    )]
    Classes {
        /// The model's name.
        model: String,
        /// Number of the network's logits.
        found: usize,
        /// The question's classes.
        classes: &'static [&'static str],
    },
    /// No window in the range, or one that cannot be computed.
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
    /// The network refuses a window.
    #[error(transparent)]
    Network(#[from] veriregime_circuits::Error),
}

/// Scores a model on the windows of a history whose close times lie in `range`.
///
/// # Errors
/// [`EvaluateError`]: a network that does not fit its question, no window in the range, or funding rates that do not cover it.
pub fn evaluate(
    model: &Model,
    history: &History,
    range: RangeInclusive<u64>,
    stride_minutes: u32,
) -> Result<Evaluation, EvaluateError> {
    check_classes(model)?;
    let selection = Selection::new(&model.manifest, history, range, stride_minutes)?;
    let class = |place: &Place| -> Result<u8, EvaluateError> {
        let window = selection.window(place)?;
        Ok(model.network.infer(&window.values)?.class as u8)
    };
    let answers: Vec<u8> = selection
        .places()
        .par_iter()
        .map(class)
        .collect::<Result<_, _>>()?;
    Ok(selection.score(NETWORK, &answers)?)
}

/// Whether the model has one logit for each class of its question.
fn check_classes(model: &Model) -> Result<(), EvaluateError> {
    let classes = model.question().classes();
    let found = model.network.widths().last().copied().unwrap_or(0);
    if found == classes.len() {
        return Ok(());
    }
    Err(EvaluateError::Classes {
        model: model.name().to_owned(),
        found,
        classes,
    })
}

/// The range of a model's own test part, from its manifest.
pub fn test_part(model: &Model) -> RangeInclusive<u64> {
    model.manifest.training.splits.test.range()
}
