//! What a download left on disk.

use std::path::PathBuf;

use serde::Serialize;
use veriregime_features::{Record, candle::Gap, dataset::Dataset};

use super::Span;

/// The files of a finished download.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Downloaded {
    /// Unified symbol.
    pub symbol: String,
    /// The exchange's id.
    pub exchange: &'static str,
    /// What was asked for; the files may hold more, or less where the exchange has no rows.
    #[serde(flatten)]
    pub span: Span,
    /// The candle file.
    pub candles: FileSummary,
    /// Minutes without a candle, between candles.
    pub gaps: Vec<Gap>,
    /// The funding file.
    pub funding: FileSummary,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileSummary {
    /// Where it lies.
    pub path: PathBuf,
    /// Rows.
    pub rows: usize,
    /// Time of the first row, UNIX milliseconds.
    pub first_ms: i64,
    /// Time of the last row, UNIX milliseconds.
    pub last_ms: i64,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
}

impl FileSummary {
    pub(super) fn of<Row: Record>(path: PathBuf, dataset: &Dataset<Row>) -> Self {
        let time = |row: Option<&Row>| row.map_or(0, Record::time_ms);
        Self {
            path,
            rows: dataset.rows.len(),
            first_ms: time(dataset.rows.first()),
            last_ms: time(dataset.rows.last()),
            sha256: hex::encode(dataset.sha256),
        }
    }
}

impl Downloaded {
    /// Minutes missing in all gaps together.
    pub fn missing(&self) -> i64 {
        self.gaps.iter().map(|gap| gap.missing).sum()
    }

    /// Minutes of the span before the first candle and after the last one.
    pub fn missing_at_ends(&self) -> (i64, i64) {
        let before = (self.candles.first_ms - self.span.begin_ms()) / 60_000;
        let after = (self.span.end_ms() - self.candles.last_ms) / 60_000 - 1;
        (before.max(0), after.max(0))
    }
}
