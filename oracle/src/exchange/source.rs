//! Which exchange answers, and the windows made of its candles.

use std::{fmt, path::Path, sync::Arc};

use alloy::primitives::B256;
use serde::{Deserialize, Serialize};
use veriregime_features::{
    CANDLES, Candle, FeatureError, FeatureScale, FundingRate, Window, WindowData, dataset,
};

use super::{Binance, Exchange, ExchangeError, FileExchange, SyntheticExchange};
use crate::market::Market;

/// Where candles come from; printed with every result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// Recorded candles from a data directory.
    File,
    /// The exchange's public API.
    Exchange,
    /// Invented, seeded candles: nothing about a market follows from them.
    Synthetic,
}

impl fmt::Display for SourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "file",
            Self::Exchange => "exchange",
            Self::Synthetic => "synthetic",
        })
    }
}

/// No window could be made.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The data directory cannot be read.
    #[error(transparent)]
    Dataset(#[from] dataset::DatasetError),
    /// The exchange failed.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// The candles do not make a window.
    #[error("window closing at {close_time}: {error}")]
    Feature {
        /// Close time asked for, UNIX seconds.
        close_time: u64,
        /// What the feature layer objected to.
        error: FeatureError,
    },
    /// The close time is not the end of a candle.
    #[error("close time {close_time} is not on the grid of {step} s: the last whole candle before it closes at {}", close_time - close_time % step)]
    OffGrid {
        /// Close time asked for.
        close_time: u64,
        /// Candle length in seconds.
        step: u64,
    },
    /// The window's last candle is still open by the source's clock.
    #[error(
        "close time {close_time} lies after the source's clock ({now}): wait for the candle to close"
    )]
    NotClosed {
        /// Close time asked for.
        close_time: u64,
        /// The source's clock, UNIX seconds.
        now: u64,
    },
    /// The source lacks candles of the window.
    #[error(
        "{kind} source has {got} of the {want} candles that the window closing at {close_time} needs: choose a later close time or a source with more history"
    )]
    Missing {
        /// The source.
        kind: SourceKind,
        /// Close time asked for.
        close_time: u64,
        /// Candles found.
        got: usize,
        /// Candles needed.
        want: usize,
    },
}

/// A window and the digest of the candles and funding rates that it was computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcedWindow {
    /// The window.
    pub window: Window,
    /// Its [`WindowData::digest`].
    pub candles: B256,
}

/// The chosen exchange and market.
#[derive(Clone)]
pub struct CandleSource {
    kind: SourceKind,
    exchange: Arc<dyn Exchange>,
    market: Market,
}

impl CandleSource {
    /// Picks the source: a data directory if one is given, else the exchange if it answers, else synthetic candles.
    ///
    /// # Errors
    /// Only for a data directory that was given and cannot be read; an exchange out of reach is not an error.
    pub async fn choose(data: Option<&Path>, market: Market) -> Result<Self, SourceError> {
        if let Some(directory) = data {
            return Self::file(directory, market);
        }
        let reach = async {
            let exchange = Binance::probe()?;
            exchange.fetch_time().await?;
            Binance::new()
        };
        match reach.await {
            Ok(exchange) => Ok(Self::of(SourceKind::Exchange, Arc::new(exchange), market)),
            Err(error) => {
                tracing::warn!(%error, "no --data and no exchange in reach: candles are SYNTHETIC");
                Ok(Self::synthetic(market))
            }
        }
    }

    /// A data directory.
    pub fn file(directory: &Path, market: Market) -> Result<Self, SourceError> {
        let exchange = FileExchange::open(directory)?;
        Ok(Self::of(SourceKind::File, Arc::new(exchange), market))
    }

    /// The exchange's public API.
    pub fn exchange(market: Market) -> Result<Self, SourceError> {
        Ok(Self::of(
            SourceKind::Exchange,
            Arc::new(Binance::new()?),
            market,
        ))
    }

    /// Seeded invented candles.
    pub fn synthetic(market: Market) -> Self {
        Self::of(
            SourceKind::Synthetic,
            Arc::new(SyntheticExchange::new(SyntheticExchange::SEED)),
            market,
        )
    }

    /// Any exchange under any label.
    pub fn of(kind: SourceKind, exchange: Arc<dyn Exchange>, market: Market) -> Self {
        Self {
            kind,
            exchange,
            market,
        }
    }

    /// The label printed with every result.
    pub fn kind(&self) -> SourceKind {
        self.kind
    }

    /// What is traded.
    pub fn market(&self) -> &Market {
        &self.market
    }

    /// The source's clock, UNIX milliseconds.
    pub async fn now_ms(&self) -> Result<u64, SourceError> {
        let now = self.exchange.fetch_time().await?;
        Ok(u64::try_from(now).unwrap_or(0))
    }

    /// The close time of the latest closed candle.
    pub async fn latest_close(&self) -> Result<u64, SourceError> {
        let now = self.now().await?;
        Ok(now - now % self.step())
    }

    /// The candles that close in `(from, to]`, ascending; gaps are left for the feature layer to refuse.
    pub async fn candles(&self, from: u64, to: u64) -> Result<Vec<Candle>, SourceError> {
        let (mut since, end) = (millis(from), millis(to));
        let mut candles: Vec<Candle> = Vec::new();
        while since < end {
            let left = usize::try_from((end - since) / self.market.step_ms()).unwrap_or(usize::MAX);
            let limit = left.min(self.exchange.candle_limit());
            let page = self
                .exchange
                .fetch_ohlcv(
                    &self.market.symbol,
                    self.market.timeframe_name(),
                    Some(since),
                    Some(limit),
                )
                .await?;
            let Some(last) = page.last() else { break };
            since = last.open_time_ms + self.market.step_ms();
            candles.extend(page.into_iter().filter(|candle| candle.open_time_ms < end));
        }
        Ok(candles)
    }

    /// The funding rates known in `(from, to]`, with two days before `from` so that one is always in force.
    pub async fn funding(&self, from: u64, to: u64) -> Result<Vec<FundingRate>, SourceError> {
        let since = millis(from.saturating_sub(2 * 86_400));
        let swap = self.market.perpetual();
        let limit = usize::try_from((to - from) / 3_600 + 48).unwrap_or(1_000);
        let mut rates = self
            .exchange
            .fetch_funding_rate_history(&swap, Some(since), Some(limit))
            .await?;
        rates.retain(|rate| rate.time_ms <= millis(to));
        Ok(rates)
    }

    /// The window that closes at `close_time`, from candles fetched now.
    pub async fn window(
        &self,
        close_time: u64,
        scale: &FeatureScale,
    ) -> Result<Window, SourceError> {
        Ok(self.sourced_window(close_time, scale).await?.window)
    }

    /// The same window with the digest of its candles and funding rates.
    pub async fn sourced_window(
        &self,
        close_time: u64,
        scale: &FeatureScale,
    ) -> Result<SourcedWindow, SourceError> {
        let step = self.step();
        if !close_time.is_multiple_of(step) {
            return Err(SourceError::OffGrid { close_time, step });
        }
        let now = self.now().await?;
        if close_time > now {
            return Err(SourceError::NotClosed { close_time, now });
        }
        let from = close_time.saturating_sub(CANDLES as u64 * step);
        let candles = self.candles(from, close_time).await?;
        if candles.len() != CANDLES {
            let (kind, got, want) = (self.kind, candles.len(), CANDLES);
            return Err(SourceError::Missing {
                kind,
                close_time,
                got,
                want,
            });
        }
        let funding = self.funding(from, close_time).await?;
        let refuse = |error| SourceError::Feature { close_time, error };
        let window = Window::compute(&candles, &funding, scale).map_err(refuse)?;
        let data = WindowData::select(&candles, &funding).map_err(refuse)?;
        Ok(SourcedWindow {
            window,
            candles: data.digest().into(),
        })
    }

    async fn now(&self) -> Result<u64, SourceError> {
        Ok(self.now_ms().await? / 1_000)
    }

    fn step(&self) -> u64 {
        u64::from(self.market.timeframe)
    }
}

fn millis(seconds: u64) -> i64 {
    i64::try_from(seconds)
        .unwrap_or(i64::MAX / 1_000)
        .saturating_mul(1_000)
}
