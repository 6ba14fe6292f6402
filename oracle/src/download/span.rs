//! From when to when.

use serde::Serialize;

use super::DownloadError;
use crate::utc;

/// Candles that open at or after `from` and close by `to`, UNIX seconds on the minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Span {
    from: u64,
    to: u64,
}

impl Span {
    /// The whole minutes between two times.
    ///
    /// # Errors
    /// [`DownloadError::Span`] if there are none.
    pub fn new(from: u64, to: u64) -> Result<Self, DownloadError> {
        let span = Self {
            from: from.div_ceil(60).saturating_mul(60),
            to: to - to % 60,
        };
        if span.from >= span.to {
            return Err(DownloadError::Span { from, to });
        }
        Ok(span)
    }

    pub(super) fn begin_ms(self) -> i64 {
        millis(self.from)
    }

    pub(super) fn end_ms(self) -> i64 {
        millis(self.to)
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} to {} UTC",
            utc::minute(self.from),
            utc::minute(self.to)
        )
    }
}

fn millis(seconds: u64) -> i64 {
    i64::try_from(seconds)
        .unwrap_or(i64::MAX)
        .saturating_mul(1_000)
}
