//! A folder with the history of one market, whichever it is.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::candle::E8;
use crate::dataset::{self, Dataset, DatasetError};
use crate::indicators::RAW_ONE;
use crate::manifest::SourceFile;
use crate::{Candle, FeatureScale, FundingRate};

/// How a candle file's name ends, compressed or not.
const CANDLE_ENDINGS: [&str; 2] = ["_1m.csv", "_1m.csv.zst"];

/// The funding file's name.
const FUNDING_FILE: &str = "funding_rate.csv";

/// Index of the funding rate among the features.
const FUNDING_FEATURE: usize = 7;

/// Milliseconds between two settlements.
const SETTLEMENT_MS: usize = 8 * 3_600_000;

/// One market's candles and, if there is a file of them, its funding rates.
#[derive(Debug, Clone)]
pub struct History {
    candles: Vec<Candle>,
    candle_file: SourceFile,
    funding: Option<(Vec<FundingRate>, SourceFile)>,
}

/// A folder that holds no usable history.
#[derive(Debug, Error)]
pub enum HistoryError {
    /// The folder cannot be listed.
    #[error("{directory}: {source}: give the folder with the candle file with --data")]
    Folder {
        /// The folder.
        directory: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// No candle file.
    #[error(
        "{directory}: no candle file: put one there, named like btcusdt_1m.csv or btcusdt_1m.csv.zst, or name its folder with --data"
    )]
    NoCandles {
        /// The folder.
        directory: PathBuf,
    },
    /// A candle file with a header only.
    #[error("{path}: no candle below the header: export the market's one-minute candles again")]
    Empty {
        /// The candle file.
        path: PathBuf,
    },
    /// Candle files of several markets.
    #[error(
        "{directory}: several candle files ({}): keep one market per folder, with its own {FUNDING_FILE}, or name one with --symbol", .files.join(", ")
    )]
    SeveralCandles {
        /// The folder.
        directory: PathBuf,
        /// The candle files.
        files: Vec<String>,
    },
    /// No candle file of the market asked for.
    #[error(
        "{directory}: no candle file of {symbol} ({}): name a market that is there with --symbol, or another folder with --data", listed(.files)
    )]
    NoSymbol {
        /// The folder.
        directory: PathBuf,
        /// The market asked for.
        symbol: String,
        /// The candle files that are there.
        files: Vec<String>,
    },
    /// Candle files of several markets beside one funding file.
    #[error(
        "{directory}: {FUNDING_FILE} does not say which market it is of, and there are several ({}): give it a folder with its own market's candle file", .files.join(", ")
    )]
    WhoseFunding {
        /// The folder.
        directory: PathBuf,
        /// The candle files.
        files: Vec<String>,
    },
    /// A file is not as documented.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
}

impl History {
    /// Reads the folder's only candle file (`*_1m.csv`, else `*_1m.csv.zst`) and `funding_rate.csv` if it is there.
    ///
    /// # Errors
    /// [`HistoryError`] naming the folder or file, and the remedy.
    pub fn read(directory: &Path) -> Result<Self, HistoryError> {
        let mut files = candle_files(directory)?;
        match (files.pop(), files.is_empty()) {
            (None, _) => Err(HistoryError::NoCandles {
                directory: directory.to_owned(),
            }),
            (Some(file), true) => Self::read_file(directory, &file),
            (Some(file), false) => {
                files.push(file);
                Err(HistoryError::SeveralCandles {
                    directory: directory.to_owned(),
                    files,
                })
            }
        }
    }

    /// Reads the candle file of a market, `BTC/USDT` or `btcusdt`, from a folder that may hold others.
    ///
    /// # Errors
    /// [`HistoryError`]; of a folder with several markets, also when it holds a funding file, which could be any one's.
    pub fn read_symbol(directory: &Path, symbol: &str) -> Result<Self, HistoryError> {
        let files = candle_files(directory)?;
        let market: String = symbol
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|letter| letter.to_ascii_lowercase())
            .collect();
        let names = CANDLE_ENDINGS.map(|ending| format!("{market}{ending}"));
        let Some(file) = files.iter().find(|file| names.contains(file)) else {
            return Err(HistoryError::NoSymbol {
                directory: directory.to_owned(),
                symbol: symbol.to_owned(),
                files,
            });
        };
        if files.len() > 1 && directory.join(FUNDING_FILE).exists() {
            return Err(HistoryError::WhoseFunding {
                directory: directory.to_owned(),
                files,
            });
        }
        Self::read_file(directory, file)
    }

    /// Reads a candle file of the folder, and the funding file if there is one.
    fn read_file(directory: &Path, name: &str) -> Result<Self, HistoryError> {
        let source = |file: &str, sha256: [u8; 32]| SourceFile {
            file: file.to_owned(),
            sha256: hex::encode(sha256),
        };
        let path = directory.join(name);
        let Dataset { rows, sha256 } = dataset::read_candles(&path)?;
        if rows.is_empty() {
            return Err(HistoryError::Empty { path });
        }
        let funding = directory.join(FUNDING_FILE);
        let funding = if funding.exists() {
            let Dataset { rows, sha256 } = dataset::read_funding(&funding)?;
            Some((rows, source(FUNDING_FILE, sha256)))
        } else {
            None
        };
        Ok(Self {
            candles: rows,
            candle_file: source(name, sha256),
            funding,
        })
    }

    /// The candles, in time order, possibly with gaps.
    #[must_use]
    pub fn candles(&self) -> &[Candle] {
        &self.candles
    }

    /// Name and digest of the candle file.
    #[must_use]
    pub fn candle_file(&self) -> &SourceFile {
        &self.candle_file
    }

    /// Name and digest of the funding file, if there is one.
    #[must_use]
    pub fn funding_file(&self) -> Option<&SourceFile> {
        self.funding.as_ref().map(|(_, file)| file)
    }

    /// The file that a missing funding rate is missing from.
    pub(super) fn funding_name(&self) -> &str {
        self.funding_file()
            .map_or(FUNDING_FILE, |source| &source.file)
    }

    /// The funding rates; without a file, the rate that `scale` maps to the middle, settled every eight hours.
    #[must_use]
    pub fn funding(&self, scale: &FeatureScale) -> Cow<'_, [FundingRate]> {
        if let Some((rates, _)) = &self.funding {
            return Cow::Borrowed(rates);
        }
        let centre = scale
            .features
            .get(FUNDING_FEATURE)
            .map_or(0, |map| map.centre);
        let rate = centre / (RAW_ONE / E8);
        let (Some(first), Some(last)) = (self.candles.first(), self.candles.last()) else {
            return Cow::Owned(vec![]);
        };
        let times = (first.open_time_ms..=last.open_time_ms).step_by(SETTLEMENT_MS);
        Cow::Owned(times.map(|time_ms| FundingRate { time_ms, rate }).collect())
    }
}

/// The names of the folder's candle files; of a compressed and a plain one of the same market, the plain one.
fn candle_files(directory: &Path) -> Result<Vec<String>, HistoryError> {
    let fail = |source| HistoryError::Folder {
        directory: directory.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(fail)? {
        let name = entry.map_err(fail)?.file_name();
        let name = name.to_string_lossy();
        if CANDLE_ENDINGS.iter().any(|ending| name.ends_with(ending)) {
            files.push(name.into_owned());
        }
    }
    files.sort();
    files.dedup_by(|later, earlier| later.strip_suffix(".zst") == Some(earlier));
    Ok(files)
}

/// The candle files in a sentence.
fn listed(files: &[String]) -> String {
    if files.is_empty() {
        "there is none at all".to_owned()
    } else {
        format!("there is {}", files.join(", "))
    }
}
