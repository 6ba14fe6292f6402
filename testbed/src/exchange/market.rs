//! The candles and funding rates that an exchange replays.

use std::{path::Path, sync::Arc};

use anyhow::{Context, Result, ensure};
use veriregime::exchange::{FileExchange, SourceKind};
use veriregime_features::{CANDLES, Candle, FundingRate, candle::MINUTE_MS, dataset, synthetic};

/// Seconds of a day.
const DAY: u64 = 86_400;

/// One market's history, ascending.
#[derive(Clone, Debug)]
pub struct Market {
    /// One-minute candles.
    pub candles: Arc<[Candle]>,
    /// Funding rates.
    pub funding: Arc<[FundingRate]>,
    /// Recorded or invented.
    pub kind: SourceKind,
}

impl Market {
    /// Recorded candles from the folder in `VERIREGIME_DATA` if it is set, else invented ones of a seed; both cover the
    /// windows that close in `[from, to]`.
    ///
    /// # Errors
    /// A data folder that cannot be read, or that lacks a minute of the span.
    pub fn choose(from: u64, to: u64, seed: u64) -> Result<Self> {
        match std::env::var_os("VERIREGIME_DATA").filter(|folder| !folder.is_empty()) {
            Some(folder) => Self::recorded(Path::new(&folder), from, to),
            None => Ok(Self::invented(from, to, seed)),
        }
    }

    /// Invented candles, a pure function of the seed and the span.
    #[must_use]
    pub fn invented(from: u64, to: u64, seed: u64) -> Self {
        let (first, count) = span(from, to);
        let end = first + count as i64 * MINUTE_MS;
        Self {
            candles: synthetic::candles(seed, first, count).into(),
            funding: synthetic::funding(seed, first - 2 * millis(DAY), end).into(),
            kind: SourceKind::Synthetic,
        }
    }

    fn recorded(folder: &Path, from: u64, to: u64) -> Result<Self> {
        let (first, count) = span(from, to);
        let end = first + count as i64 * MINUTE_MS;
        let plain = folder.join("btcusdt_1m.csv");
        let path = if plain.is_file() {
            plain
        } else {
            folder.join("btcusdt_1m.csv.zst")
        };
        let mut candles = dataset::read_candles(&path)?.rows;
        candles.retain(|candle| (first..end).contains(&candle.open_time_ms));
        ensure!(
            candles.len() == count,
            "{}: {} of the {count} minutes from {first} ms on: choose a day without gaps",
            path.display(),
            candles.len()
        );
        let mut funding = dataset::read_funding(&folder.join("funding_rate.csv"))?.rows;
        funding.retain(|rate| (first - 3 * millis(DAY)..end).contains(&rate.time_ms));
        Ok(Self {
            candles: candles.into(),
            funding: funding.into(),
            kind: SourceKind::File,
        })
    }

    /// The same times with other prices: what a liar, or a node on another feed, believes.
    #[must_use]
    pub fn forged(&self, seed: u64) -> Self {
        let noise = synthetic::candles(seed, 0, self.candles.len());
        let candles = self.candles.iter().zip(&noise);
        let candles = candles.map(|(candle, noise)| {
            // Up to two thousandths of the price, never nothing.
            let shift = 1 + candle.close / 1_000_000 * (noise.close % 2_000);
            let moved = |price: i64| price + shift;
            Candle {
                open_time_ms: candle.open_time_ms,
                open: moved(candle.open),
                high: moved(candle.high),
                low: moved(candle.low),
                close: moved(candle.close),
                volume: candle.volume,
            }
        });
        Self {
            candles: candles.collect(),
            ..self.clone()
        }
    }

    /// Writes the history as a data folder (`--data`).
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        use veriregime_features::decimal::format_e8;
        std::fs::create_dir_all(folder)
            .with_context(|| format!("creating {}", folder.display()))?;
        let mut candles = dataset::CANDLE_COLUMNS.join(",") + "\n";
        for candle in self.candles.iter() {
            let prices = [
                candle.open,
                candle.high,
                candle.low,
                candle.close,
                candle.volume,
            ];
            let prices = prices.map(format_e8).join(",");
            candles.push_str(&format!("{},{prices}\n", candle.open_time_ms));
        }
        let mut funding = dataset::FUNDING_COLUMNS.join(",") + "\n";
        for rate in self.funding.iter() {
            funding.push_str(&format!("{},{}\n", rate.time_ms, format_e8(rate.rate)));
        }
        for (name, text) in [("btcusdt_1m.csv", candles), ("funding_rate.csv", funding)] {
            let path = folder.join(name);
            std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
        }
        Ok(())
    }

    /// The history as an exchange inside this process.
    #[must_use]
    pub fn file(&self) -> FileExchange {
        FileExchange::of(self.candles.to_vec(), self.funding.to_vec())
    }
}

/// First open time in milliseconds and number of candles that the windows closing in `[from, to]` need, and an hour
/// beyond, so that the replayed exchange always has a candle that is still open.
fn span(from: u64, to: u64) -> (i64, usize) {
    let first = from - from % 60 - CANDLES as u64 * 60;
    let minutes = (to + 3_600 - first) / 60;
    (millis(first), usize::try_from(minutes).unwrap_or(0))
}

fn millis(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(0).saturating_mul(1_000)
}
