//! Whom a source asks, and when.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::Response,
};
use tokio::sync::Barrier;
use veriregime::exchange::{Exchange, Patience};

use crate::{
    scene::{Scene, expected, source, sourced, window},
    support::{
        self, Reply,
        dialect::{self, Dialect},
    },
};

#[tokio::test]
async fn funding_comes_from_the_first_that_has_it() {
    for first in [dialect::KRAKEN, dialect::COINBASE] {
        let scenes = [
            Scene::of(first),
            Scene::of(dialect::OKX),
            Scene::of(dialect::BINANCE).with(|scene| scene.funding.clear()),
        ];
        let (source, scripts) = sourced(&scenes).await;
        assert_eq!(source.exchanges(), [first.id, "okx", "binance"]);
        assert_eq!(window(&source).await.unwrap(), expected().await);
        assert_eq!(scripts[1].count("/api/v5/public/funding-rate-history"), 1);
        assert_eq!(scripts[2].count("/fapi/v1/fundingRate"), 0);
    }
}

/// Path and body of each answer.
type Replies = Arc<Vec<(String, Vec<u8>)>>;

/// Serves a scene's answers, each only after everybody has been asked as far.
async fn in_step(scene: &Scene, clocks: Arc<Barrier>, rows: Arc<Barrier>) -> Arc<dyn Exchange> {
    let replies: Arc<Vec<(String, Vec<u8>)>> = Arc::new(
        scene
            .replies()
            .into_iter()
            .map(|reply| (reply.path.to_owned(), reply.body))
            .collect(),
    );
    let router = Router::new().fallback(
        move |State(replies): State<Replies>, request: Request| async move {
            let path = request.uri().path();
            let asked = replies.iter().position(|(known, _)| known == path).unwrap();
            if asked == 0 { &clocks } else { &rows }.wait().await;
            Response::new(Body::from(replies[asked].1.clone()))
        },
    );
    let url = support::spawn(router.with_state(replies)).await;
    let patience = Patience {
        timeout: Duration::from_secs(60),
        attempts: 1,
    };
    (scene.dialect.client)(&url, patience)
}

#[tokio::test]
async fn exchanges_are_asked_at_the_same_time() {
    // Two clocks; then candles of both and funding: nobody is answered before all three are asked.
    let (clocks, rows) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(3)));
    let mut exchanges = Vec::new();
    for dialect in [dialect::BINANCE, dialect::KRAKEN] {
        exchanges.push(in_step(&Scene::of(dialect), clocks.clone(), rows.clone()).await);
    }
    let first = exchanges.remove(0);
    let source = source(first, exchanges);
    let made = tokio::time::timeout(Duration::from_secs(30), window(&source)).await;
    assert_eq!(
        made.expect("asked one after the other").unwrap(),
        expected().await
    );
}

#[tokio::test]
async fn require_market_refuses_exchanges_that_do_not_trade_it_and_forgives_those_out_of_reach() {
    let listed = |dialect: Dialect, status: &str| {
        vec![Reply::new(dialect.market, 200, (dialect.listing)(status))]
    };
    let binance = dialect::BINANCE;
    let okx = dialect::OKX;
    let (first, _) = binance.scripted(listed(binance, binance.live), 1).await;
    let (live, _) = okx.scripted(listed(okx, okx.live), 1).await;
    let (gone, _) = okx.scripted(listed(okx, okx.gone), 1).await;
    let absent = Scene::absent(dialect::KRAKEN);
    let good = source(first.clone(), vec![live, absent]);
    good.require_market().await.unwrap();
    let error = source(first, vec![gone])
        .require_market()
        .await
        .unwrap_err();
    assert_eq!(error.class(), "MarketClosed", "{error}");
}
