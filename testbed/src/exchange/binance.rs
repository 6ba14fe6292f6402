//! Binance's shapes: decimal strings with all their zeros, twelve columns a candle.

use serde_json::{Value, json};
use veriregime_features::{Candle, candle::MINUTE_MS, decimal::format_e8_full};

use super::{Market, calls, half_made};
use crate::front::{Call, Reply};

/// Candles in an answer without `limit`.
const DEFAULT_LIMIT: usize = 500;
/// The most rows of any answer.
const LARGEST_LIMIT: usize = 1_000;

/// Answers as Binance would at `now_ms`.
pub(super) fn answer(market: &Market, now_ms: i64, call: &Call) -> Reply {
    let rows = match call.path() {
        calls::TIME => return Reply::json(json!({ "serverTime": now_ms }).to_string()),
        "/api/v3/exchangeInfo" => return Reply::json(info().to_string()),
        calls::CANDLES | calls::FUNDING if call.parameter("symbol") != Some("BTCUSDT") => {
            return Reply::error(400, r#"{"code":-1121,"msg":"Invalid symbol."}"#);
        }
        calls::CANDLES if call.parameter("interval") != Some("1m") => {
            return Reply::error(400, r#"{"code":-1120,"msg":"Invalid interval."}"#);
        }
        calls::CANDLES => candles(market, now_ms, call),
        calls::FUNDING => funding(market, now_ms, call),
        _ => return Reply::error(404, "{}"),
    };
    Reply::json(Value::Array(rows).to_string())
}

fn info() -> Value {
    json!({
        "timezone": "UTC",
        "symbols": [{ "symbol": "BTCUSDT", "status": "TRADING", "baseAsset": "BTC", "quoteAsset": "USDT" }]
    })
}

fn candles(market: &Market, now_ms: i64, call: &Call) -> Vec<Value> {
    let known = market
        .candles
        .partition_point(|candle| candle.open_time_ms <= now_ms);
    let known = market.candles.get(..known).unwrap_or_default();
    let (from, to) = bounds(call);
    let rows = known
        .iter()
        .filter(|candle| (from..=to).contains(&candle.open_time_ms));
    page(rows.collect(), call)
        .into_iter()
        .map(|candle| row(candle, now_ms))
        .collect()
}

fn funding(market: &Market, now_ms: i64, call: &Call) -> Vec<Value> {
    let (from, to) = bounds(call);
    let to = to.min(now_ms);
    let rows = market
        .funding
        .iter()
        .filter(|rate| (from..=to).contains(&rate.time_ms));
    page(rows.collect(), call)
        .into_iter()
        .map(|rate| {
            json!({
                "symbol": "BTCUSDT",
                "fundingTime": rate.time_ms,
                "fundingRate": format_e8_full(rate.rate),
            })
        })
        .collect()
}

fn bounds(call: &Call) -> (i64, i64) {
    let number = |name| call.parameter(name).and_then(|text| text.parse().ok());
    (
        number("startTime").unwrap_or(i64::MIN),
        number("endTime").unwrap_or(i64::MAX),
    )
}

/// The first rows from a start time on, else the latest ones.
fn page<T>(mut rows: Vec<T>, call: &Call) -> Vec<T> {
    let limit = call.parameter("limit").and_then(|text| text.parse().ok());
    let limit = limit.unwrap_or(DEFAULT_LIMIT).min(LARGEST_LIMIT);
    if call.parameter("startTime").is_some() {
        rows.truncate(limit);
        return rows;
    }
    rows.split_off(rows.len().saturating_sub(limit))
}

fn row(candle: &Candle, now_ms: i64) -> Value {
    let end = candle.open_time_ms + MINUTE_MS;
    let open = now_ms < end;
    let seen = if open { half_made(candle) } else { *candle };
    let [open, high, low, close, volume] =
        [seen.open, seen.high, seen.low, seen.close, seen.volume].map(format_e8_full);
    json!([
        seen.open_time_ms,
        open,
        high,
        low,
        close,
        volume,
        end - 1,
        "1.00000000",
        7,
        "1.00000000",
        "1.00000000",
        "0"
    ])
}
