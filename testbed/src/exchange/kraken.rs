//! Kraken's shapes: seconds, rows after `since`, the open minute at the end and `last` before it.

use serde_json::json;
use veriregime_features::{candle::MINUTE_MS, decimal::format_e8_full};

use super::{Market, calls, half_made};
use crate::front::{Call, Reply};

/// The most rows of any answer.
const LIMIT: usize = 720;

/// Answers as Kraken would at `now_ms`; `None` for a path that is not Kraken's.
pub(super) fn answer(market: &Market, now_ms: i64, call: &Call) -> Option<Reply> {
    let result = match call.path() {
        calls::KRAKEN_TIME => json!({ "unixtime": now_ms / 1_000, "rfc1123": "" }),
        "/0/public/AssetPairs" => json!({
            "XBTUSDT": { "altname": "XBTUSDT", "wsname": "XBT/USDT", "status": "online" }
        }),
        calls::KRAKEN_CANDLES => candles(market, now_ms, call),
        _ => return None,
    };
    Some(Reply::json(
        json!({ "error": [], "result": result }).to_string(),
    ))
}

fn candles(market: &Market, now_ms: i64, call: &Call) -> serde_json::Value {
    let since = call
        .parameter("since")
        .and_then(|text| text.parse::<i64>().ok());
    let since_ms = since.unwrap_or(0).saturating_mul(1_000);
    let known = market
        .candles
        .iter()
        .filter(|candle| candle.open_time_ms > since_ms && candle.open_time_ms <= now_ms);
    let mut rows: Vec<_> = known
        .map(|candle| {
            let open = now_ms < candle.open_time_ms + MINUTE_MS;
            let seen = if open { half_made(candle) } else { *candle };
            let [o, h, l, c, v] = [seen.open, seen.high, seen.low, seen.close, seen.volume];
            let [o, h, l, c, v] = [o, h, l, c, v].map(format_e8_full);
            json!([seen.open_time_ms / 1_000, o, h, l, c, c, v, 7])
        })
        .collect();
    let rows = rows.split_off(rows.len().saturating_sub(LIMIT));
    let last = (now_ms - now_ms.rem_euclid(MINUTE_MS) - MINUTE_MS) / 1_000;
    json!({ "XBTUSDT": rows, "last": last })
}
