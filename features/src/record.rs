//! A row of a history file: how it is named, written, read and placed after its predecessor.

use std::path::Path;

use crate::candle::Candle;
use crate::dataset::{self, CANDLE_COLUMNS, Dataset, DatasetError, FUNDING_COLUMNS};
use crate::decimal::{format_e8, format_e8_full};
use crate::error::FeatureError;
use crate::funding::FundingRate;

/// A candle or a funding rate, as history files hold them.
pub trait Record: Copy + PartialEq {
    /// Header of the file.
    const COLUMNS: &'static [&'static str];

    /// The row's time in UNIX milliseconds; rows ascend in it.
    fn time_ms(&self) -> i64;

    /// The row as the file holds it, without the line's end: exact decimals, no float.
    fn line(&self) -> String;

    /// Reads a whole file of such rows.
    ///
    /// # Errors
    /// [`DatasetError`] with file, line, column and remedy.
    fn read(path: &Path) -> Result<Dataset<Self>, DatasetError>;

    /// Checks the row by itself and that it comes after the row at `previous_ms`; a gap is no fault.
    ///
    /// # Errors
    /// [`FeatureError`] naming `index`.
    fn check_after(&self, previous_ms: Option<i64>, index: usize) -> Result<(), FeatureError>;
}

impl Record for Candle {
    const COLUMNS: &'static [&'static str] = &CANDLE_COLUMNS;

    fn time_ms(&self) -> i64 {
        self.open_time_ms
    }

    fn line(&self) -> String {
        let numbers = [self.open, self.high, self.low, self.close, self.volume].map(format_e8);
        format!("{},{}", self.open_time_ms, numbers.join(","))
    }

    fn read(path: &Path) -> Result<Dataset<Self>, DatasetError> {
        dataset::read_candles(path)
    }

    fn check_after(&self, previous_ms: Option<i64>, index: usize) -> Result<(), FeatureError> {
        self.check(index)?;
        let open_time_ms = self.open_time_ms;
        match previous_ms {
            Some(previous_ms) if previous_ms == open_time_ms => Err(FeatureError::Duplicate {
                index,
                open_time_ms,
            }),
            Some(previous_ms) if previous_ms > open_time_ms => Err(FeatureError::Disorder {
                index,
                previous_ms,
                open_time_ms,
            }),
            _ => Ok(()),
        }
    }
}

impl Record for FundingRate {
    const COLUMNS: &'static [&'static str] = &FUNDING_COLUMNS;

    fn time_ms(&self) -> i64 {
        self.time_ms
    }

    fn line(&self) -> String {
        format!("{},{}", self.time_ms, format_e8_full(self.rate))
    }

    fn read(path: &Path) -> Result<Dataset<Self>, DatasetError> {
        dataset::read_funding(path)
    }

    fn check_after(&self, previous_ms: Option<i64>, index: usize) -> Result<(), FeatureError> {
        match previous_ms {
            Some(previous_ms) if previous_ms >= self.time_ms => {
                Err(FeatureError::FundingDisorder {
                    index,
                    previous_ms,
                    time_ms: self.time_ms,
                })
            }
            _ => Ok(()),
        }
    }
}
