//! Invented candles for machines without market data: the feature crate's seeded random walk behind the exchange
//! interface.
//!
//! Nothing about a market or about a model's quality follows from them, and every output made from them carries the
//! source `synthetic`. The same seed gives the same candles everywhere, so independent attestors reach one digest.

use std::time::Duration;

use veriregime_features::synthetic;

use super::{Exchange, Fetch, FileExchange, Has, Listed};
use veriregime_features::{Candle, FundingRate};

/// 2025-01-01 00:00 UTC, the first candle.
const START_MS: i64 = 1_735_689_600_000;
/// Twenty days: enough for a demonstration to find every class of a model, generated in milliseconds.
const MINUTES: usize = 20 * 24 * 60;

/// The generated series behind the exchange interface.
#[derive(Debug, Clone)]
pub struct SyntheticExchange {
    series: FileExchange,
}

impl SyntheticExchange {
    /// Seed of the series every node generates when it has no data.
    pub const SEED: u64 = 0x5652_0001;

    /// Generates the series of a seed.
    pub fn new(seed: u64) -> Self {
        let candles = synthetic::candles(seed, START_MS, MINUTES);
        let end = candles.last().map_or(START_MS, |last| last.open_time_ms);
        Self {
            series: FileExchange::of(candles, synthetic::funding(seed, START_MS, end)),
        }
    }
}

impl Exchange for SyntheticExchange {
    fn id(&self) -> &'static str {
        "synthetic"
    }

    fn has(&self) -> Has {
        self.series.has()
    }

    fn rate_limit(&self) -> Duration {
        self.series.rate_limit()
    }

    fn fetch_market<'a>(&'a self, symbol: &'a str) -> Fetch<'a, Listed> {
        self.series.fetch_market(symbol)
    }

    fn fetch_time(&self) -> Fetch<'_, i64> {
        self.series.fetch_time()
    }

    fn fetch_closed<'a>(
        &'a self,
        symbol: &'a str,
        timeframe: &'a str,
        since: Option<i64>,
        limit: Option<usize>,
        now_ms: i64,
    ) -> Fetch<'a, Vec<Candle>> {
        self.series
            .fetch_closed(symbol, timeframe, since, limit, now_ms)
    }

    fn fetch_funding_rate_history<'a>(
        &'a self,
        symbol: &'a str,
        since: Option<i64>,
        limit: Option<usize>,
    ) -> Fetch<'a, Vec<FundingRate>> {
        self.series.fetch_funding_rate_history(symbol, since, limit)
    }

    fn candle_limit(&self) -> usize {
        self.series.candle_limit()
    }
}
