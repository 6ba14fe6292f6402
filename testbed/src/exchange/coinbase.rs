//! Coinbase Exchange's shapes: JSON numbers, `[time, low, high, open, close, volume]`, newest first.

use serde_json::json;
use veriregime_features::{candle::MINUTE_MS, decimal::format_e8};

use super::{Market, calls, half_made};
use crate::front::{Call, Reply};

/// A longer span is refused.
const LIMIT: i64 = 300;

/// Answers as Coinbase would at `now_ms`; `None` for a path that is not Coinbase's.
pub(super) fn answer(market: &Market, now_ms: i64, call: &Call) -> Option<Reply> {
    Some(match call.path() {
        calls::COINBASE_TIME => {
            let (seconds, rest) = (now_ms / 1_000, now_ms % 1_000);
            Reply::json(format!("{{\"iso\":\"\",\"epoch\":{seconds}.{rest:03}}}"))
        }
        "/products/BTC-USDT" => Reply::json(
            json!({
                "id": "BTC-USDT", "base_currency": "BTC", "quote_currency": "USDT",
                "status": "online", "trading_disabled": false
            })
            .to_string(),
        ),
        calls::COINBASE_CANDLES => candles(market, now_ms, call),
        _ => return None,
    })
}

fn candles(market: &Market, now_ms: i64, call: &Call) -> Reply {
    let bound = |name| call.parameter(name).and_then(milliseconds);
    let (Some(start), Some(end)) = (bound("start"), bound("end")) else {
        return Reply::error(400, r#"{"message":"start and end are needed"}"#);
    };
    if (end - start) / MINUTE_MS >= LIMIT {
        return Reply::error(
            400,
            r#"{"message":"granularity too small for the requested time range"}"#,
        );
    }
    let span = start..=end.min(now_ms);
    let known = market.candles.iter().rev();
    let rows = known.filter(|candle| span.contains(&candle.open_time_ms));
    let rows: Vec<_> = rows
        .map(|candle| {
            let open = now_ms < candle.open_time_ms + MINUTE_MS;
            let seen = if open { half_made(candle) } else { *candle };
            let numbers = [seen.low, seen.high, seen.open, seen.close, seen.volume];
            let numbers = numbers.map(format_e8).join(",");
            format!("[{},{numbers}]", seen.open_time_ms / 1_000)
        })
        .collect();
    Reply::json(format!("[{}]", rows.join(",")))
}

/// `2024-07-29T00:00:00Z` in UNIX milliseconds; colons may be escaped.
fn milliseconds(text: &str) -> Option<i64> {
    let seconds = veriregime::utc::parse(&text.replace("%3A", ":")).ok()?;
    i64::try_from(seconds).ok()?.checked_mul(1_000)
}
