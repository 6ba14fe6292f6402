//! Which exchanges answer, and the windows made of their candles.
//!
//! ```text
//! first:  clock ─┬─ 300 candles ─┐
//!                └─ funding ─────┼─ complete? ─ confirmed? ─ window, digest
//! others: clock ─── 300 candles ─┘                  (all at the same time)
//! ```

use std::{
    fmt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use alloy::primitives::B256;
use futures_util::future::{join_all, try_join};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use veriregime_features::{CANDLES, Candle, FeatureScale, FundingRate, Window, WindowData};

use super::{
    Binance, Exchange, ExchangeError, FileExchange, SettingsError, SourceError, SyntheticExchange,
    agreement::{self, Told},
    clock::Reading,
};
use crate::market::Market;

/// Pause between two attempts at a window that is not published yet.
const AGAIN: Duration = Duration::from_millis(250);

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

/// A window and the digest of the candles and funding rates that it was computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcedWindow {
    /// The window.
    pub window: Window,
    /// Its [`WindowData::digest`].
    pub candles: B256,
}

/// The chosen exchanges and market.
#[derive(Clone)]
pub struct CandleSource {
    kind: SourceKind,
    exchange: Arc<dyn Exchange>,
    /// Exchanges that must agree with the first.
    checks: Vec<Arc<dyn Exchange>>,
    /// Where funding rates come from: the first of all that has them.
    funding: Arc<dyn Exchange>,
    max_difference_bps: u32,
    market: Market,
    /// Whether this machine's clock was far from the exchange's at the last window: said once.
    skewed: Arc<AtomicBool>,
}

/// Candles that close in `(from, to]`, UNIX seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) from: u64,
    pub(super) to: u64,
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

    /// Any exchange under any label, unchecked by another.
    pub fn of(kind: SourceKind, exchange: Arc<dyn Exchange>, market: Market) -> Self {
        Self {
            kind,
            funding: exchange.clone(),
            exchange,
            checks: Vec::new(),
            max_difference_bps: 0,
            market,
            skewed: Arc::default(),
        }
    }

    /// The same, with other exchanges that must agree on every close within a bound. Funding rates come from the first of
    /// all that has them.
    ///
    /// # Errors
    /// [`SettingsError::NoFunding`] if none has.
    pub fn checked_by(
        mut self,
        checks: Vec<Arc<dyn Exchange>>,
        max_difference_bps: u32,
    ) -> Result<Self, SettingsError> {
        self.checks = checks;
        self.max_difference_bps = max_difference_bps;
        let serves = |exchange: &&Arc<dyn Exchange>| exchange.has().fetch_funding_rate_history;
        let funding = self.all().find(serves).cloned();
        self.funding = funding.ok_or_else(|| SettingsError::NoFunding {
            sources: self.exchanges(),
        })?;
        Ok(self)
    }

    /// The label printed with every result.
    pub fn kind(&self) -> SourceKind {
        self.kind
    }

    /// What is traded.
    pub fn market(&self) -> &Market {
        &self.market
    }

    /// Ids of the exchanges, the one that makes the window first.
    pub fn exchanges(&self) -> Vec<&'static str> {
        self.all().map(|exchange| exchange.id()).collect()
    }

    /// Asks every exchange whether it lists the market; one that cannot be asked now is only warned about.
    ///
    /// # Errors
    /// [`SourceError::Exchange`] for an exchange that does not list the market, does not trade it or does not serve this
    /// place: it would never make or confirm a window.
    pub async fn require_market(&self) -> Result<(), SourceError> {
        let symbols = [self.market.symbol.as_str()];
        let asked = self.all().map(|exchange| exchange.load_markets(&symbols));
        for answer in join_all(asked).await {
            match answer {
                Err(error) if error.is_retryable() => {
                    tracing::warn!(code = "candles.market-unknown", %error, "market not checked");
                }
                answer => drop(answer?),
            }
        }
        Ok(())
    }

    /// The first exchange's clock, UNIX milliseconds.
    pub async fn now_ms(&self) -> Result<u64, SourceError> {
        let now = self.exchange.fetch_time().await?;
        Ok(u64::try_from(now).unwrap_or(0))
    }

    /// The close time of the latest closed candle.
    pub async fn latest_close(&self) -> Result<u64, SourceError> {
        let now = self.now_ms().await? / 1_000;
        Ok(now - now % self.step())
    }

    /// The first exchange's candles that close in `(from, to]`, ascending; gaps are left for the feature layer to refuse, and
    /// no other exchange is asked.
    pub async fn candles(&self, from: u64, to: u64) -> Result<Vec<Candle>, SourceError> {
        let now_ms = self.exchange.fetch_time().await?;
        let span = Span { from, to };
        Ok(fetch_span(&*self.exchange, &self.market, span, now_ms).await?)
    }

    /// The funding rates known in `(from, to]`, with two days before `from` so that one is always in force.
    pub async fn funding(&self, from: u64, to: u64) -> Result<Vec<FundingRate>, SourceError> {
        let since = millis(from.saturating_sub(2 * 86_400));
        let swap = self.market.perpetual();
        let limit = usize::try_from(to.saturating_sub(from) / 3_600 + 48).unwrap_or(1_000);
        let mut rates = self
            .funding
            .fetch_funding_rate_history(&swap, Some(since), Some(limit))
            .await?;
        rates.retain(|rate| rate.time_ms <= millis(to));
        Ok(rates)
    }

    /// The window that closes at `close_time`, from candles fetched now.
    ///
    /// # Errors
    /// See [`Self::sourced_window`].
    pub async fn window(
        &self,
        close_time: u64,
        scale: &FeatureScale,
    ) -> Result<Window, SourceError> {
        Ok(self.sourced_window(close_time, scale).await?.window)
    }

    /// The same, asked for again while it is not published yet or a host fails, for as long as `patience`.
    ///
    /// # Errors
    /// The last attempt's; at once for an error that no repetition helps, and for a candle that closes later than that.
    pub async fn window_within(
        &self,
        close_time: u64,
        scale: &FeatureScale,
        patience: Duration,
    ) -> Result<Window, SourceError> {
        let end = Instant::now() + patience;
        loop {
            let error = match self.window(close_time, scale).await {
                Ok(window) => return Ok(window),
                Err(error) => error,
            };
            // The clock was cut to whole seconds.
            let pause = match &error {
                SourceError::NotClosed { close_time, now } => {
                    let seconds = close_time.saturating_sub(*now).saturating_sub(1);
                    AGAIN.saturating_add(Duration::from_secs(seconds))
                }
                _ => AGAIN,
            };
            let left = end.saturating_duration_since(Instant::now());
            if !error.is_retryable() || pause > left {
                return Err(error);
            }
            tracing::debug!(close_time, %error, "window asked for again");
            tokio::time::sleep(pause).await;
        }
    }

    /// The same window with the digest of its candles and funding rates.
    ///
    /// # Errors
    /// [`SourceError`]; [`SourceError::is_retryable`] tells whether asking again shortly may help. With other exchanges
    /// configured, a window that none of them confirms, or that one of them contradicts, is an error.
    pub async fn sourced_window(
        &self,
        close_time: u64,
        scale: &FeatureScale,
    ) -> Result<SourcedWindow, SourceError> {
        let step = self.step();
        if !close_time.is_multiple_of(step) {
            return Err(SourceError::OffGrid { close_time, step });
        }
        let span = Span {
            from: close_time.saturating_sub(CANDLES as u64 * step),
            to: close_time,
        };
        let checks = self
            .checks
            .iter()
            .map(|exchange| agreement::ask(exchange.clone(), &self.market, span));
        let checks = async { Ok::<_, SourceError>(join_all(checks).await) };
        let ((reading, candles, funding), told) = try_join(self.first(span), checks).await?;
        self.confirm(close_time, &reading, &candles, told)?;
        let refuse = |error| SourceError::Feature { close_time, error };
        let window = Window::compute(&candles, &funding, scale).map_err(refuse)?;
        let data = WindowData::select(&candles, &funding).map_err(refuse)?;
        Ok(SourcedWindow {
            window,
            candles: data.digest().into(),
        })
    }

    /// The first exchange's clock, the window's candles, complete, and funding rates.
    async fn first(
        &self,
        span: Span,
    ) -> Result<(Reading, Vec<Candle>, Vec<FundingRate>), SourceError> {
        let reading = Reading::take(&*self.exchange).await?;
        let (close_time, now) = (span.to, reading.seconds());
        if close_time > now {
            return Err(SourceError::NotClosed { close_time, now });
        }
        let candles = async {
            let candles = fetch_span(&*self.exchange, &self.market, span, reading.now_ms).await?;
            self.require_complete(span, &candles)?;
            Ok::<_, SourceError>(candles)
        };
        let (candles, funding) = try_join(candles, self.funding(span.from, span.to)).await?;
        Ok((reading, candles, funding))
    }

    /// Exactly the minutes of the span, one after the other.
    fn require_complete(&self, span: Span, candles: &[Candle]) -> Result<(), SourceError> {
        let (close_time, got, want) = (span.to, candles.len(), CANDLES);
        let newest = candles.last().map(Candle::close_time);
        let mut expected = millis(span.from);
        let mut complete = got == want;
        for candle in candles {
            complete &= candle.open_time_ms == expected;
            expected = expected.saturating_add(self.market.step_ms());
        }
        if complete {
            return Ok(());
        }
        // A recorded series ends where it ends; an exchange that lacks only the newest is about to publish it.
        if self.exchange.has().fetch_time && newest.is_some_and(|newest| newest < close_time) {
            return Err(SourceError::Late {
                exchange: self.exchange.id(),
                close_time,
                newest,
            });
        }
        let kind = self.kind;
        Err(SourceError::Missing {
            kind,
            close_time,
            got,
            want,
        })
    }

    /// Whether the others say the same, and whether the clock can be trusted.
    fn confirm(
        &self,
        close_time: u64,
        reading: &Reading,
        candles: &[Candle],
        told: Vec<Told>,
    ) -> Result<(), SourceError> {
        let (mut confirmed, mut silent) = (0, Vec::new());
        for told in told {
            match agreement::judge((reading, candles), told, self.max_difference_bps) {
                Ok(compared) => {
                    compared.map_err(SourceError::Disagreement)?;
                    confirmed += 1;
                }
                Err(one) => silent.push(one),
            }
        }
        if confirmed == 0 && !silent.is_empty() {
            return Err(SourceError::Unchecked { close_time, silent });
        }
        for one in silent {
            let exchange = one.exchange;
            tracing::warn!(code = "candles.check-silent", exchange, close_time, reason = %one, "an exchange did not confirm the window");
        }
        self.compare_with_machine(reading, confirmed)
    }

    /// A clock that no other exchange confirms must not run ahead of this machine's: its open candle would pass as closed.
    fn compare_with_machine(&self, reading: &Reading, confirmed: usize) -> Result<(), SourceError> {
        let Err(skew) = reading.against_machine() else {
            self.skewed.store(false, Ordering::Relaxed);
            return Ok(());
        };
        if skew.skew_ms > 0 && confirmed == 0 {
            return Err(skew.into());
        }
        if !self.skewed.swap(true, Ordering::Relaxed) {
            tracing::warn!(code = "clock.skew", error = %skew, "clocks are apart");
        }
        Ok(())
    }

    fn all(&self) -> impl Iterator<Item = &Arc<dyn Exchange>> {
        std::iter::once(&self.exchange).chain(&self.checks)
    }

    fn step(&self) -> u64 {
        u64::from(self.market.timeframe)
    }
}

/// An exchange's closed candles of a span, ascending, in as few calls as it allows; the clock is not asked again.
pub(super) async fn fetch_span(
    exchange: &dyn Exchange,
    market: &Market,
    span: Span,
    now_ms: i64,
) -> Result<Vec<Candle>, ExchangeError> {
    let (mut since, end) = (millis(span.from), millis(span.to));
    let mut candles: Vec<Candle> = Vec::new();
    while since < end {
        let left = usize::try_from((end - since) / market.step_ms()).unwrap_or(usize::MAX);
        let limit = left.min(exchange.candle_limit());
        let (symbol, timeframe) = (&market.symbol, market.timeframe_name());
        let page = exchange
            .fetch_closed(symbol, timeframe, Some(since), Some(limit), now_ms)
            .await?;
        let Some(last) = page.last() else { break };
        since = last.open_time_ms.saturating_add(market.step_ms());
        candles.extend(page.into_iter().filter(|candle| candle.open_time_ms < end));
    }
    Ok(candles)
}

fn millis(seconds: u64) -> i64 {
    i64::try_from(seconds)
        .unwrap_or(i64::MAX / 1_000)
        .saturating_mul(1_000)
}
