//! Spans of the test part in which the integer model changes its mind: what a demonstration replays.

use serde::{Deserialize, Serialize};
use veriregime_circuits::model::IntegerModel;
use veriregime_features::{FeatureScale, Window, series};

use crate::Error;
use crate::data::History;
use crate::pipeline::{Prepared, classify};

/// Most rounds in a span.
pub const ROUNDS: usize = 10;

/// Rounds of every class that are enough.
pub const ENOUGH: usize = 2;

/// Spans examined minute by minute before the best is taken.
const CANDIDATES: usize = 400;

/// Consecutive closes to replay: `models/<name>/replay.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// Close time of the first window, UNIX seconds.
    pub from_close_time: u64,
    /// Number of consecutive minutes.
    pub rounds: usize,
    /// The model's class at each of them.
    pub classes: Vec<usize>,
}

/// The span of at most [`ROUNDS`] minutes in the test part that has every class at least [`ENOUGH`] times,
/// the first (SELL, LOW) after the last (BUY, HIGH), and changes most often; or comes nearest to it.
///
/// The model's answers are taken as they are; only where to look is chosen.
///
/// # Errors
/// Whatever stops a window or an inference.
pub fn find(
    model: &IntegerModel,
    history: &History,
    prepared: &Prepared,
) -> Result<Option<Replay>, Error> {
    let test_classes = classify(model, &prepared.samples, prepared.split.test.clone())?;
    let last = model.classes().saturating_sub(1);
    let times = &prepared.samples.close_times[prepared.split.test.clone()];
    let starts = times
        .windows(2)
        .zip(test_classes.windows(2))
        .filter(|(times, classes)| {
            times[1] - times[0] <= 5 * 60 && classes.contains(&0) && classes.contains(&(last as u8))
        });
    let mut best: Option<((usize, bool, usize), Replay)> = None;
    for (pair, _) in starts.take(CANDIDATES) {
        let from = pair[0] - 2 * 60;
        let Ok(classes) = classes(model, history, &prepared.scale, from) else {
            continue;
        };
        let least = (0..=last)
            .map(|class| classes.iter().filter(|&&found| found == class).count())
            .min()
            .unwrap_or(0);
        let returns = (classes.iter().position(|&class| class == last))
            .is_some_and(|rise| classes.iter().skip(rise).any(|&class| class == 0));
        let changes = classes.windows(2).filter(|pair| pair[0] != pair[1]).count();
        let worth = (least.min(ENOUGH), returns, changes);
        if best.as_ref().is_none_or(|(most, _)| worth > *most) {
            best = Some((
                worth,
                Replay {
                    from_close_time: from,
                    rounds: classes.len(),
                    classes,
                },
            ));
        }
    }
    Ok(best.map(|(_, replay)| replay))
}

fn classes(
    model: &IntegerModel,
    history: &History,
    scale: &FeatureScale,
    from: u64,
) -> Result<Vec<usize>, Error> {
    (0..ROUNDS as u64)
        .map(|minute| {
            let candles = series::ending_at(&history.candles, from + 60 * minute)?;
            let window = Window::compute(candles, &history.funding, scale)?;
            Ok(model.infer(&window.values)?.class)
        })
        .collect()
}
