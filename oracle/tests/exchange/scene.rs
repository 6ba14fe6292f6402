//! Exchanges of one market that are honest until a test says otherwise, and the windows made of them.

use std::{sync::Arc, time::Duration};

use veriregime::{
    exchange::{
        CandleSource, Exchange, FileExchange, Patience, SourceError, SourceKind, SourcedWindow,
    },
    market::Market,
};
use veriregime_features::{CANDLES, Candle, FundingRate, decimal::format_e8_full, synthetic};

use crate::support::{self, Reply, Script, dialect::Dialect};

/// 2025-01-02 00:10 UTC: a settlement lies within the window.
pub const CLOSE: u64 = 1_735_776_600;

pub const BOUND_BPS: u32 = 50;

pub fn ms(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap() * 1_000
}

/// The candles of the window that closes at `close`, and the funding rates around it.
pub fn series(close: u64) -> (Vec<Candle>, Vec<FundingRate>) {
    let start = ms(close) - i64::try_from(CANDLES).unwrap() * 60_000;
    (
        synthetic::candles(11, start, CANDLES),
        synthetic::funding(11, start, ms(close)),
    )
}

/// One exchange of a test and how it behaves.
#[derive(Clone)]
pub struct Scene {
    pub dialect: Dialect,
    pub candles: Vec<Candle>,
    pub funding: Vec<FundingRate>,
    pub now_ms: i64,
}

impl Scene {
    /// Honest at a second after the close.
    pub fn of(dialect: Dialect) -> Self {
        Self::at(dialect, CLOSE)
    }

    pub fn at(dialect: Dialect, close: u64) -> Self {
        let (candles, funding) = series(close);
        Self {
            dialect,
            candles,
            funding,
            now_ms: ms(close) + 1_000,
        }
    }

    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub fn rows(&self) -> Reply {
        let body = self
            .dialect
            .series(&self.candles, self.now_ms.div_euclid(1_000));
        Reply::new(self.dialect.candles, 200, body)
    }

    pub fn replies(&self) -> Vec<Reply> {
        let mut replies = vec![self.dialect.clock(self.now_ms), self.rows()];
        if let Some(path) = self.dialect.funding {
            replies.push(Reply::new(path, 200, self.rates()));
        }
        replies
    }

    /// Funding rates in the exchange's words.
    pub fn rates(&self) -> String {
        let binance = self.dialect.id == "binance";
        let row = |rate: &FundingRate| {
            let (time, rate) = (rate.time_ms, format_e8_full(rate.rate));
            if binance {
                format!("{{\"fundingTime\":{time},\"fundingRate\":\"{rate}\"}}")
            } else {
                format!("{{\"fundingTime\":\"{time}\",\"realizedRate\":\"{rate}\"}}")
            }
        };
        let rows: Vec<_> = self.funding.iter().map(row).collect();
        if binance {
            return format!("[{}]", rows.join(","));
        }
        let rows: Vec<_> = rows.into_iter().rev().collect();
        format!(
            "{{\"code\":\"0\",\"msg\":\"\",\"data\":[{}]}}",
            rows.join(",")
        )
    }

    pub async fn serve(&self) -> (Arc<dyn Exchange>, Script) {
        self.dialect.scripted(self.replies(), 1).await
    }

    /// An exchange at a port where nobody listens.
    pub fn absent(dialect: Dialect) -> Arc<dyn Exchange> {
        let patience = Patience {
            timeout: Duration::from_secs(2),
            attempts: 1,
        };
        (dialect.client)("http://127.0.0.1:1", patience)
    }
}

pub fn source(first: Arc<dyn Exchange>, checks: Vec<Arc<dyn Exchange>>) -> CandleSource {
    CandleSource::of(SourceKind::Exchange, first, Market::btc_usdt_minutes())
        .checked_by(checks, BOUND_BPS)
        .unwrap()
}

/// The source of these scenes, the first of which makes the window, and their scripts.
pub async fn sourced(scenes: &[Scene]) -> (CandleSource, Vec<Script>) {
    let (mut exchanges, mut scripts) = (Vec::new(), Vec::new());
    for scene in scenes {
        let (exchange, script) = scene.serve().await;
        exchanges.push(exchange);
        scripts.push(script);
    }
    let first = exchanges.remove(0);
    (source(first, exchanges), scripts)
}

pub async fn window(source: &CandleSource) -> Result<SourcedWindow, SourceError> {
    source.sourced_window(CLOSE, &support::scale()).await
}

pub async fn window_of(scenes: &[Scene]) -> Result<SourcedWindow, SourceError> {
    window(&sourced(scenes).await.0).await
}

/// The window as the candles make it, without any exchange.
pub async fn expected() -> SourcedWindow {
    let (candles, funding) = series(CLOSE);
    let file = FileExchange::of(candles, funding);
    let source = CandleSource::of(SourceKind::File, Arc::new(file), Market::btc_usdt_minutes());
    window(&source).await.unwrap()
}

/// Moves a close by basis points, the candle staying possible.
pub fn nudge(candle: &mut Candle, bps: i64) {
    scale(candle, 10_000 + bps, 10_000);
}

pub fn scale(candle: &mut Candle, by: i64, of: i64) {
    for price in [
        &mut candle.open,
        &mut candle.high,
        &mut candle.low,
        &mut candle.close,
    ] {
        *price = *price / of * by;
    }
}
