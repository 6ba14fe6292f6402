//! Which consecutive windows a replay shows: the span named with the model, or one searched in the candles.
//!
//! The model's answers are only looked at, never touched: the search moves along the series until a span of
//! neighbouring windows has both its first and its last class (SELL and BUY, LOW and HIGH).

use std::path::Path;

use serde::{Deserialize, Serialize};
use veriregime_circuits::model::IntegerModel;
use veriregime_features::{CANDLES, FeatureScale, Window, series};

use crate::exchange::{CandleSource, SourceError, SourceKind};

/// Fewest rounds of a demonstration.
const ROUNDS: usize = 8;
/// A span longer than this is not worth waiting for.
const LONGEST: usize = 40;
/// Minutes searched, newest first.
const SEARCHED: u64 = 6 * 24 * 60;

/// `models/<name>/replay.json`: a span of recorded candles worth showing, found by the trainer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplayFile {
    /// Close time of the first window, UNIX seconds.
    from_close_time: u64,
    /// Number of neighbouring windows.
    rounds: u64,
    /// What the model answered when the file was made; the replay asks the model itself.
    #[serde(rename = "classes")]
    _classes: Vec<usize>,
}

/// Close times of the first and last window of a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Close time of the first window, UNIX seconds.
    pub from: u64,
    /// Close time of the last window, UNIX seconds.
    pub to: u64,
}

/// No span.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The candle source failed.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Bad replay file.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// The candles do not suffice.
    #[error(
        "the {kind} source has only {got} windows in the searched span, a replay needs {ROUNDS}"
    )]
    Short {
        /// The source.
        kind: SourceKind,
        /// Windows found.
        got: usize,
    },
}

impl Span {
    /// The close times of the span, one per candle.
    pub fn close_times(&self, step: u32) -> Vec<u64> {
        (self.from..=self.to)
            .step_by(step.max(1) as usize)
            .collect()
    }

    /// Chooses the span for a source: `replay.json` beside the model for recorded candles, else a search.
    pub async fn choose(
        source: &CandleSource,
        model_directory: &Path,
        scale: &FeatureScale,
        network: &IntegerModel,
    ) -> Result<Self, ReplayError> {
        let file = model_directory.join("replay.json");
        if source.kind() == SourceKind::File && file.is_file() {
            return Self::read(&file, u64::from(source.market().timeframe));
        }
        let last = source.latest_close().await?;
        let from = last.saturating_sub(SEARCHED * u64::from(source.market().timeframe));
        let candles = source.candles(from, last).await?;
        let funding = source.funding(from, last).await?;
        let mut classes = Vec::new();
        for candle in candles.iter().skip(CANDLES - 1) {
            let close_time = candle.close_time();
            // A gap in the candles only ends a run of neighbours.
            let Ok(slice) = series::ending_at(&candles, close_time) else {
                continue;
            };
            let Ok(window) = Window::compute(slice, &funding, scale) else {
                continue;
            };
            let Ok(inference) = network.infer(&window.values) else {
                continue;
            };
            classes.push((close_time, inference.class));
        }
        let last_class = network
            .widths()
            .last()
            .map_or(0, |classes| classes.saturating_sub(1));
        let step = u64::from(source.market().timeframe);
        Self::search(&classes, [0, last_class], step).ok_or(ReplayError::Short {
            kind: source.kind(),
            got: classes.len(),
        })
    }

    fn read(path: &Path, step: u64) -> Result<Self, ReplayError> {
        let refuse = |reason: String| ReplayError::File {
            path: path.display().to_string(),
            reason,
        };
        let text = std::fs::read(path).map_err(|error| refuse(error.to_string()))?;
        let file: ReplayFile =
            serde_json::from_slice(&text).map_err(|error| refuse(error.to_string()))?;
        if !(1..=1_000).contains(&file.rounds) {
            return Err(refuse(format!("{} rounds, want 1 to 1,000", file.rounds)));
        }
        let from = file.from_close_time;
        Ok(Self {
            from,
            to: from + (file.rounds - 1) * step,
        })
    }

    /// The latest shortest run of neighbours that holds both of `wanted`'s classes, padded backwards to [`ROUNDS`]; without
    /// any, simply the latest [`ROUNDS`] neighbours.
    fn search(classes: &[(u64, usize)], wanted: [usize; 2], step: u64) -> Option<Self> {
        let neighbours = |run: &[(u64, usize)]| {
            let (first, last) = (run.first()?, run.last()?);
            (last.0 - first.0 == step * (run.len() as u64 - 1)).then_some(Self {
                from: first.0,
                to: last.0,
            })
        };
        let both = |run: &[(u64, usize)]| {
            wanted
                .iter()
                .all(|class| run.iter().any(|(_, got)| got == class))
        };
        (ROUNDS..=LONGEST)
            .find_map(|length| {
                classes
                    .windows(length)
                    .rev()
                    .filter(|run| both(run))
                    .find_map(neighbours)
            })
            .or_else(|| classes.windows(ROUNDS).rev().find_map(neighbours))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(text: &str) -> Vec<(u64, usize)> {
        text.chars()
            .zip(1..)
            .map(|(class, minute)| (minute * 60, "SHB".find(class).unwrap()))
            .collect()
    }

    #[test]
    fn search_finds_the_shortest_latest_run_with_both_trades() {
        let span = Span::search(&classes("HHHHHHHSHHHHHBHHHHHHHHHHHHHHH"), [0, 2], 60).unwrap();
        assert_eq!(
            span,
            Span {
                from: 8 * 60,
                to: 15 * 60
            }
        );
        let span = Span::search(&classes("HHHHHHHHSHHHHHHHHHHHBHHHHHHHH"), [0, 2], 60).unwrap();
        assert_eq!(
            span,
            Span {
                from: 9 * 60,
                to: 21 * 60
            }
        );
    }

    #[test]
    fn search_among_two_classes_needs_both() {
        // Of a regime: LOW is S here, HIGH is H.
        let span = Span::search(&classes("SSSSSSSSHHHHHHHHHHHHHHHH"), [0, 1], 60).unwrap();
        assert_eq!(
            span,
            Span {
                from: 8 * 60,
                to: 15 * 60
            }
        );
    }

    #[test]
    fn search_without_trades_takes_the_latest_rounds_and_never_crosses_a_gap() {
        assert_eq!(
            Span::search(&classes("HHHHHHHHHH"), [0, 2], 60).unwrap(),
            Span { from: 180, to: 600 }
        );
        let mut gapped = classes("HHHHHHHHHHH");
        gapped.remove(9);
        assert_eq!(
            Span::search(&gapped, [0, 2], 60).unwrap(),
            Span { from: 120, to: 540 }
        );
        assert_eq!(Span::search(&classes("HHH"), [0, 2], 60), None);
    }
}
