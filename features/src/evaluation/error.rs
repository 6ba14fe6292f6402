//! Why nothing was scored.

use thiserror::Error;

use crate::error::FeatureError;
use crate::utc;

/// Nothing could be scored.
#[derive(Debug, Error)]
pub enum EvaluationError {
    /// The range ends before it begins.
    #[error("the range ends ({to}) before it begins ({from}): give --from and --to in order")]
    Order {
        /// First close time.
        from: u64,
        /// Last close time.
        to: u64,
    },
    /// No window at all.
    #[error(
        "{file} has no window that closes from {} to {} UTC on a stride of {stride_minutes} minutes ({skipped} cross a gap): its candles close from {} to {} UTC, choose a range with --from and --to that begins 5 hours after the first and ends {horizon_minutes} minutes before the last",
        utc::minute(*.from), utc::minute(*.to), utc::minute(*.first), utc::minute(*.last)
    )]
    NoWindow {
        /// The candle file.
        file: String,
        /// First close time asked for.
        from: u64,
        /// Last close time asked for.
        to: u64,
        /// Minutes between two windows.
        stride_minutes: u32,
        /// Minutes ahead the label looks.
        horizon_minutes: u32,
        /// Close times left out because of gaps.
        skipped: u64,
        /// First close time in the file.
        first: u64,
        /// Last close time in the file.
        last: u64,
    },
    /// A window's features cannot be computed: with contiguous candles, a matter of funding rates.
    #[error(
        "{file}, window closing at {close_time}: {error}, or choose another range with --from and --to"
    )]
    Feature {
        /// The file at fault.
        file: String,
        /// Close time of the window.
        close_time: u64,
        /// What the feature layer objected to.
        error: FeatureError,
    },
    /// Not one answer per window, or one that is no class: a fault of the network or of who asked it.
    #[error(
        "{found} answers below {classes} for {windows} windows: ask the network about every window, and about the question of its manifest"
    )]
    Answers {
        /// Answers that are a class.
        found: usize,
        /// Windows asked about.
        windows: usize,
        /// Classes of the question.
        classes: usize,
    },
}
