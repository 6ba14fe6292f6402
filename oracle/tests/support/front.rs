//! A live exchange: the invented market behind a running clock, with faults to switch on.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::Response,
};
use veriregime_features::synthetic;

use super::market::Exchange;

/// Candles before now, and after it for as long as a test may take.
const PAST: i64 = 400;
const FUTURE: i64 = 60;

/// The switches.
#[derive(Clone)]
pub struct Front {
    market: String,
    client: reqwest::Client,
    /// The exchange's clock against this machine's, milliseconds.
    pub skew_ms: Arc<AtomicI64>,
    /// The latest minutes that it does not serve.
    pub withheld: Arc<AtomicI64>,
    /// Answers HTTP 503.
    pub down: Arc<AtomicBool>,
    /// Serves no funding rates.
    pub without_funding: Arc<AtomicBool>,
}

impl Front {
    /// Starts market and front; where the front answers.
    pub async fn serve() -> (String, Self) {
        let minute = now_ms() / 60_000 * 60_000;
        let start = minute - PAST * 60_000;
        let minutes = usize::try_from(PAST + FUTURE).unwrap();
        let end = minute + FUTURE * 60_000;
        let market = Exchange {
            candles: Arc::new(synthetic::candles(7, start, minutes)),
            funding: Arc::new(synthetic::funding(7, start - 86_400_000, minute)),
            now_ms: end,
            page: 1_000,
            ..Exchange::new(10)
        };
        let front = Self {
            market: market.serve().await,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            skew_ms: Arc::default(),
            withheld: Arc::default(),
            down: Arc::default(),
            without_funding: Arc::default(),
        };
        let router = Router::new().fallback(answer).with_state(front.clone());
        (super::spawn(router).await, front)
    }

    fn now_ms(&self) -> i64 {
        now_ms() + self.skew_ms.load(Ordering::SeqCst)
    }
}

async fn answer(State(front): State<Front>, request: Request) -> Response<Body> {
    if front.down.load(Ordering::SeqCst) {
        return Response::builder()
            .status(503)
            .body(Body::from("down"))
            .unwrap();
    }
    let path = request.uri().path();
    if path == "/api/v3/time" {
        return body(format!("{{\"serverTime\":{}}}", front.now_ms()));
    }
    if path == "/fapi/v1/fundingRate" && front.without_funding.load(Ordering::SeqCst) {
        return body("[]".into());
    }
    let url = format!("{}{}", front.market, request.uri());
    let text = front.client.get(url).send().await.unwrap();
    let text = text.text().await.unwrap();
    if path != "/api/v3/klines" {
        return body(text);
    }
    let withheld = front.withheld.load(Ordering::SeqCst) * 60_000;
    let mut rows: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    rows.retain(|row| row[0].as_i64().unwrap() <= front.now_ms() - withheld);
    body(serde_json::to_string(&rows).unwrap())
}

fn body(text: String) -> Response<Body> {
    Response::new(Body::from(text))
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}
