//! OKX's public market data: spot candles and the funding of the USDT-settled perpetual contract.
//!
//! Sources: `GET /api/v5/market/candles`, `/api/v5/public/time`, `/api/v5/public/instruments`,
//! `/api/v5/public/funding-rate-history`. Every answer is `{"code": "0", "msg": "", "data": [...]}` with rows newest first;
//! another code is an error, also with HTTP 200. Only the latest 1,440 minutes are served.

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

const ID: &str = "okx";
const CANDLES_PER_CALL: usize = 300;
const RATES_PER_CALL: usize = 100;
/// Ten calls a second and address for the slowest of the four paths.
const INTERVAL: Duration = Duration::from_millis(100);
const AHEAD: u32 = 5;

/// The REST client.
#[derive(Debug, Clone)]
pub struct Okx {
    rest: Rest,
}

#[derive(Deserialize)]
struct Answer<T> {
    data: Vec<T>,
}

#[derive(Deserialize)]
struct Refusal {
    code: String,
    #[serde(default)]
    msg: String,
}

#[derive(Deserialize)]
struct Clock {
    ts: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Instrument {
    inst_id: String,
    base_ccy: String,
    quote_ccy: String,
    state: String,
}

/// ccxt, too, takes the rate that was settled, not the one announced before.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Funding {
    funding_time: String,
    realized_rate: Text,
}

/// Time in milliseconds, OHLC, volume, two columns that are not used, and `1` once the candle will not change any more.
type Row = (
    String,
    Text,
    Text,
    Text,
    Text,
    Text,
    IgnoredAny,
    IgnoredAny,
    String,
);

impl Okx {
    /// The public host.
    pub const URL: &str = "https://www.okx.com";

    /// The client of a host.
    pub fn with(url: &str, patience: Patience) -> Result<Self, ExchangeError> {
        let pace = Pace::every(INTERVAL, AHEAD);
        Ok(Self {
            rest: Rest::new(ID, url, patience, pace)?,
        })
    }

    fn time(&self, text: &str) -> Result<i64, ExchangeError> {
        text.parse().map_err(|_| {
            self.rest
                .bad(format!("`{text}` is no time in milliseconds"))
        })
    }

    fn candle(&self, row: Row) -> Result<Candle, ExchangeError> {
        let (time, open, high, low, close, volume, ..) = row;
        Ok(Candle {
            open_time_ms: self.time(&time)?,
            open: open.0,
            high: high.0,
            low: low.0,
            close: close.0,
            volume: volume.0,
        })
    }

    fn rate(&self, row: Funding) -> Result<FundingRate, ExchangeError> {
        Ok(FundingRate {
            time_ms: self.time(&row.funding_time)?,
            rate: row.realized_rate.0,
        })
    }
}

/// `BTC/USDT` to `BTC-USDT`, `BTC/USDT:USDT` to `BTC-USDT-SWAP`.
fn instrument(symbol: &str) -> Result<String, ExchangeError> {
    let Symbol {
        base,
        quote,
        settle,
    } = Symbol::parse(ID, symbol)?;
    let kind = if settle.is_some() { "-SWAP" } else { "" };
    Ok(format!("{base}-{quote}{kind}"))
}

/// OKX's error codes, mapped as ccxt maps them.
fn refusal(body: &[u8], symbol: &str) -> Option<ExchangeError> {
    let Refusal { code, msg } = error_object(body)?;
    let exchange = ID;
    Some(match code.as_str() {
        "0" => return None,
        "51001" | "51002" | "51012" | "51014" | "51015" => ExchangeError::BadSymbol {
            exchange,
            symbol: symbol.into(),
        },
        "51021" | "51022" | "51027" | "51028" => ExchangeError::MarketClosed {
            exchange,
            symbol: symbol.into(),
            status: msg,
        },
        "50011" | "50040" | "50061" => ExchangeError::RateLimitExceeded {
            exchange,
            retry_after: None,
        },
        "50001" => ExchangeError::OnMaintenance { exchange },
        "50004" => ExchangeError::RequestTimeout {
            exchange,
            seconds: 0,
        },
        "50005" | "50013" | "50026" => ExchangeError::ExchangeNotAvailable {
            exchange,
            status: 503,
            retry_after: None,
        },
        "50027" | "50110" => ExchangeError::PermissionDenied {
            exchange,
            reason: msg,
        },
        _ => ExchangeError::BadRequest {
            exchange,
            reason: format!("{msg} (code {code})"),
        },
    })
}

impl Exchange for Okx {
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
        self.rest.pace.interval()
    }

    fn fetch_time(&self) -> Fetch<'_, i64> {
        Box::pin(async {
            let answer: Answer<Clock> = self
                .rest
                .get_object("/api/v5/public/time", |body| refusal(body, ""))
                .await?;
            match answer.data.as_slice() {
                [clock] => self.time(&clock.ts),
                _ => Err(self.rest.bad("not exactly one clock".into())),
            }
        })
    }

    fn fetch_market<'a>(&'a self, symbol: &'a str) -> Fetch<'a, Listed> {
        Box::pin(async move {
            Symbol::spot(ID, symbol)?;
            let path = format!(
                "/api/v5/public/instruments?instType=SPOT&instId={}",
                instrument(symbol)?
            );
            let answer: Answer<Instrument> = self
                .rest
                .get_object(&path, |body| refusal(body, symbol))
                .await?;
            match <[Instrument; 1]>::try_from(answer.data) {
                Ok([market]) => Ok(Listed {
                    symbol: format!("{}/{}", market.base_ccy, market.quote_ccy),
                    id: market.inst_id,
                    active: market.state == "live",
                    status: market.state,
                }),
                Err(others) => Err(self
                    .rest
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
                "/api/v5/market/candles?instId={}&bar=1m&limit={limit}",
                instrument(symbol)?
            );
            if let Some(since) = since {
                // Rows after `before` and before `after` are sent, neither included.
                let minutes = i64::try_from(limit).unwrap_or(0);
                let after = since.saturating_add(minutes * 60_000);
                path.push_str(&format!(
                    "&before={}&after={after}",
                    since.saturating_sub(1)
                ));
            }
            let answer: Answer<Row> = self
                .rest
                .get_object(&path, |body| refusal(body, symbol))
                .await?;
            let candles = answer
                .data
                .into_iter()
                .rev()
                .take_while(|row| row.8 == "1")
                .map(|row| self.candle(row))
                .collect::<Result<_, _>>()?;
            let asked = Asked {
                since,
                earlier: false,
                limit,
                now_ms,
            };
            asked_candles(ID, candles, asked)
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
                "/api/v5/public/funding-rate-history?instId={}&limit={limit}",
                instrument(symbol)?
            );
            if let Some(since) = since {
                path.push_str(&format!("&before={}", since.saturating_sub(1)));
            }
            let answer: Answer<Funding> = self
                .rest
                .get_object(&path, |body| refusal(body, symbol))
                .await?;
            let rates = answer
                .data
                .into_iter()
                .rev()
                .map(|row| self.rate(row))
                .collect::<Result<_, _>>()?;
            checked_funding(ID, rates)
        })
    }

    fn candle_limit(&self) -> usize {
        CANDLES_PER_CALL
    }
}
