//! Candle and funding history on disk: CSV, optionally zstd-compressed, parsed exactly.
//!
//! Candles: `open_time_ms,open,high,low,close,volume`. Funding: `funding_time_ms,funding_rate`. A header line, then
//! one row per line, oldest first, decimal strings, LF or CRLF. Gaps between candles are allowed here (exchanges have
//! outages); repeats, disorder and impossible values are not. A path that ends in `.zst` is decompressed.

use std::fs;
use std::io::{self, BufRead, BufReader, Cursor};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::candle::Candle;
use crate::decimal::{DecimalError, parse_e8};
use crate::error::FeatureError;
use crate::funding::FundingRate;
use crate::record::Record;

/// Header of a candle file.
pub const CANDLE_COLUMNS: [&str; 6] = ["open_time_ms", "open", "high", "low", "close", "volume"];

/// Header of a funding file.
pub const FUNDING_COLUMNS: [&str; 2] = ["funding_time_ms", "funding_rate"];

/// Rows of one file and the SHA-256 of its bytes as they lie on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset<Row> {
    /// The rows, in ascending time order.
    pub rows: Vec<Row>,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
}

/// Why a history file cannot be used; `line` counts from 1 and includes the header.
#[derive(Debug, Error)]
pub enum DatasetError {
    /// The file cannot be read or decompressed.
    #[error("{path}: {source}: check the path and, for `.zst`, that the file is complete")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error(
        "{path}: cannot write: {source}: check that the folder exists, may be written and has space; rows written before are kept"
    )]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The first line is not the documented header.
    #[error(
        "{path}, line 1: header is `{found}`, expected `{expected}`: export the columns in that order"
    )]
    Header {
        /// The file.
        path: PathBuf,
        /// Documented header.
        expected: String,
        /// First line found (cut).
        found: String,
    },
    /// A row with too few or too many fields.
    #[error(
        "{path}, line {line}: {found} fields, expected {expected}: is the file cut off or in another format?"
    )]
    Fields {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// Fields expected.
        expected: usize,
        /// Fields found.
        found: usize,
    },
    /// A time that is no integer.
    #[error("{path}, line {line}, column `{column}`: `{text}` is no whole number of milliseconds")]
    Time {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// The column.
        column: &'static str,
        /// The field (cut).
        text: String,
    },
    /// A number that cannot be kept exactly.
    #[error("{path}, line {line}, column `{column}`: {source}")]
    Number {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// The column.
        column: &'static str,
        /// What is wrong with it.
        source: DecimalError,
    },
    /// A row that is no possible candle, or out of order.
    #[error("{path}, line {line}: {source}")]
    Row {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// What is wrong; its index counts rows from 0.
        source: FeatureError,
    },
}

/// Reads a candle file.
///
/// # Errors
/// [`DatasetError`] with file, line, column and remedy.
pub fn read_candles(path: &Path) -> Result<Dataset<Candle>, DatasetError> {
    let mut previous_ms = None;
    read(path, CANDLE_COLUMNS, |row| {
        let candle = Candle {
            open_time_ms: row.time(0)?,
            open: row.number(1)?,
            high: row.number(2)?,
            low: row.number(3)?,
            close: row.number(4)?,
            volume: row.number(5)?,
        };
        candle
            .check_after(previous_ms.replace(candle.open_time_ms), row.index)
            .map_err(|source| row.fault(source))?;
        Ok(candle)
    })
}

/// Reads a funding file.
///
/// # Errors
/// [`DatasetError`] with file, line, column and remedy.
pub fn read_funding(path: &Path) -> Result<Dataset<FundingRate>, DatasetError> {
    let mut previous_ms = None;
    read(path, FUNDING_COLUMNS, |row| {
        let rate = FundingRate {
            time_ms: row.time(0)?,
            rate: row.number(1)?,
        };
        rate.check_after(previous_ms.replace(rate.time_ms), row.index)
            .map_err(|source| row.fault(source))?;
        Ok(rate)
    })
}

/// One line split into fields, with its place for errors.
struct Row<'a, const N: usize> {
    path: &'a Path,
    columns: [&'static str; N],
    index: usize,
    fields: [&'a str; N],
}

impl<const N: usize> Row<'_, N> {
    const fn line(&self) -> usize {
        self.index + 2
    }

    fn time(&self, column: usize) -> Result<i64, DatasetError> {
        self.fields[column].parse().map_err(|_| DatasetError::Time {
            path: self.path.to_owned(),
            line: self.line(),
            column: self.columns[column],
            text: cut(self.fields[column]),
        })
    }

    fn number(&self, column: usize) -> Result<i64, DatasetError> {
        parse_e8(self.fields[column]).map_err(|source| DatasetError::Number {
            path: self.path.to_owned(),
            line: self.line(),
            column: self.columns[column],
            source,
        })
    }

    fn fault(&self, source: FeatureError) -> DatasetError {
        DatasetError::Row {
            path: self.path.to_owned(),
            line: self.line(),
            source,
        }
    }
}

fn read<T, const N: usize>(
    path: &Path,
    columns: [&'static str; N],
    mut parse: impl FnMut(&Row<'_, N>) -> Result<T, DatasetError>,
) -> Result<Dataset<T>, DatasetError> {
    let io_error = |source| DatasetError::Io {
        path: path.to_owned(),
        source,
    };
    let bytes = fs::read(path).map_err(io_error)?;
    let sha256 = Sha256::digest(&bytes).into();
    let mut reader: Box<dyn BufRead> =
        if path.extension().is_some_and(|extension| extension == "zst") {
            Box::new(BufReader::new(
                zstd::stream::read::Decoder::new(Cursor::new(bytes)).map_err(io_error)?,
            ))
        } else {
            Box::new(Cursor::new(bytes))
        };
    let mut text = String::new();
    reader.read_line(&mut text).map_err(io_error)?;
    let expected = columns.join(",");
    if text.trim_end() != expected {
        let found = cut(text.trim_end());
        return Err(DatasetError::Header {
            path: path.to_owned(),
            expected,
            found,
        });
    }
    let mut rows = Vec::new();
    loop {
        text.clear();
        if reader.read_line(&mut text).map_err(io_error)? == 0 {
            return Ok(Dataset { rows, sha256 });
        }
        let index = rows.len();
        let line = text.trim_end_matches(['\n', '\r']);
        let mut fields = [""; N];
        let mut found = 0;
        for field in line.split(',') {
            if let Some(slot) = fields.get_mut(found) {
                *slot = field;
            }
            found += 1;
        }
        if found != N {
            return Err(DatasetError::Fields {
                path: path.to_owned(),
                line: index + 2,
                expected: N,
                found,
            });
        }
        rows.push(parse(&Row {
            path,
            columns,
            index,
            fields,
        })?);
    }
}

fn cut(text: &str) -> String {
    text.chars().take(80).collect()
}
