//! One answer, and what a client makes of it.

use std::time::Duration;

use veriregime::exchange::{Exchange, ExchangeError, Patience};
use veriregime_features::Candle;

use crate::support::{Reply, dialect::Dialect};

/// The exchange's clock: minutes 1 and 2 are closed, minute 3 is open.
pub const NOW_MS: i64 = 180_000;

pub const NOW: i64 = NOW_MS / 1_000;

pub const ONCE: usize = 1;

pub async fn candles(
    exchange: &dyn Exchange,
    since: Option<i64>,
) -> Result<Vec<Candle>, ExchangeError> {
    exchange
        .fetch_ohlcv("BTC/USDT", "1m", since, Some(10))
        .await
}

/// What the client makes of one answer to a request for candles.
pub async fn got(dialect: &Dialect, reply: Reply) -> Result<Vec<Candle>, ExchangeError> {
    let (exchange, _) = dialect
        .scripted(vec![dialect.clock(NOW_MS), reply], ONCE)
        .await;
    candles(&*exchange, Some(60_000)).await
}

pub async fn got_body(dialect: &Dialect, body: String) -> Result<Vec<Candle>, ExchangeError> {
    got(dialect, Reply::new(dialect.candles, 200, body)).await
}

pub async fn refused(dialect: &Dialect, what: &str, body: String) -> ExchangeError {
    match got_body(dialect, body.clone()).await {
        Err(error) => error,
        Ok(candles) => panic!("{}, {what}: accepted {body} as {candles:?}", dialect.id),
    }
}

pub fn brief() -> Patience {
    Patience {
        timeout: Duration::from_millis(700),
        attempts: 1,
    }
}
