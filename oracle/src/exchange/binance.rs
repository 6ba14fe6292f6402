//! Binance's public market data: spot candles and the funding of the USD-M perpetual contract.
//!
//! Sources: `GET /api/v3/klines`, `/api/v3/time`, `/api/v3/exchangeInfo` (spot), `GET /fapi/v1/fundingRate` (USD-M futures).

use std::time::Duration;

use serde::{Deserialize, de::IgnoredAny};
use veriregime_features::{Candle, FundingRate};

use super::{
    Exchange, ExchangeError, Fetch, Has, Listed, Symbol,
    check::{Asked, asked_candles, checked_funding},
    number::Text,
    object::error_object,
    only_minutes,
    pace::Pace,
    rest::{Patience, Rest},
};

const ID: &str = "binance";
const CANDLES_PER_CALL: usize = 1_000;
const RATES_PER_CALL: usize = 1_000;
/// Half of what Binance allows an address in a minute (6,000 spot, 2,400 futures): others may share the address.
const SPOT_BUDGET: u32 = 3_000;
const FUTURES_BUDGET: u32 = 1_200;
/// Six pauses outlast the minute that is counted.
const PAUSE: Duration = Duration::from_secs(10);
/// Half of the spot limit in calls of weight one; a second's worth of them at once.
const INTERVAL: Duration = Duration::from_millis(20);
const AHEAD: u32 = 50;

/// The REST client.
#[derive(Debug, Clone)]
pub struct Binance {
    spot: Rest,
    futures: Rest,
}

/// One row of `/api/v3/klines`: open time, OHLC, volume, close time and five columns that are not used.
type Kline = (
    i64,
    Text,
    Text,
    Text,
    Text,
    Text,
    i64,
    IgnoredAny,
    IgnoredAny,
    IgnoredAny,
    IgnoredAny,
    IgnoredAny,
);

#[derive(Deserialize)]
struct Refusal {
    code: i64,
    #[serde(default)]
    msg: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Funding {
    funding_time: i64,
    funding_rate: Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Clock {
    server_time: i64,
}

#[derive(Deserialize)]
struct Markets {
    symbols: Vec<Market>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Market {
    symbol: String,
    status: String,
    base_asset: String,
    quote_asset: String,
}

impl Binance {
    /// The public host of spot data.
    pub const SPOT: &str = "https://api.binance.com";
    /// The public host of the USD-M futures.
    pub const FUTURES: &str = "https://fapi.binance.com";

    /// The public hosts, ten seconds a call, three attempts.
    pub fn new() -> Result<Self, ExchangeError> {
        Self::with(Self::SPOT, Self::FUTURES, Patience::default())
    }

    /// The public hosts with one short attempt: is the exchange in reach at all?
    pub fn probe() -> Result<Self, ExchangeError> {
        Self::at(Self::SPOT, Self::FUTURES, Duration::from_secs(4), 1)
    }

    /// Other hosts (a mirror, a recorder, a test), time limit and number of attempts.
    pub fn at(
        spot: &str,
        futures: &str,
        timeout: Duration,
        attempts: usize,
    ) -> Result<Self, ExchangeError> {
        Self::with(spot, futures, Patience { timeout, attempts })
    }

    /// Other hosts.
    pub fn with(spot: &str, futures: &str, patience: Patience) -> Result<Self, ExchangeError> {
        let host = |url: &str, budget| {
            let pace = Pace::every(INTERVAL, AHEAD).within(budget, PAUSE);
            Rest::new(ID, url, patience, pace)
        };
        Ok(Self {
            spot: host(spot, SPOT_BUDGET)?,
            futures: host(futures, FUTURES_BUDGET)?,
        })
    }

    /// Another budget of weight per minute, for both hosts, and the pause once it is spent.
    pub fn paced(mut self, budget: u32, pause: Duration) -> Self {
        for host in [&mut self.spot, &mut self.futures] {
            host.pace = Pace::every(INTERVAL, AHEAD).within(budget, pause);
        }
        self
    }
}

/// Binance's error codes, mapped as ccxt maps them.
fn refusal(body: &[u8], symbol: &str) -> Option<ExchangeError> {
    let Refusal { code, msg } = error_object(body)?;
    let exchange = ID;
    Some(match code {
        -1121 => ExchangeError::BadSymbol {
            exchange,
            symbol: symbol.into(),
        },
        -1003 | -1015 => ExchangeError::RateLimitExceeded {
            exchange,
            retry_after: None,
        },
        -1002 | -2015 => ExchangeError::PermissionDenied {
            exchange,
            reason: msg,
        },
        -1007 | -1006 => ExchangeError::RequestTimeout {
            exchange,
            seconds: 0,
        },
        -1001 | -1016 | -1000 => ExchangeError::ExchangeNotAvailable {
            exchange,
            status: 503,
            retry_after: None,
        },
        _ => ExchangeError::BadRequest {
            exchange,
            reason: format!("{msg} (code {code})"),
        },
    })
}

/// `BTC/USDT` and `BTC/USDT:USDT` to `BTCUSDT`; nothing else may reach a URL or a file's name.
///
/// # Errors
/// [`ExchangeError::BadSymbol`] for anything but a unified symbol.
pub fn market_id(symbol: &str) -> Result<String, ExchangeError> {
    let Symbol { base, quote, .. } = Symbol::parse(ID, symbol)?;
    Ok(format!("{base}{quote}"))
}

fn candle(row: Kline) -> Candle {
    let (open_time_ms, open, high, low, close, volume, ..) = row;
    Candle {
        open_time_ms,
        open: open.0,
        high: high.0,
        low: low.0,
        close: close.0,
        volume: volume.0,
    }
}

impl Exchange for Binance {
    fn id(&self) -> &'static str {
        ID
    }

    fn has(&self) -> Has {
        Has {
            fetch_time: true,
            fetch_ohlcv: true,
            fetch_funding_rate_history: true,
        }
    }

    fn rate_limit(&self) -> Duration {
        self.spot.pace.interval()
    }

    fn fetch_time(&self) -> Fetch<'_, i64> {
        Box::pin(async {
            let clock: Clock = self
                .spot
                .get_object("/api/v3/time", |body| refusal(body, ""))
                .await?;
            Ok(clock.server_time)
        })
    }

    fn fetch_market<'a>(&'a self, symbol: &'a str) -> Fetch<'a, Listed> {
        Box::pin(async move {
            Symbol::spot(ID, symbol)?;
            let path = format!("/api/v3/exchangeInfo?symbol={}", market_id(symbol)?);
            let markets: Markets = self
                .spot
                .get_object(&path, |body| refusal(body, symbol))
                .await?;
            match <[Market; 1]>::try_from(markets.symbols) {
                Ok([market]) => Ok(Listed {
                    symbol: format!("{}/{}", market.base_asset, market.quote_asset),
                    id: market.symbol,
                    active: market.status == "TRADING",
                    status: market.status,
                }),
                Err(others) => Err(self
                    .spot
                    .bad(format!("{} markets instead of the one", others.len()))),
            }
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
            Symbol::spot(ID, symbol)?;
            let limit = limit.unwrap_or(CANDLES_PER_CALL).clamp(1, CANDLES_PER_CALL);
            let mut path = format!(
                "/api/v3/klines?symbol={}&interval=1m&limit={limit}",
                market_id(symbol)?
            );
            if let Some(since) = since {
                path.push_str(&format!("&startTime={since}"));
            }
            let rows: Vec<Kline> = self.spot.get(&path, |body| refusal(body, symbol)).await?;
            let asked = Asked {
                since,
                earlier: false,
                limit,
                now_ms,
            };
            asked_candles(ID, rows.into_iter().map(candle).collect(), asked)
        })
    }

    fn fetch_funding_rate_history<'a>(
        &'a self,
        symbol: &'a str,
        since: Option<i64>,
        limit: Option<usize>,
    ) -> Fetch<'a, Vec<FundingRate>> {
        Box::pin(async move {
            let limit = limit.unwrap_or(RATES_PER_CALL).clamp(1, RATES_PER_CALL);
            let mut path = format!(
                "/fapi/v1/fundingRate?symbol={}&limit={limit}",
                market_id(symbol)?
            );
            if let Some(since) = since {
                path.push_str(&format!("&startTime={since}"));
            }
            let rows: Vec<Funding> = self
                .futures
                .get(&path, |body| refusal(body, symbol))
                .await?;
            let rate = |row: Funding| FundingRate {
                time_ms: row.funding_time,
                rate: row.funding_rate.0,
            };
            let mut rates: Vec<_> = rows.into_iter().map(rate).collect();
            rates.sort_by_key(|rate| rate.time_ms);
            checked_funding(ID, rates)
        })
    }

    fn candle_limit(&self) -> usize {
        CANDLES_PER_CALL
    }
}
