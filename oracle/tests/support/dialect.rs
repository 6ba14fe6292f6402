//! How each exchange writes the same answer: what the clients' tests have in one table instead of four.

use std::{sync::Arc, time::Duration};

use veriregime::exchange::{Binance, Coinbase, Exchange, Kraken, Okx, Patience};
use veriregime_features::{Candle, decimal::format_e8_full};

use super::{Reply, Script};

/// A candle as it goes over the wire; every value is a JSON token.
#[derive(Clone)]
pub struct Row {
    /// Seconds.
    pub open_time: i64,
    pub open: String,
    pub high: String,
    pub low: String,
    pub close: String,
    pub volume: String,
}

/// One exchange's way to write.
#[derive(Clone, Copy)]
pub struct Dialect {
    pub id: &'static str,
    /// Paths of clock, candles and listing.
    pub time: &'static str,
    pub candles: &'static str,
    pub market: &'static str,
    pub funding: Option<&'static str>,
    /// Whether numbers are strings.
    pub quoted: bool,
    /// Whether an answer says by itself which candles are closed.
    pub marks_closed: bool,
    /// Whether rows before the first one asked for are sent at times.
    pub sends_earlier: bool,
    pub clock: fn(i64) -> String,
    row: fn(&Row, bool) -> String,
    /// Rows, oldest first, and the time of the last closed one.
    wrap: fn(Vec<String>, i64) -> String,
    pub client: fn(&str, Patience) -> Arc<dyn Exchange>,
    /// Error objects and the class each becomes.
    pub errors: &'static [(u16, &'static str, &'static str)],
    /// A listing with the given state, a state of trading, one of not trading, and a listing of another market.
    pub listing: fn(&str) -> String,
    pub live: &'static str,
    pub gone: &'static str,
    pub other: &'static str,
}

pub const ALL: [Dialect; 4] = [BINANCE, KRAKEN, COINBASE, OKX];

pub const BINANCE: Dialect = Dialect {
    id: "binance",
    time: "/api/v3/time",
    candles: "/api/v3/klines",
    market: "/api/v3/exchangeInfo",
    funding: Some("/fapi/v1/fundingRate"),
    quoted: true,
    marks_closed: false,
    sends_earlier: false,
    clock: |ms| format!("{{\"serverTime\":{ms}}}"),
    row: |row, _| {
        format!(
            "[{},{},{},{},{},{},{},\"1.0\",7,\"1.0\",\"1.0\",\"0\"]",
            row.open_time * 1_000,
            row.open,
            row.high,
            row.low,
            row.close,
            row.volume,
            row.open_time * 1_000 + 59_999
        )
    },
    wrap: |rows, _| format!("[{}]", rows.join(",")),
    client: |url, patience| Arc::new(Binance::with(url, url, patience).unwrap()),
    errors: &[
        (
            400,
            r#"{"code":-1121,"msg":"Invalid symbol."}"#,
            "BadSymbol",
        ),
        (
            200,
            r#"{"code":-1121,"msg":"Invalid symbol."}"#,
            "BadSymbol",
        ),
        (
            400,
            r#"{"code":-1100,"msg":"Illegal characters"}"#,
            "BadRequest",
        ),
        (
            200,
            r#"{"code":-1003,"msg":"Too many requests"}"#,
            "RateLimitExceeded",
        ),
        (
            200,
            r#"{"code":-1016,"msg":"Shutting down"}"#,
            "ExchangeNotAvailable",
        ),
        (200, r#"{"code":-1007,"msg":"Timeout"}"#, "RequestTimeout"),
        (
            401,
            r#"{"code":-2015,"msg":"Invalid IP"}"#,
            "PermissionDenied",
        ),
    ],
    listing: |status| {
        format!(
            "{{\"symbols\":[{{\"symbol\":\"BTCUSDT\",\"status\":\"{status}\",\"baseAsset\":\"BTC\",\"quoteAsset\":\"USDT\"}}]}}"
        )
    },
    live: "TRADING",
    gone: "BREAK",
    other: r#"{"symbols":[{"symbol":"BTCUSDC","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDC"}]}"#,
};

pub const KRAKEN: Dialect = Dialect {
    id: "kraken",
    time: "/0/public/Time",
    candles: "/0/public/OHLC",
    market: "/0/public/AssetPairs",
    funding: None,
    quoted: true,
    marks_closed: true,
    sends_earlier: true,
    clock: |ms| {
        format!(
            "{{\"error\":[],\"result\":{{\"unixtime\":{},\"rfc1123\":\"\"}}}}",
            ms.div_euclid(1_000)
        )
    },
    row: |row, _| {
        format!(
            "[{},{},{},{},{},\"0.0\",{},7]",
            row.open_time, row.open, row.high, row.low, row.close, row.volume
        )
    },
    wrap: |rows, last| {
        format!(
            "{{\"error\":[],\"result\":{{\"XBTUSDT\":[{}],\"last\":{last}}}}}",
            rows.join(",")
        )
    },
    client: |url, patience| Arc::new(Kraken::with(url, patience).unwrap()),
    errors: &[
        (
            200,
            r#"{"error":["EQuery:Unknown asset pair"]}"#,
            "BadSymbol",
        ),
        (
            200,
            r#"{"error":["EQuery:Invalid asset pair"]}"#,
            "BadSymbol",
        ),
        (
            200,
            r#"{"error":["EGeneral:Invalid arguments"]}"#,
            "BadRequest",
        ),
        (
            200,
            r#"{"error":["EAPI:Rate limit exceeded"]}"#,
            "RateLimitExceeded",
        ),
        (
            200,
            r#"{"error":["EGeneral:Too many requests"]}"#,
            "DDoSProtection",
        ),
        (
            200,
            r#"{"error":["EService:Busy"]}"#,
            "ExchangeNotAvailable",
        ),
        (
            200,
            r#"{"error":["EService:Market in cancel_only mode"]}"#,
            "OnMaintenance",
        ),
        (
            200,
            r#"{"error":["EGeneral:Permission denied"]}"#,
            "PermissionDenied",
        ),
    ],
    listing: |status| {
        format!(
            "{{\"error\":[],\"result\":{{\"XBTUSDT\":{{\"altname\":\"XBTUSDT\",\"wsname\":\"XBT/USDT\",\"status\":\"{status}\"}}}}}}"
        )
    },
    live: "online",
    gone: "cancel_only",
    other: r#"{"error":[],"result":{"XBTUSDC":{"altname":"XBTUSDC","wsname":"XBT/USDC","status":"online"}}}"#,
};

pub const COINBASE: Dialect = Dialect {
    id: "coinbase",
    time: "/time",
    candles: "/products/BTC-USDT/candles",
    market: "/products/BTC-USDT",
    funding: None,
    quoted: false,
    marks_closed: false,
    sends_earlier: true,
    clock: |ms| {
        format!(
            "{{\"iso\":\"\",\"epoch\":{}.{:03}}}",
            ms.div_euclid(1_000),
            ms.rem_euclid(1_000)
        )
    },
    row: |row, _| {
        format!(
            "[{},{},{},{},{},{}]",
            row.open_time, row.low, row.high, row.open, row.close, row.volume
        )
    },
    wrap: |rows, _| {
        let rows: Vec<_> = rows.into_iter().rev().collect();
        format!("[{}]", rows.join(","))
    },
    client: |url, patience| Arc::new(Coinbase::with(url, patience).unwrap()),
    errors: &[
        (404, r#"{"message":"NotFound"}"#, "BadSymbol"),
        (200, r#"{"message":"NotFound"}"#, "BadSymbol"),
        (
            400,
            r#"{"message":"granularity too small for the requested time range"}"#,
            "BadRequest",
        ),
        (
            200,
            r#"{"message":"Public rate limit exceeded"}"#,
            "RateLimitExceeded",
        ),
        (
            400,
            r#"{"message":"BTC-USDT is under maintenance"}"#,
            "OnMaintenance",
        ),
        (
            200,
            r#"{"message":"Internal server error"}"#,
            "ExchangeNotAvailable",
        ),
        (
            400,
            r#"{"message":"Trading pair not available"}"#,
            "PermissionDenied",
        ),
    ],
    listing: |status| {
        format!(
            "{{\"id\":\"BTC-USDT\",\"base_currency\":\"BTC\",\"quote_currency\":\"USDT\",\"status\":\"{status}\",\"trading_disabled\":false}}"
        )
    },
    live: "online",
    gone: "delisted",
    other: r#"{"id":"BTC-USDC","base_currency":"BTC","quote_currency":"USDC","status":"online"}"#,
};

pub const OKX: Dialect = Dialect {
    id: "okx",
    time: "/api/v5/public/time",
    candles: "/api/v5/market/candles",
    market: "/api/v5/public/instruments",
    funding: Some("/api/v5/public/funding-rate-history"),
    quoted: true,
    marks_closed: true,
    sends_earlier: false,
    clock: |ms| format!("{{\"code\":\"0\",\"msg\":\"\",\"data\":[{{\"ts\":\"{ms}\"}}]}}"),
    row: |row, closed| {
        format!(
            "[\"{}\",{},{},{},{},{},\"0\",\"0\",\"{}\"]",
            row.open_time * 1_000,
            row.open,
            row.high,
            row.low,
            row.close,
            row.volume,
            u8::from(closed)
        )
    },
    wrap: |rows, _| {
        let rows: Vec<_> = rows.into_iter().rev().collect();
        format!(
            "{{\"code\":\"0\",\"msg\":\"\",\"data\":[{}]}}",
            rows.join(",")
        )
    },
    client: |url, patience| Arc::new(Okx::with(url, patience).unwrap()),
    errors: &[
        (
            200,
            r#"{"code":"51001","msg":"Instrument ID does not exist","data":[]}"#,
            "BadSymbol",
        ),
        (
            400,
            r#"{"code":"51001","msg":"Instrument ID does not exist","data":[]}"#,
            "BadSymbol",
        ),
        (
            400,
            r#"{"code":"51000","msg":"Parameter bar error","data":[]}"#,
            "BadRequest",
        ),
        (
            200,
            r#"{"code":"50011","msg":"Too Many Requests","data":[]}"#,
            "RateLimitExceeded",
        ),
        (
            200,
            r#"{"code":"50013","msg":"Systems are busy","data":[]}"#,
            "ExchangeNotAvailable",
        ),
        (
            200,
            r#"{"code":"50001","msg":"Service temporarily unavailable","data":[]}"#,
            "OnMaintenance",
        ),
        (
            200,
            r#"{"code":"50004","msg":"Endpoint request timeout","data":[]}"#,
            "RequestTimeout",
        ),
        (
            200,
            r#"{"code":"51022","msg":"Contract suspended","data":[]}"#,
            "MarketClosed",
        ),
        (
            200,
            r#"{"code":"50110","msg":"Invalid IP","data":[]}"#,
            "PermissionDenied",
        ),
    ],
    listing: |status| {
        format!(
            "{{\"code\":\"0\",\"msg\":\"\",\"data\":[{{\"instId\":\"BTC-USDT\",\"baseCcy\":\"BTC\",\"quoteCcy\":\"USDT\",\"state\":\"{status}\"}}]}}"
        )
    },
    live: "live",
    gone: "suspend",
    other: r#"{"code":"0","msg":"","data":[{"instId":"BTC-USDC","baseCcy":"BTC","quoteCcy":"USDC","state":"live"}]}"#,
};

impl Dialect {
    /// A number as the exchange writes it.
    pub fn token(&self, number: &str) -> String {
        if self.quoted {
            format!("\"{number}\"")
        } else {
            number.into()
        }
    }

    /// A number as the exchange does not write it.
    pub fn foreign(&self, number: &str) -> String {
        Self {
            quoted: !self.quoted,
            ..*self
        }
        .token(number)
    }

    /// A plain candle.
    pub fn row(&self, minute: i64) -> Row {
        Row {
            open_time: minute * 60,
            open: self.token("100.00"),
            high: self.token("101.50"),
            low: self.token("99.00000001"),
            close: self.token("100.5"),
            volume: self.token("0.25"),
        }
    }

    /// A body with these rows, oldest first, of which those before `closed_until` (seconds) are marked as closed.
    pub fn body(&self, rows: &[Row], closed_until: i64) -> String {
        let closed = |row: &Row| row.open_time.saturating_add(60) <= closed_until;
        let texts = rows
            .iter()
            .map(|row| (self.row)(row, closed(row)))
            .collect();
        let last = rows
            .iter()
            .filter(|row| closed(row))
            .map(|row| row.open_time)
            .max();
        (self.wrap)(texts, last.unwrap_or(0))
    }

    /// The body with exact candles.
    pub fn series(&self, candles: &[Candle], closed_until: i64) -> String {
        let rows: Vec<_> = candles
            .iter()
            .map(|candle| {
                let value = |value| self.token(&format_e8_full(value));
                Row {
                    open_time: candle.open_time_ms / 1_000,
                    open: value(candle.open),
                    high: value(candle.high),
                    low: value(candle.low),
                    close: value(candle.close),
                    volume: value(candle.volume),
                }
            })
            .collect();
        self.body(&rows, closed_until)
    }

    /// The clock's answer.
    pub fn clock(&self, ms: i64) -> Reply {
        Reply::new(self.time, 200, (self.clock)(ms))
    }

    /// A server with these answers, and a client of it.
    pub async fn scripted(
        &self,
        replies: Vec<Reply>,
        attempts: usize,
    ) -> (Arc<dyn Exchange>, Script) {
        let (url, script) = Script::serve(replies).await;
        let patience = Patience {
            timeout: Duration::from_secs(5),
            attempts,
        };
        ((self.client)(&url, patience), script)
    }
}
