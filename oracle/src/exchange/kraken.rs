//! Kraken's public spot candles.
//!
//! Sources: `GET /0/public/OHLC`, `/0/public/Time`, `/0/public/AssetPairs`. Every answer is `{"error": [...], "result": ...}`,
//! errors too with HTTP 200. A minute without trades has a candle of volume 0 at the last price. Only the latest 720 minutes
//! are served.

use std::{collections::HashMap, time::Duration};

use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;
use veriregime_features::{Candle, FundingRate};

use super::{
    Exchange, ExchangeError, Fetch, Has, Listed, Symbol,
    check::{Asked, asked_candles},
    number::Text,
    object::error_object,
    only_minutes,
    pace::Pace,
    rest::{Patience, Rest},
};

const ID: &str = "kraken";
/// What the exchange keeps beside the open minute.
const CANDLES_PER_CALL: usize = 720;
/// Kraken asks for one public call a second; a window takes two at once, and one more is in reserve.
const INTERVAL: Duration = Duration::from_secs(1);
const AHEAD: u32 = 3;

/// The REST client.
#[derive(Debug, Clone)]
pub struct Kraken {
    rest: Rest,
}

/// `result` is missing where `error` is not empty.
#[derive(Deserialize)]
struct Answer<T> {
    result: T,
}

#[derive(Deserialize)]
struct Refusal {
    error: Vec<String>,
}

#[derive(Deserialize)]
struct Clock {
    unixtime: i64,
}

#[derive(Deserialize)]
struct Pair {
    altname: String,
    wsname: String,
    status: String,
}

/// Time in seconds, OHLC, volume-weighted price, volume, number of trades.
type Row = (i64, Text, Text, Text, Text, IgnoredAny, Text, IgnoredAny);

/// The series under the pair's name, and `last`: the time of the last entry that will not change any more.
type Series = HashMap<String, Box<RawValue>>;

impl Kraken {
    /// The public host.
    pub const URL: &str = "https://api.kraken.com";

    /// The client of a host.
    pub fn with(url: &str, patience: Patience) -> Result<Self, ExchangeError> {
        let pace = Pace::every(INTERVAL, AHEAD);
        Ok(Self {
            rest: Rest::new(ID, url, patience, pace)?,
        })
    }

    /// The rows that will not change any more.
    fn committed(&self, mut series: Series) -> Result<Vec<Row>, ExchangeError> {
        let bad =
            |error: serde_json::Error| self.rest.bad(format!("not the promised rows: {error}"));
        let missing = || {
            self.rest
                .bad("no `last`: which candle is open is not said".into())
        };
        let last = series.remove("last").ok_or_else(missing)?;
        let last: i64 = serde_json::from_str(last.get()).map_err(bad)?;
        let mut series = series.into_values();
        let (Some(rows), None) = (series.next(), series.next()) else {
            return Err(self.rest.bad("not exactly one series of candles".into()));
        };
        let mut rows: Vec<Row> = serde_json::from_str(rows.get()).map_err(bad)?;
        rows.retain(|row| row.0 <= last);
        Ok(rows)
    }

    fn candle(&self, row: Row) -> Result<Candle, ExchangeError> {
        let (seconds, open, high, low, close, _, volume, _) = row;
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

/// Kraken calls bitcoin XBT and dogecoin XDG.
fn kraken_code(code: &str) -> &str {
    match code {
        "BTC" => "XBT",
        "DOGE" => "XDG",
        other => other,
    }
}

fn unified_code(code: &str) -> &str {
    match code {
        "XBT" => "BTC",
        "XDG" => "DOGE",
        other => other,
    }
}

/// `BTC/USDT` to `XBTUSDT`.
fn pair(symbol: &str) -> Result<String, ExchangeError> {
    let Symbol { base, quote, .. } = Symbol::spot(ID, symbol)?;
    Ok(format!("{}{}", kraken_code(base), kraken_code(quote)))
}

/// Kraken's error words, mapped as ccxt maps them. A list of warnings alone (`W...`) is no error.
fn refusal(body: &[u8], symbol: &str) -> Option<ExchangeError> {
    let Refusal { error } = error_object(body)?;
    let words = error.into_iter().find(|words| !words.starts_with('W'))?;
    let exchange = ID;
    let starts = |known: &[&str]| known.iter().any(|known| words.starts_with(known));
    Some(
        if starts(&["EQuery:Invalid asset pair", "EQuery:Unknown asset"]) {
            ExchangeError::BadSymbol {
                exchange,
                symbol: symbol.into(),
            }
        } else if words.contains("Rate limit exceeded") {
            ExchangeError::RateLimitExceeded {
                exchange,
                retry_after: None,
            }
        } else if starts(&["EGeneral:Temporary lockout", "EGeneral:Too many requests"]) {
            ExchangeError::DDoSProtection {
                exchange,
                retry_after: None,
            }
        } else if starts(&["EService:Market in "]) {
            ExchangeError::OnMaintenance { exchange }
        } else if starts(&["EService:", "EDatabase:", "EGeneral:Internal error"]) {
            ExchangeError::ExchangeNotAvailable {
                exchange,
                status: 503,
                retry_after: None,
            }
        } else if starts(&["EGeneral:Permission denied"]) {
            ExchangeError::PermissionDenied {
                exchange,
                reason: words,
            }
        } else {
            ExchangeError::BadRequest {
                exchange,
                reason: words,
            }
        },
    )
}

impl Exchange for Kraken {
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
            let answer: Answer<Clock> = self
                .rest
                .get_object("/0/public/Time", |body| refusal(body, ""))
                .await?;
            let seconds = answer.result.unixtime;
            seconds
                .checked_mul(1_000)
                .ok_or_else(|| self.rest.bad(format!("{seconds} is no time in seconds")))
        })
    }

    fn fetch_market<'a>(&'a self, symbol: &'a str) -> Fetch<'a, Listed> {
        Box::pin(async move {
            let path = format!("/0/public/AssetPairs?pair={}", pair(symbol)?);
            let answer: Answer<HashMap<String, Pair>> = self
                .rest
                .get_object(&path, |body| refusal(body, symbol))
                .await?;
            let mut pairs = answer.result.into_values();
            let (Some(pair), None) = (pairs.next(), pairs.next()) else {
                return Err(self.rest.bad("not exactly one pair".into()));
            };
            let (base, quote) = pair.wsname.split_once('/').unwrap_or((&pair.wsname, ""));
            Ok(Listed {
                symbol: format!("{}/{}", unified_code(base), unified_code(quote)),
                id: pair.altname,
                active: pair.status == "online",
                status: pair.status,
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
            let mut path = format!("/0/public/OHLC?pair={}&interval=1", pair(symbol)?);
            if let Some(since) = since {
                // Entries after `since` are sent: one minute earlier, so that the first one asked for is among them.
                path.push_str(&format!("&since={}", since.div_euclid(1_000) - 60));
            }
            let answer: Answer<Series> = self
                .rest
                .get_object(&path, |body| refusal(body, symbol))
                .await?;
            let rows = self.committed(answer.result)?;
            let candles = rows
                .into_iter()
                .map(|row| self.candle(row))
                .collect::<Result<_, _>>()?;
            let asked = Asked {
                since,
                earlier: true,
                limit: limit.unwrap_or(CANDLES_PER_CALL).clamp(1, CANDLES_PER_CALL),
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
            let reason = format!("funding rates of {symbol}: Kraken has no such contract");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pair_has_krakens_names() {
        assert_eq!(pair("BTC/USDT").unwrap(), "XBTUSDT");
        assert_eq!(pair("ETH/BTC").unwrap(), "ETHXBT");
        assert!(pair("BTC/USDT:USDT").is_err());
    }

    #[test]
    fn warnings_are_no_refusal_and_errors_after_them_are() {
        assert_eq!(refusal(b"{\"error\":[]}", "BTC/USDT"), None);
        assert_eq!(refusal(b"{\"error\":[\"WSlow:wait\"]}", "BTC/USDT"), None);
        let both = b"{\"error\":[\"WSlow:wait\",\"EQuery:Unknown asset pair\"]}";
        assert_eq!(refusal(both, "BTC/USDT").unwrap().class(), "BadSymbol");
    }
}
