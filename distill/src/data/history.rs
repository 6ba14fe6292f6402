//! The candles and funding rates a run learns from, and the digests of their files.

use std::path::Path;

use veriregime_features::dataset::{read_candles, read_funding};
use veriregime_features::manifest::SourceFile;
use veriregime_features::{Candle, FundingRate, synthetic};

use crate::Error;
use crate::config::DataConfig;

/// Name of the candle file in the data folder.
pub const CANDLE_FILE: &str = "btcusdt_1m.csv.zst";

/// Name of the funding file in the data folder.
pub const FUNDING_FILE: &str = "funding_rate.csv";

/// Candles in ascending time order, possibly with gaps, and funding rates.
#[derive(Clone, Debug)]
pub struct History {
    /// Candles of the configured span.
    pub candles: Vec<Candle>,
    /// All funding rates.
    pub funding: Vec<FundingRate>,
    /// Where they came from.
    pub sources: Vec<SourceFile>,
}

impl History {
    /// Reads the two files of a data folder and keeps the candles of the span.
    ///
    /// # Errors
    /// [`Error::Dataset`] naming file, line and column.
    pub fn read(data: &Path, config: &DataConfig) -> Result<Self, Error> {
        let candles = read_candles(&data.join(CANDLE_FILE))?;
        let funding = read_funding(&data.join(FUNDING_FILE))?;
        let source = |file: &str, sha256: [u8; 32]| SourceFile {
            file: file.to_owned(),
            sha256: hex::encode(sha256),
        };
        let sources = vec![
            source(CANDLE_FILE, candles.sha256),
            source(FUNDING_FILE, funding.sha256),
        ];
        let mut rows = candles.rows;
        rows.retain(|candle| candle.close_time() > config.from && candle.close_time() <= config.to);
        Ok(Self {
            candles: rows,
            funding: funding.rows,
            sources,
        })
    }

    /// Made-up candles from a seed, for tests: what is learnt from them means nothing.
    #[must_use]
    pub fn synthetic(seed: u64, minutes: usize, config: &DataConfig) -> Self {
        let from_ms = i64::try_from(config.from).unwrap_or(0) * 1_000;
        let candles = synthetic::candles(seed, from_ms, minutes);
        let to_ms = candles.last().map_or(from_ms, |candle| candle.open_time_ms);
        let sources = vec![SourceFile {
            file: format!("synthetic, seed {seed}"),
            sha256: String::new(),
        }];
        Self {
            candles,
            funding: synthetic::funding(seed, from_ms, to_ms),
            sources,
        }
    }
}
