//! What a model's teacher would have scored on a candle history.
//!
//! ```text
//! folder --History--> candles, funding --Selection--> windows, labels --ShippedTeacher--> classes --> Evaluation
//! ```
//!
//! Windows, labels and scores are those of the integer model's evaluation (`veriregime_features::evaluation`); on the model's own
//! test part the result is what its manifest says of the teacher.

use std::ops::RangeInclusive;

use candle_core::{Device, Tensor};
use rayon::prelude::*;
use veriregime_features::evaluation::{Evaluation, EvaluationError, History, Selection};
use veriregime_features::{INPUTS, Manifest, Window};

use crate::Error;
use crate::network::{Logits, Network, PREDICT_BATCH};
use crate::shipped::ShippedTeacher;

/// Scores a model's teacher on the windows of a history whose close times lie in `range` (UNIX seconds).
///
/// # Errors
/// [`Error::Evaluation`]: no window in the range, or funding rates that do not cover it.
pub fn evaluate(
    teacher: &ShippedTeacher,
    manifest: &Manifest,
    history: &History,
    range: RangeInclusive<u64>,
    stride_minutes: u32,
) -> Result<Evaluation, Error> {
    let selection = Selection::new(manifest, history, range, stride_minutes)?;
    let mut logits = Logits::new(manifest.training.question.classes().len());
    // Batches as in training: nothing, not even the order of a sum, differs.
    for places in selection.places().chunks(PREDICT_BATCH) {
        let windows: Vec<Window> = places
            .par_iter()
            .map(|place| selection.window(place))
            .collect::<Result<_, EvaluationError>>()?;
        let values: Vec<f32> = windows
            .iter()
            .flat_map(|window| window.values.map(f32::from))
            .collect();
        let inputs = Tensor::from_vec(values, (windows.len(), INPUTS), &Device::Cpu)?;
        for row in teacher.network.logits(&inputs)?.to_vec2::<f32>()? {
            logits.push(row.into_iter().map(f64::from));
        }
    }
    Ok(selection.score(&teacher.name(), &logits.decide(&teacher.offsets))?)
}
