//! What is downloaded: candles and funding rates, how each is asked for and named.

use veriregime_features::{
    Candle, FundingRate, Record, candle::MINUTE_MS, candle::check_contiguous,
};

use super::Span;
use crate::{
    exchange::{Exchange, Fetch},
    market::Market,
};

/// Two days: one rate of the perpetual contract is always in force at the first candle.
const FUNDING_BEFORE_MS: i64 = 2 * 24 * 60 * MINUTE_MS;
/// Exchanges stamp a settlement a few milliseconds late; within its second it counts.
const FUNDING_LATE_MS: i64 = 1_000;
const RATES_PER_CALL: usize = 1_000;

/// Rows of one file of the data folder.
pub(super) trait Series: Record {
    /// Their name in messages.
    const NAME: &'static str;
    /// The least distance of two rows.
    const STEP_MS: i64;

    /// The file's name for a market such as `btcusdt`.
    fn file_name(market: &str) -> String;

    /// The times that the file shall cover: from (inclusive) and to (exclusive), UNIX milliseconds.
    fn bounds(span: Span) -> (i64, i64);

    /// Rows to ask for in one request.
    fn limit(since: i64, end: i64, most: usize) -> usize;

    /// Whether nothing seems to be missing from an answer.
    fn is_whole(rows: &[Self], since: i64) -> bool
    where
        Self: Sized;

    /// The request.
    fn fetch<'a>(
        exchange: &'a dyn Exchange,
        market: &'a Market,
        since: i64,
        limit: usize,
    ) -> Fetch<'a, Vec<Self>>
    where
        Self: Sized;
}

impl Series for Candle {
    const NAME: &'static str = "candles";
    const STEP_MS: i64 = MINUTE_MS;

    fn file_name(market: &str) -> String {
        format!("{market}_1m.csv.zst")
    }

    fn bounds(span: Span) -> (i64, i64) {
        (span.begin_ms(), span.end_ms())
    }

    fn limit(since: i64, end: i64, most: usize) -> usize {
        usize::try_from((end - since) / MINUTE_MS)
            .unwrap_or(usize::MAX)
            .clamp(1, most)
    }

    fn is_whole(rows: &[Self], since: i64) -> bool {
        rows.first().is_some_and(|row| row.open_time_ms == since) && check_contiguous(rows).is_ok()
    }

    fn fetch<'a>(
        exchange: &'a dyn Exchange,
        market: &'a Market,
        since: i64,
        limit: usize,
    ) -> Fetch<'a, Vec<Self>> {
        exchange.fetch_ohlcv(
            &market.symbol,
            market.timeframe_name(),
            Some(since),
            Some(limit),
        )
    }
}

impl Series for FundingRate {
    const NAME: &'static str = "funding rates";
    const STEP_MS: i64 = 1;

    fn file_name(_: &str) -> String {
        "funding_rate.csv".into()
    }

    fn bounds(span: Span) -> (i64, i64) {
        (
            span.begin_ms().saturating_sub(FUNDING_BEFORE_MS).max(0),
            span.end_ms().saturating_add(FUNDING_LATE_MS),
        )
    }

    fn limit(_: i64, _: i64, _: usize) -> usize {
        RATES_PER_CALL
    }

    fn is_whole(rows: &[Self], _: i64) -> bool {
        !rows.is_empty()
    }

    fn fetch<'a>(
        exchange: &'a dyn Exchange,
        market: &'a Market,
        since: i64,
        limit: usize,
    ) -> Fetch<'a, Vec<Self>> {
        Box::pin(async move {
            exchange
                .fetch_funding_rate_history(&market.perpetual(), Some(since), Some(limit))
                .await
        })
    }
}
