//! The replayed exchange and its faults, met by the node's own client.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

use std::{sync::Arc, time::Duration};

use veriregime::{
    exchange::{Binance, CandleSource, Exchange, ExchangeError, SourceKind},
    market::Market as Pair,
};
use veriregime_features::{CANDLES, candle::MINUTE_MS};
use veriregime_testbed::{
    FIRST_CLOSE,
    clock::Clock,
    exchange::{Market, Replay, calls},
    front::{Chance, Fault, Front},
};

const SECOND: Duration = Duration::from_secs(1);

struct Scene {
    clock: Clock,
    market: Market,
    front: Front<Replay>,
}

impl Scene {
    async fn at(seconds: u64) -> Self {
        let clock = Clock::standing_at(seconds);
        let market = Market::invented(FIRST_CLOSE, FIRST_CLOSE + 3_600, 5);
        let front = Front::start(Replay::new(market.clone(), clock.clone()))
            .await
            .unwrap();
        Self {
            clock,
            market,
            front,
        }
    }

    /// One attempt, no patience.
    fn client(&self) -> Binance {
        Binance::at(&self.front.url, &self.front.url, SECOND, 1).unwrap()
    }

    async fn candles(&self) -> Result<usize, ExchangeError> {
        let since = i64::try_from(FIRST_CLOSE).unwrap() * 1_000 - CANDLES as i64 * MINUTE_MS;
        let candles = self
            .client()
            .fetch_ohlcv("BTC/USDT", "1m", Some(since), Some(1_000))
            .await?;
        Ok(candles.len())
    }
}

#[tokio::test]
async fn window_of_the_replayed_market_is_that_of_the_file() {
    let scene = Scene::at(FIRST_CLOSE + 1).await;
    let models = concat!(env!("CARGO_MANIFEST_DIR"), "/../models");
    let model = veriregime::model::Model::only(models.as_ref()).unwrap();
    let pair = Pair::btc_usdt_minutes;
    let kind = SourceKind::Exchange;
    let replayed = CandleSource::of(kind, Arc::new(scene.client()), pair());
    let recorded = CandleSource::of(SourceKind::File, Arc::new(scene.market.file()), pair());
    let scale = model.manifest.scale;
    assert_eq!(
        replayed.window(FIRST_CLOSE, &scale).await.unwrap(),
        recorded.window(FIRST_CLOSE, &scale).await.unwrap()
    );
    // What is not closed yet is not there, however often it is asked for.
    assert!(replayed.window(FIRST_CLOSE + 60, &scale).await.is_err());
    scene.clock.advance_to(FIRST_CLOSE + 60);
    replayed.window(FIRST_CLOSE + 60, &scale).await.unwrap();
    // A forged market has the same times and another window.
    scene.front.service.play(scene.market.forged(1));
    let forged = replayed.window(FIRST_CLOSE, &scale).await.unwrap();
    assert_ne!(forged, recorded.window(FIRST_CLOSE, &scale).await.unwrap());
}

#[tokio::test]
async fn the_open_candle_is_served_half_made_and_dropped_by_the_client() {
    let scene = Scene::at(FIRST_CLOSE + 30).await;
    let url = format!(
        "{}{}?symbol=BTCUSDT&interval=1m&limit=1",
        scene.front.url,
        calls::CANDLES
    );
    let rows: serde_json::Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    let open = i64::try_from(FIRST_CLOSE).unwrap() * 1_000;
    assert_eq!(rows[0][0], open);
    assert_eq!(rows[0][1], rows[0][4], "an open candle has no close yet");
    assert_eq!(scene.candles().await.unwrap(), CANDLES);
}

#[tokio::test]
async fn every_fault_reaches_the_client_as_what_it_is() {
    let scene = Scene::at(FIRST_CLOSE + 1).await;
    let rules = &scene.front.rules;
    let meet = async |fault: Fault| {
        rules.script(calls::CANDLES, 0, 1, fault);
        scene.candles().await.unwrap_err()
    };
    let limited = meet(Fault::refused(429, 7)).await;
    assert!(
        matches!(limited, ExchangeError::RateLimitExceeded { .. }),
        "{limited}"
    );
    assert_eq!(limited.retry_after(), Some(7 * SECOND));
    let banned = meet(Fault::refused(418, 7)).await;
    assert!(
        matches!(banned, ExchangeError::DDoSProtection { .. }),
        "{banned}"
    );
    let down = meet(Fault::page(503)).await;
    assert!(
        matches!(
            down,
            ExchangeError::ExchangeNotAvailable { status: 503, .. }
        ),
        "{down}"
    );
    for odd in [meet(Fault::page(200)).await, meet(Fault::Cut).await] {
        assert!(matches!(odd, ExchangeError::BadResponse { .. }), "{odd}");
    }
    for lost in [meet(Fault::HangUp).await, meet(Fault::LoseAnswer).await] {
        assert!(matches!(lost, ExchangeError::NetworkError { .. }), "{lost}");
    }
    let slow = meet(Fault::Late(3 * SECOND)).await;
    assert!(
        matches!(slow, ExchangeError::RequestTimeout { .. }),
        "{slow}"
    );
    // And afterwards the sky is clear.
    assert_eq!(scene.candles().await.unwrap(), CANDLES);
}

#[tokio::test]
async fn calls_can_be_waited_for_and_let_go() {
    let scene = Scene::at(FIRST_CLOSE + 1).await;
    scene.front.rules.always(calls::CANDLES, Fault::Hold);
    let client = scene.client();
    let asked = tokio::spawn(async move { client.fetch_ohlcv("BTC/USDT", "1m", None, None).await });
    scene.front.rules.held(calls::CANDLES).await;
    assert!(!asked.is_finished());
    scene.front.rules.lift();
    assert!(asked.await.unwrap().is_ok());
}

#[tokio::test]
async fn chance_strikes_by_name_and_is_counted() {
    let scene = Scene::at(FIRST_CLOSE + 1).await;
    let chance = Chance::new(3).with(calls::CANDLES, 1_000, Fault::page(503));
    scene.front.rules.chance(Some(chance));
    assert!(scene.candles().await.is_err());
    assert!(scene.client().fetch_time().await.is_ok());
    assert_eq!(
        scene.front.rules.struck().into_iter().collect::<Vec<_>>(),
        [("html", 1)]
    );
    scene.front.rules.chance(None);
    assert!(scene.candles().await.is_ok());
}
