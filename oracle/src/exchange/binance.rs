//! Binance's public market data: spot candles and the funding of the USD-M perpetual contract.
//!
//! Sources: `GET /api/v3/klines` and `/api/v3/time` (spot), `GET /fapi/v1/fundingRate` (USD-M futures).

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use serde::{Deserialize, de::DeserializeOwned, de::IgnoredAny};
use veriregime_features::{Candle, FundingRate, decimal::parse_e8};

use super::{Exchange, ExchangeError, Fetch, checked_candles, http::Http, pace::Pace};

const ID: &str = "binance";
/// Longer waits than this are the caller's decision, not a retry's.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
const CANDLES_PER_CALL: usize = 1_000;
/// Half of what Binance allows an address in a minute (6,000 spot, 2,400 futures): others may share the address.
const SPOT_BUDGET: u32 = 3_000;
const FUTURES_BUDGET: u32 = 1_200;
/// Six pauses outlast the minute that is counted.
const PAUSE: Duration = Duration::from_secs(10);

/// The REST client.
#[derive(Debug, Clone)]
pub struct Binance {
    http: Http,
    spot: Host,
    futures: Host,
    attempts: usize,
}

/// A host and the budget of calls to it.
#[derive(Debug, Clone)]
struct Host {
    url: String,
    pace: Pace,
}

impl Host {
    fn new(url: &str, budget: u32, pause: Duration) -> Self {
        Self {
            url: url.trim_end_matches('/').to_owned(),
            pace: Pace::new(budget, pause),
        }
    }
}

/// One row of `/api/v3/klines`: open time, OHLC, volume, close time and six columns we do not use.
type Kline = (
    i64,
    String,
    String,
    String,
    String,
    String,
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
    funding_rate: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Clock {
    server_time: i64,
}

impl Binance {
    /// The public host of spot data.
    pub const SPOT: &str = "https://api.binance.com";
    /// The public host of the USD-M futures.
    pub const FUTURES: &str = "https://fapi.binance.com";

    /// The public hosts, ten seconds a call, three attempts.
    pub fn new() -> Result<Self, ExchangeError> {
        Self::at(Self::SPOT, Self::FUTURES, Duration::from_secs(10), 3)
    }

    /// The public hosts with one short attempt: is the exchange in reach at all?
    pub fn probe() -> Result<Self, ExchangeError> {
        Ok(Self {
            attempts: 1,
            http: Http::new(ID, Duration::from_secs(4))?,
            ..Self::new()?
        })
    }

    /// Other hosts (a mirror, a recorder, a test), time limit and number of attempts.
    pub fn at(
        spot: &str,
        futures: &str,
        timeout: Duration,
        attempts: usize,
    ) -> Result<Self, ExchangeError> {
        Ok(Self {
            http: Http::new(ID, timeout)?,
            spot: Host::new(spot, SPOT_BUDGET, PAUSE),
            futures: Host::new(futures, FUTURES_BUDGET, PAUSE),
            attempts,
        })
    }

    /// Another budget of weight per minute, for both hosts, and the pause once it is spent.
    pub fn paced(mut self, budget: u32, pause: Duration) -> Self {
        for host in [&mut self.spot, &mut self.futures] {
            host.pace = Pace::new(budget, pause);
        }
        self
    }

    async fn get<T: DeserializeOwned>(
        &self,
        host: &Host,
        path: &str,
        symbol: &str,
    ) -> Result<T, ExchangeError> {
        (|| self.get_once(host, path, symbol))
            .retry(ExponentialBuilder::default().with_max_times(self.attempts.saturating_sub(1)))
            .when(ExchangeError::is_retryable)
            .adjust(|error, delay| match error.retry_after() {
                Some(asked) if asked > LONGEST_WAIT => None,
                Some(asked) => delay.map(|delay| delay.max(asked)),
                None => delay,
            })
            .notify(|error, delay| tracing::warn!(%error, ?delay, "exchange call repeated"))
            .await
    }

    async fn get_once<T: DeserializeOwned>(
        &self,
        host: &Host,
        path: &str,
        symbol: &str,
    ) -> Result<T, ExchangeError> {
        host.pace.wait().await;
        let answer = self.http.get(&format!("{}{path}", host.url)).await?;
        host.pace.saw(answer.used_weight);
        if let Ok(refusal) = serde_json::from_slice::<Refusal>(&answer.body) {
            return Err(self.refused(refusal, symbol));
        }
        if !answer.status.is_success() {
            return Err(self.http.bad(format!(
                "HTTP {} without an error object",
                answer.status.as_u16()
            )));
        }
        serde_json::from_slice(&answer.body).map_err(|error| {
            let start: String = String::from_utf8_lossy(&answer.body)
                .chars()
                .take(60)
                .collect();
            self.http.bad(format!(
                "not the promised JSON ({error}); it begins `{start}`"
            ))
        })
    }

    /// Binance's error codes, mapped as ccxt maps them.
    fn refused(&self, Refusal { code, msg }: Refusal, symbol: &str) -> ExchangeError {
        let exchange = ID;
        match code {
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
                seconds: LONGEST_WAIT.as_secs(),
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
        }
    }

    fn number(&self, words: &str) -> Result<i64, ExchangeError> {
        parse_e8(words).map_err(|error| self.http.bad(error.to_string()))
    }

    fn candle(&self, row: Kline) -> Result<Candle, ExchangeError> {
        let (open_time_ms, open, high, low, close, volume, ..) = row;
        Ok(Candle {
            open_time_ms,
            open: self.number(&open)?,
            high: self.number(&high)?,
            low: self.number(&low)?,
            close: self.number(&close)?,
            volume: self.number(&volume)?,
        })
    }
}

/// `BTC/USDT` and `BTC/USDT:USDT` to `BTCUSDT`; nothing else may reach a URL or a file's name.
///
/// # Errors
/// [`ExchangeError::BadSymbol`] for anything but up to 20 ASCII letters and digits.
pub fn market_id(symbol: &str) -> Result<String, ExchangeError> {
    let id = symbol
        .split(':')
        .next()
        .unwrap_or_default()
        .replace('/', "");
    let plain =
        !id.is_empty() && id.len() <= 20 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain.then_some(id).ok_or_else(|| ExchangeError::BadSymbol {
        exchange: ID,
        symbol: symbol.into(),
    })
}

impl Exchange for Binance {
    fn id(&self) -> &'static str {
        ID
    }

    fn fetch_time(&self) -> Fetch<'_, i64> {
        Box::pin(async {
            let clock: Clock = self.get(&self.spot, "/api/v3/time", "").await?;
            Ok(clock.server_time)
        })
    }

    fn fetch_ohlcv<'a>(
        &'a self,
        symbol: &'a str,
        timeframe: &'a str,
        since: Option<i64>,
        limit: Option<usize>,
    ) -> Fetch<'a, Vec<Candle>> {
        Box::pin(async move {
            if timeframe != "1m" {
                let reason = format!("timeframe {timeframe}: this client asks for 1m only");
                return Err(ExchangeError::NotSupported {
                    exchange: ID,
                    reason,
                });
            }
            let limit = limit.unwrap_or(CANDLES_PER_CALL).clamp(1, CANDLES_PER_CALL);
            let mut path = format!(
                "/api/v3/klines?symbol={}&interval=1m&limit={limit}",
                market_id(symbol)?
            );
            if let Some(since) = since {
                path.push_str(&format!("&startTime={since}"));
            }
            let now = self.fetch_time().await?;
            let rows: Vec<Kline> = self.get(&self.spot, &path, symbol).await?;
            let candles = rows
                .into_iter()
                .map(|row| self.candle(row))
                .collect::<Result<_, _>>()?;
            checked_candles(ID, candles, 60_000, now)
        })
    }

    fn fetch_funding_rate_history<'a>(
        &'a self,
        symbol: &'a str,
        since: Option<i64>,
        limit: Option<usize>,
    ) -> Fetch<'a, Vec<FundingRate>> {
        Box::pin(async move {
            let limit = limit.unwrap_or(1_000).clamp(1, 1_000);
            let mut path = format!(
                "/fapi/v1/fundingRate?symbol={}&limit={limit}",
                market_id(symbol)?
            );
            if let Some(since) = since {
                path.push_str(&format!("&startTime={since}"));
            }
            let rows: Vec<Funding> = self.get(&self.futures, &path, symbol).await?;
            let mut rates = rows
                .into_iter()
                .map(|row| {
                    Ok(FundingRate {
                        time_ms: row.funding_time,
                        rate: self.number(&row.funding_rate)?,
                    })
                })
                .collect::<Result<Vec<_>, ExchangeError>>()?;
            rates.sort_by_key(|rate| rate.time_ms);
            Ok(rates)
        })
    }

    fn candle_limit(&self) -> usize {
        CANDLES_PER_CALL
    }
}
