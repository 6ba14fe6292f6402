//! An exchange with a market of its own: answers the client's requests from invented rows, and misbehaves on demand.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::Response,
};
use veriregime_features::{Candle, FundingRate, decimal::format_e8_full, synthetic};

/// What the exchange does to an answer.
pub type Fault = fn(String) -> (u16, Option<&'static str>, String);

/// The exchange's state.
#[derive(Clone)]
pub struct Exchange {
    pub candles: Arc<Vec<Candle>>,
    pub funding: Arc<Vec<FundingRate>>,
    pub now_ms: i64,
    /// The most candles of an answer.
    pub page: usize,
    pub delay: Duration,
    /// The first and last request for candles that the fault touches, counted from 0.
    pub fault: Arc<Mutex<Option<(usize, usize, Fault)>>>,
    /// Requests for rows, in order.
    pub seen: Arc<Mutex<Vec<String>>>,
}

pub const START_MS: i64 = 1_735_689_600_000;

impl Exchange {
    /// `minutes` candles of which the last is still open, and funding rates since two days before them.
    pub fn new(minutes: usize) -> Self {
        let end_ms = START_MS + i64::try_from(minutes).unwrap() * 60_000;
        Self {
            candles: Arc::new(synthetic::candles(7, START_MS, minutes)),
            funding: Arc::new(synthetic::funding(7, START_MS - 86_400_000, end_ms)),
            now_ms: end_ms - 1,
            page: 50,
            delay: Duration::ZERO,
            fault: Arc::default(),
            seen: Arc::default(),
        }
    }

    pub fn without(mut self, minutes: std::ops::Range<i64>) -> Self {
        let mut candles = self.candles.to_vec();
        candles.retain(|candle| !minutes.contains(&((candle.open_time_ms - START_MS) / 60_000)));
        self.candles = Arc::new(candles);
        self
    }

    /// The candles that are closed.
    pub fn closed(&self) -> &[Candle] {
        &self.candles[..self.candles.len() - 1]
    }

    pub fn break_requests(&self, first: usize, last: usize, fault: Fault) {
        self.seen.lock().unwrap().clear();
        *self.fault.lock().unwrap() = Some((first, last, fault));
    }

    pub fn heal(&self) {
        *self.fault.lock().unwrap() = None;
    }

    pub async fn serve(&self) -> String {
        let router = Router::new().fallback(answer).with_state(self.clone());
        super::spawn(router).await
    }
}

async fn answer(State(exchange): State<Exchange>, request: Request) -> Response<Body> {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let number = |key: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let mut values = pairs.filter(|(name, _)| *name == key);
        values.next().map(|(_, text)| text.parse::<i64>().unwrap())
    };
    let (since, limit) = (
        number("startTime").unwrap_or(0),
        usize::try_from(number("limit").unwrap_or(500)).unwrap(),
    );
    if request.uri().path() == "/api/v3/time" {
        return plain(format!("{{\"serverTime\":{}}}", exchange.now_ms));
    }
    if request.uri().path() == "/fapi/v1/fundingRate" {
        let rows = exchange
            .funding
            .iter()
            .filter(|rate| rate.time_ms >= since)
            .take(limit)
            .map(|rate| {
                format!(
                    "{{\"symbol\":\"BTCUSDT\",\"fundingRate\":\"{}\",\"fundingTime\":{}}}",
                    format_e8_full(rate.rate),
                    rate.time_ms
                )
            })
            .collect::<Vec<_>>();
        return plain(format!("[{}]", rows.join(",")));
    }
    tokio::time::sleep(exchange.delay).await;
    let count = {
        let mut seen = exchange.seen.lock().unwrap();
        seen.push(request.uri().to_string());
        seen.len() - 1
    };
    let rows = exchange
        .candles
        .iter()
        .filter(|candle| candle.open_time_ms >= since)
        .take(limit.min(exchange.page))
        .map(row)
        .collect::<Vec<_>>();
    let body = format!("[{}]", rows.join(","));
    let fault = *exchange.fault.lock().unwrap();
    match fault {
        Some((first, last, fault)) if (first..=last).contains(&count) => {
            let (status, retry_after, body) = fault(body);
            let mut response = Response::builder().status(status);
            if let Some(seconds) = retry_after {
                response = response.header("retry-after", seconds);
            }
            response.body(Body::from(body)).unwrap()
        }
        _ => plain(body),
    }
}

fn plain(body: String) -> Response<Body> {
    Response::new(Body::from(body))
}

/// A row of `/api/v3/klines`: decimal strings with all their zeros.
fn row(candle: &Candle) -> String {
    let [open, high, low, close, volume] = [
        candle.open,
        candle.high,
        candle.low,
        candle.close,
        candle.volume,
    ]
    .map(format_e8_full);
    let (begin, end) = (candle.open_time_ms, candle.open_time_ms + 59_999);
    format!(
        "[{begin},\"{open}\",\"{high}\",\"{low}\",\"{close}\",\"{volume}\",{end},\"1.0\",7,\"1.0\",\"1.0\",\"0\"]"
    )
}
