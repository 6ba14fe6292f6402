//! Market data in ccxt's shapes.
//!
//! ```text
//! Binance (REST) ─┐
//! FileExchange   ─┼─ Exchange::{fetch_ohlcv, fetch_funding_rate_history, fetch_time} ─ CandleSource ─ window
//! Synthetic      ─┘
//! ```
//! Prices, volumes and rates are exact fixed-point integers with eight decimals; times are UNIX milliseconds.

mod binance;
mod check;
mod error;
mod file;
mod http;
mod pace;
mod settings;
mod source;
mod synthetic;

use std::{future::Future, pin::Pin};

pub use binance::{Binance, market_id};
pub use check::checked_candles;
pub use error::ExchangeError;
pub use file::FileExchange;
pub use settings::SourceSettings;
pub use source::{CandleSource, SourceError, SourceKind, SourcedWindow};
pub use synthetic::SyntheticExchange;
use veriregime_features::{Candle, FundingRate};

/// What every fetch returns; boxed so that an exchange can be chosen at run time.
pub type Fetch<'a, T> = Pin<Box<dyn Future<Output = Result<T, ExchangeError>> + Send + 'a>>;

/// An exchange, with ccxt's method names and argument order.
pub trait Exchange: Send + Sync {
    /// ccxt's identifier of the exchange, for example `binance`.
    fn id(&self) -> &'static str;

    /// The exchange's clock, in milliseconds. A candle whose end lies after it is not closed yet.
    fn fetch_time(&self) -> Fetch<'_, i64>;

    /// Closed candles in ascending order, from `since` (inclusive, milliseconds) and at most `limit` of them;
    /// without `since`, the latest ones.
    fn fetch_ohlcv<'a>(
        &'a self,
        symbol: &'a str,
        timeframe: &'a str,
        since: Option<i64>,
        limit: Option<usize>,
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
}
