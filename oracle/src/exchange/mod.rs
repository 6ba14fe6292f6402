//! Market data in ccxt's shapes.
//!
//! ```text
//! Binance, Kraken, Coinbase, Okx (REST) ─┐            ┌ the first makes the window
//! FileExchange                          ─┼─ Exchange ─┤                             ─ CandleSource ─ window
//! SyntheticExchange                     ─┘            └ every other must agree with it
//! ```
//! Prices, volumes and rates are exact fixed-point integers with eight decimals; times are UNIX milliseconds. What each
//! exchange serves, its limits and what two of them must agree on: `docs/exchanges.md`.

mod agreement;
mod binance;
mod check;
mod clock;
mod coinbase;
mod error;
mod file;
mod http;
mod kraken;
mod number;
mod object;
mod okx;
mod pace;
mod rest;
mod settings;
mod source;
mod source_error;
mod symbol;
mod synthetic;

use std::{future::Future, pin::Pin, time::Duration};

pub use agreement::{Disagreement, Silence, Silent};
pub use binance::{Binance, market_id};
pub use check::checked_candles;
pub use clock::ClockSkew;
pub use coinbase::Coinbase;
pub use error::ExchangeError;
pub use file::FileExchange;
pub use kraken::Kraken;
pub use okx::Okx;
pub use rest::Patience;
pub use settings::{SettingsError, SourceName, SourceSettings, Urls, by_name};
pub use source::{CandleSource, SourceKind, SourcedWindow};
pub use source_error::SourceError;
pub use symbol::Symbol;
pub use synthetic::SyntheticExchange;
use veriregime_features::{Candle, FundingRate};

/// What every fetch returns; boxed so that an exchange can be chosen at run time.
pub type Fetch<'a, T> = Pin<Box<dyn Future<Output = Result<T, ExchangeError>> + Send + 'a>>;

/// What an exchange serves, by ccxt's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Has {
    /// A clock that runs: a recorded series has none, its [`Exchange::fetch_time`] is where the series ends.
    pub fetch_time: bool,
    /// Candles.
    pub fetch_ohlcv: bool,
    /// Settled funding rates of perpetual contracts.
    pub fetch_funding_rate_history: bool,
}

/// A market as the exchange lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The exchange's own name of it.
    pub id: String,
    /// Its unified symbol, from the exchange's names of both currencies.
    pub symbol: String,
    /// Whether it is traded now.
    pub active: bool,
    /// The exchange's word for its state.
    pub status: String,
}

/// An exchange, with ccxt's method names and argument order.
pub trait Exchange: Send + Sync {
    /// ccxt's identifier of the exchange, for example `binance`.
    fn id(&self) -> &'static str;

    /// What it serves.
    fn has(&self) -> Has;

    /// The least interval between two calls that it tolerates in the long run; the client keeps it.
    fn rate_limit(&self) -> Duration;

    /// The exchange's clock, in milliseconds. A candle whose end lies after it is not closed yet.
    fn fetch_time(&self) -> Fetch<'_, i64>;

    /// How the exchange lists a spot market.
    ///
    /// # Errors
    /// [`ExchangeError::BadSymbol`] if it does not.
    fn fetch_market<'a>(&'a self, symbol: &'a str) -> Fetch<'a, Listed>;

    /// The closed candles of [`Exchange::fetch_ohlcv`], by a reading of the clock that the caller already has. `now_ms` must
    /// have been read before the call: an answer may know a candle as open that has closed since.
    fn fetch_closed<'a>(
        &'a self,
        symbol: &'a str,
        timeframe: &'a str,
        since: Option<i64>,
        limit: Option<usize>,
        now_ms: i64,
    ) -> Fetch<'a, Vec<Candle>>;

    /// Funding rates of the perpetual contract (`BTC/USDT:USDT`) in ascending order, from `since` on.
    fn fetch_funding_rate_history<'a>(
        &'a self,
        symbol: &'a str,
        since: Option<i64>,
        limit: Option<usize>,
    ) -> Fetch<'a, Vec<FundingRate>>;

    /// The most candles one call of [`Exchange::fetch_ohlcv`] returns.
    fn candle_limit(&self) -> usize;

    /// Closed candles in ascending order, from `since` (inclusive, milliseconds) and at most `limit` of them;
    /// without `since`, the latest ones.
    fn fetch_ohlcv<'a>(
        &'a self,
        symbol: &'a str,
        timeframe: &'a str,
        since: Option<i64>,
        limit: Option<usize>,
    ) -> Fetch<'a, Vec<Candle>> {
        Box::pin(async move {
            let now_ms = self.fetch_time().await?;
            self.fetch_closed(symbol, timeframe, since, limit, now_ms)
                .await
        })
    }

    /// The exchange's listings of these unified symbols.
    ///
    /// # Errors
    /// [`ExchangeError::BadSymbol`] for one that it does not list, or lists as another market;
    /// [`ExchangeError::MarketClosed`] for one that it does not trade now.
    fn load_markets<'a>(&'a self, symbols: &'a [&'a str]) -> Fetch<'a, Vec<Listed>> {
        Box::pin(async move {
            let mut markets = Vec::with_capacity(symbols.len());
            for symbol in symbols {
                let listed = self.fetch_market(symbol).await?;
                if listed.symbol != *symbol {
                    return Err(ExchangeError::BadSymbol {
                        exchange: self.id(),
                        symbol: (*symbol).to_owned(),
                    });
                }
                if !listed.active {
                    return Err(ExchangeError::MarketClosed {
                        exchange: self.id(),
                        symbol: listed.symbol,
                        status: listed.status,
                    });
                }
                markets.push(listed);
            }
            Ok(markets)
        })
    }
}

/// Refuses every timeframe but one minute.
fn only_minutes(exchange: &'static str, timeframe: &str) -> Result<(), ExchangeError> {
    if timeframe == "1m" {
        return Ok(());
    }
    let reason = format!("timeframe {timeframe}: candles are fetched by the minute (1m) only");
    Err(ExchangeError::NotSupported { exchange, reason })
}
