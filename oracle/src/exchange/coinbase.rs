//! Coinbase Exchange's public spot candles.
//!
//! Sources: `GET /products/{id}/candles`, `/time`, `/products/{id}`. Rows are `[time, low, high, open, close, volume]`, JSON
//! numbers, newest first; a minute without trades has no row. Errors are `{"message": "..."}`.

use std::time::Duration;

use serde::Deserialize;
use veriregime_features::{Candle, FundingRate};

use super::{
    Exchange, ExchangeError, Fetch, Has, Listed, Symbol,
    check::{Asked, asked_candles},
    number::Number,
    object::error_object,
    only_minutes,
    pace::Pace,
    rest::{Patience, Rest},
};
use crate::utc;

const ID: &str = "coinbase";
/// A longer span is refused by the exchange.
const CANDLES_PER_CALL: usize = 300;
/// Ten public calls a second and address.
const INTERVAL: Duration = Duration::from_millis(100);
const AHEAD: u32 = 5;

/// The REST client.
#[derive(Debug, Clone)]
pub struct Coinbase {
    rest: Rest,
}

#[derive(Deserialize)]
struct Refusal {
    message: String,
}

/// Seconds with a fraction.
#[derive(Deserialize)]
struct Clock {
    epoch: Number,
}

#[derive(Deserialize)]
struct Product {
    id: String,
    base_currency: String,
    quote_currency: String,
    status: String,
    #[serde(default)]
    trading_disabled: bool,
}

/// Time in seconds, low, high, open, close, volume.
type Row = (i64, Number, Number, Number, Number, Number);

impl Coinbase {
    /// The public host.
    pub const URL: &str = "https://api.exchange.coinbase.com";

    /// The client of a host.
    pub fn with(url: &str, patience: Patience) -> Result<Self, ExchangeError> {
        let pace = Pace::every(INTERVAL, AHEAD);
        Ok(Self {
            rest: Rest::new(ID, url, patience, pace)?,
        })
    }

    fn candle(&self, row: Row) -> Result<Candle, ExchangeError> {
        let (seconds, low, high, open, close, volume) = row;
        let open_time_ms = seconds
            .checked_mul(1_000)
            .ok_or_else(|| self.rest.bad(format!("{seconds} is no time in seconds")))?;
        Ok(Candle {
            open_time_ms,
            open: open.0,
            high: high.0,
            low: low.0,
            close: close.0,
            volume: volume.0,
        })
    }
}

/// `BTC/USDT` to `BTC-USDT`.
fn product(symbol: &str) -> Result<String, ExchangeError> {
    let Symbol { base, quote, .. } = Symbol::spot(ID, symbol)?;
    Ok(format!("{base}-{quote}"))
}

/// A time as the exchange's own examples write it.
fn iso(ms: i64) -> String {
    utc::rfc3339(u64::try_from(ms.div_euclid(1_000)).unwrap_or(0))
}

/// Coinbase's error words, mapped as ccxt maps them. What ccxt calls an unknown order is an unknown product here: nothing
/// else is asked for by name.
fn refusal(body: &[u8], symbol: &str) -> Option<ExchangeError> {
    let Refusal { message } = error_object(body)?;
    let words = message.to_ascii_lowercase();
    let exchange = ID;
    let any = |known: &[&str]| known.iter().any(|known| words.contains(known));
    Some(if any(&["notfound", "not found", "invalid product"]) {
        ExchangeError::BadSymbol {
            exchange,
            symbol: symbol.into(),
        }
    } else if any(&["rate limit exceeded"]) {
        ExchangeError::RateLimitExceeded {
            exchange,
            retry_after: None,
        }
    } else if any(&["under maintenance", "cancel only mode"]) {
        ExchangeError::OnMaintenance { exchange }
    } else if any(&["internal server error", "service unavailable"]) {
        ExchangeError::ExchangeNotAvailable {
            exchange,
            status: 503,
            retry_after: None,
        }
    } else if any(&["trading pair not available", "forbidden"]) {
        ExchangeError::PermissionDenied {
            exchange,
            reason: message,
        }
    } else {
        ExchangeError::BadRequest {
            exchange,
            reason: message,
        }
    })
}

impl Exchange for Coinbase {
    fn id(&self) -> &'static str {
        ID
    }

    fn has(&self) -> Has {
        Has {
            fetch_time: true,
            fetch_ohlcv: true,
            fetch_funding_rate_history: false,
        }
    }

    fn rate_limit(&self) -> Duration {
        self.rest.pace.interval()
    }

    fn fetch_time(&self) -> Fetch<'_, i64> {
        Box::pin(async {
            let clock: Clock = self
                .rest
                .get_object("/time", |body| refusal(body, ""))
                .await?;
            // Eight decimals to three.
            Ok(clock.epoch.0.div_euclid(100_000))
        })
    }

    fn fetch_market<'a>(&'a self, symbol: &'a str) -> Fetch<'a, Listed> {
        Box::pin(async move {
            let path = format!("/products/{}", product(symbol)?);
            let product: Product = self
                .rest
                .get_object(&path, |body| refusal(body, symbol))
                .await?;
            Ok(Listed {
                symbol: format!("{}/{}", product.base_currency, product.quote_currency),
                id: product.id,
                active: product.status == "online" && !product.trading_disabled,
                status: if product.trading_disabled {
                    format!("{}, trading disabled", product.status)
                } else {
                    product.status
                },
            })
        })
    }

    fn fetch_closed<'a>(
        &'a self,
        symbol: &'a str,
        timeframe: &'a str,
        since: Option<i64>,
        limit: Option<usize>,
        now_ms: i64,
    ) -> Fetch<'a, Vec<Candle>> {
        Box::pin(async move {
            only_minutes(ID, timeframe)?;
            let limit = limit.unwrap_or(CANDLES_PER_CALL).clamp(1, CANDLES_PER_CALL);
            let mut path = format!("/products/{}/candles?granularity=60", product(symbol)?);
            if let Some(since) = since {
                // Both ends are included.
                let minutes = i64::try_from(limit - 1).unwrap_or(0);
                let end = since.saturating_add(minutes * 60_000);
                path.push_str(&format!("&start={}&end={}", iso(since), iso(end)));
            }
            let rows: Vec<Row> = self.rest.get(&path, |body| refusal(body, symbol)).await?;
            let candles = rows
                .into_iter()
                .rev()
                .map(|row| self.candle(row))
                .collect::<Result<_, _>>()?;
            let asked = Asked {
                since,
                earlier: true,
                limit,
                now_ms,
            };
            asked_candles(ID, candles, asked)
        })
    }

    fn fetch_funding_rate_history<'a>(
        &'a self,
        symbol: &'a str,
        _: Option<i64>,
        _: Option<usize>,
    ) -> Fetch<'a, Vec<FundingRate>> {
        Box::pin(async move {
            let reason =
                format!("funding rates of {symbol}: Coinbase Exchange has no such contract");
            Err(ExchangeError::NotSupported {
                exchange: ID,
                reason,
            })
        })
    }

    fn candle_limit(&self) -> usize {
        CANDLES_PER_CALL
    }
}
