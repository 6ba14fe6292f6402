//! A data directory as an exchange: `btcusdt_1m.csv.zst` and `funding_rate.csv`, read once.

use std::{path::Path, sync::Arc, time::Duration};

use veriregime_features::{
    Candle, FundingRate,
    dataset::{self, DatasetError},
};

use super::{Exchange, ExchangeError, Fetch, Has, Listed};

const ID: &str = "file";

/// Candles and funding held in memory; its clock stands at the end of the last candle.
#[derive(Debug, Clone)]
pub struct FileExchange {
    candles: Arc<Vec<Candle>>,
    funding: Arc<Vec<FundingRate>>,
}

impl FileExchange {
    /// Reads a data directory: candles compressed or plain, and funding.
    pub fn open(directory: &Path) -> Result<Self, DatasetError> {
        let plain = directory.join("btcusdt_1m.csv");
        let candles = if plain.is_file() {
            plain
        } else {
            directory.join("btcusdt_1m.csv.zst")
        };
        let candles = dataset::read_candles(&candles)?.rows;
        let funding = dataset::read_funding(&directory.join("funding_rate.csv"))?.rows;
        Ok(Self::of(candles, funding))
    }

    /// Serves the given series (ascending).
    pub fn of(candles: Vec<Candle>, funding: Vec<FundingRate>) -> Self {
        Self {
            candles: Arc::new(candles),
            funding: Arc::new(funding),
        }
    }

    fn served(&self, symbol: &str, timeframe: &str) -> Result<(), ExchangeError> {
        if symbol.split(':').next() != Some("BTC/USDT") {
            return Err(ExchangeError::BadSymbol {
                exchange: ID,
                symbol: symbol.into(),
            });
        }
        if timeframe != "1m" {
            let reason = format!("timeframe {timeframe}: the file holds 1m candles");
            return Err(ExchangeError::NotSupported {
                exchange: ID,
                reason,
            });
        }
        Ok(())
    }
}

impl Exchange for FileExchange {
    fn id(&self) -> &'static str {
        ID
    }

    fn has(&self) -> Has {
        Has {
            fetch_time: false,
            fetch_ohlcv: true,
            fetch_funding_rate_history: true,
        }
    }

    fn rate_limit(&self) -> Duration {
        Duration::ZERO
    }

    fn fetch_market<'a>(&'a self, symbol: &'a str) -> Fetch<'a, Listed> {
        Box::pin(async move {
            self.served(symbol, "1m")?;
            Ok(Listed {
                id: symbol.into(),
                symbol: symbol.into(),
                active: true,
                status: "recorded".into(),
            })
        })
    }

    fn fetch_time(&self) -> Fetch<'_, i64> {
        Box::pin(async {
            let last = self
                .candles
                .last()
                .map(|candle| candle.open_time_ms + 60_000);
            last.ok_or_else(|| ExchangeError::NotSupported {
                exchange: ID,
                reason: "the candle file is empty".into(),
            })
        })
    }

    fn fetch_closed<'a>(
        &'a self,
        symbol: &'a str,
        timeframe: &'a str,
        since: Option<i64>,
        limit: Option<usize>,
        _: i64,
    ) -> Fetch<'a, Vec<Candle>> {
        Box::pin(async move {
            self.served(symbol, timeframe)?;
            let limit = limit.unwrap_or(1_000);
            let start = match since {
                Some(since) => self
                    .candles
                    .partition_point(|candle| candle.open_time_ms < since),
                None => self.candles.len().saturating_sub(limit),
            };
            Ok(self
                .candles
                .iter()
                .skip(start)
                .take(limit)
                .copied()
                .collect())
        })
    }

    fn fetch_funding_rate_history<'a>(
        &'a self,
        symbol: &'a str,
        since: Option<i64>,
        limit: Option<usize>,
    ) -> Fetch<'a, Vec<FundingRate>> {
        Box::pin(async move {
            self.served(symbol, "1m")?;
            let start = self
                .funding
                .partition_point(|rate| rate.time_ms < since.unwrap_or(i64::MIN));
            Ok(self
                .funding
                .iter()
                .skip(start)
                .take(limit.unwrap_or(1_000))
                .copied()
                .collect())
        })
    }

    fn candle_limit(&self) -> usize {
        usize::MAX
    }
}
