//! How a model was trained: seed, labels, splits and the digests of its data.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::labels::Question;

/// How a model was trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// What the model was asked.
    pub question: Question,
    /// Seed of every random choice.
    pub seed: u64,
    /// Threshold of the label, as a ratio (0.002 is 0.2 %); what it bounds is for the question to say.
    pub theta: f64,
    /// Minutes ahead the label looks.
    pub horizon_minutes: u32,
    /// Minutes between two windows.
    pub stride_minutes: u32,
    /// Windows skipped because their candles or label cross a gap.
    pub skipped_windows: u64,
    /// The time splits.
    pub splits: Splits,
    /// Files the data came from.
    pub sources: Vec<SourceFile>,
    /// Wall time of the training run, seconds.
    pub wall_seconds: f64,
}

/// The time splits, in order, with gaps of at least horizon plus window plus warm-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Splits {
    /// Weights and scales are fitted here.
    pub train: Dates,
    /// Choices are made here.
    pub validation: Dates,
    /// Only measured, once.
    pub test: Dates,
}

/// Close times of a split's first and last window, and how many there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dates {
    /// Close time of the first window, UNIX seconds.
    pub from: u64,
    /// Close time of the last window, UNIX seconds.
    pub to: u64,
    /// Number of windows.
    pub windows: u64,
}

impl Dates {
    /// The split's close times as a range, both ends included.
    #[must_use]
    pub fn range(&self) -> RangeInclusive<u64> {
        self.from..=self.to
    }
}

/// A data file, by digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceFile {
    /// File name.
    pub file: String,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
}
