//! Windows held against other exchanges: who must agree on what, who may be silent, and whose clock counts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod support;

use std::{
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::Response,
};
use serde_json::{Value, json};
use support::{
    Reply, Script,
    dialect::{self, Dialect},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    sync::Barrier,
};
use veriregime::{
    attestor::{Ask, Attestor, AttestorGuard, RefusalCode},
    exchange::{CandleSource, Exchange, Patience, Silence, SourceError, SourceKind, SourcedWindow},
    key_file,
    market::Market,
    statement::OracleId,
};
use veriregime_features::{
    CANDLES, Candle, FundingRate, decimal::format_e8_full, labels::Question, synthetic,
};

/// 2025-01-02 00:10 UTC: a settlement lies within the window.
const CLOSE: u64 = 1_735_776_600;
const BOUND_BPS: u32 = 50;

fn ms(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap() * 1_000
}

/// The candles of the window that closes at `close`, and the funding rates around it.
fn series(close: u64) -> (Vec<Candle>, Vec<FundingRate>) {
    let start = ms(close) - i64::try_from(CANDLES).unwrap() * 60_000;
    (
        synthetic::candles(11, start, CANDLES),
        synthetic::funding(11, start, ms(close)),
    )
}

/// One exchange of a test and how it behaves.
#[derive(Clone)]
struct Scene {
    dialect: Dialect,
    candles: Vec<Candle>,
    funding: Vec<FundingRate>,
    now_ms: i64,
}

impl Scene {
    /// Honest at a second after the close.
    fn of(dialect: Dialect) -> Self {
        Self::at(dialect, CLOSE)
    }

    fn at(dialect: Dialect, close: u64) -> Self {
        let (candles, funding) = series(close);
        Self {
            dialect,
            candles,
            funding,
            now_ms: ms(close) + 1_000,
        }
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn rows(&self) -> Reply {
        let body = self
            .dialect
            .series(&self.candles, self.now_ms.div_euclid(1_000));
        Reply::new(self.dialect.candles, 200, body)
    }

    fn replies(&self) -> Vec<Reply> {
        let mut replies = vec![self.dialect.clock(self.now_ms), self.rows()];
        if let Some(path) = self.dialect.funding {
            replies.push(Reply::new(path, 200, self.rates()));
        }
        replies
    }

    /// Funding rates in the exchange's words.
    fn rates(&self) -> String {
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

    async fn serve(&self) -> (Arc<dyn Exchange>, Script) {
        self.dialect.scripted(self.replies(), 1).await
    }

    /// An exchange at a port where nobody listens.
    fn absent(dialect: Dialect) -> Arc<dyn Exchange> {
        let patience = Patience {
            timeout: Duration::from_secs(2),
            attempts: 1,
        };
        (dialect.client)("http://127.0.0.1:1", patience)
    }
}

fn source(first: Arc<dyn Exchange>, checks: Vec<Arc<dyn Exchange>>) -> CandleSource {
    CandleSource::of(SourceKind::Exchange, first, Market::btc_usdt_minutes())
        .checked_by(checks, BOUND_BPS)
        .unwrap()
}

/// The source of these scenes, the first of which makes the window, and their scripts.
async fn sourced(scenes: &[Scene]) -> (CandleSource, Vec<Script>) {
    let (mut exchanges, mut scripts) = (Vec::new(), Vec::new());
    for scene in scenes {
        let (exchange, script) = scene.serve().await;
        exchanges.push(exchange);
        scripts.push(script);
    }
    let first = exchanges.remove(0);
    (source(first, exchanges), scripts)
}

async fn window(source: &CandleSource) -> Result<SourcedWindow, SourceError> {
    source.sourced_window(CLOSE, &support::scale()).await
}

async fn window_of(scenes: &[Scene]) -> Result<SourcedWindow, SourceError> {
    window(&sourced(scenes).await.0).await
}

/// The window as the candles make it, without any exchange.
async fn expected() -> SourcedWindow {
    let (candles, funding) = series(CLOSE);
    let file = veriregime::exchange::FileExchange::of(candles, funding);
    let source = CandleSource::of(SourceKind::File, Arc::new(file), Market::btc_usdt_minutes());
    window(&source).await.unwrap()
}

/// Moves a close by basis points, the candle staying possible.
fn nudge(candle: &mut Candle, bps: i64) {
    scale(candle, 10_000 + bps, 10_000);
}

fn scale(candle: &mut Candle, by: i64, of: i64) {
    for price in [
        &mut candle.open,
        &mut candle.high,
        &mut candle.low,
        &mut candle.close,
    ] {
        *price = *price / of * by;
    }
}

#[tokio::test]
async fn agreeing_exchanges_confirm_the_window_of_the_first_with_one_call_each() {
    for checks in [
        vec![dialect::KRAKEN],
        vec![dialect::COINBASE],
        vec![dialect::OKX],
        vec![dialect::KRAKEN, dialect::COINBASE, dialect::OKX],
    ] {
        let mut scenes = vec![Scene::of(dialect::BINANCE)];
        scenes.extend(checks.into_iter().map(|dialect| {
            Scene::of(dialect).with(|scene| {
                for candle in &mut scene.candles {
                    nudge(candle, 40);
                    candle.volume /= 3;
                }
            })
        }));
        let (source, scripts) = sourced(&scenes).await;
        assert_eq!(window(&source).await.unwrap(), expected().await);
        for (scene, script) in scenes.iter().zip(&scripts) {
            let id = scene.dialect.id;
            assert_eq!(script.count(scene.dialect.time), 1, "{id}");
            assert_eq!(script.count(scene.dialect.candles), 1, "{id}");
        }
        assert_eq!(scripts[0].count("/fapi/v1/fundingRate"), 1);
        assert_eq!(scripts[0].seen.lock().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn any_close_beyond_the_bound_refuses_the_window_and_names_both() {
    let last = CANDLES - 1;
    for check in [dialect::KRAKEN, dialect::COINBASE, dialect::OKX] {
        for (at, bps) in [(last, 51), (last, -51), (0, 60), (150, -60)] {
            let scenes = [
                Scene::of(dialect::BINANCE),
                Scene::of(check).with(|scene| nudge(&mut scene.candles[at], bps)),
            ];
            let error = window_of(&scenes).await.unwrap_err();
            let SourceError::Disagreement(found) = &error else {
                panic!("{error}");
            };
            assert_eq!((found.first, found.second), ("binance", check.id));
            assert_eq!(found.close_time, CLOSE - (last - at) as u64 * 60);
            assert_eq!(found.first_close, scenes[0].candles[at].close);
            assert_eq!(found.second_close, scenes[1].candles[at].close);
            assert_eq!((found.bound_bps, found.minutes), (BOUND_BPS, 1));
            assert!(found.difference_bps > 50 && found.difference_bps < 65);
            assert!(!error.is_retryable());
        }
    }
}

#[tokio::test]
async fn spike_of_one_candle_is_caught_whichever_exchange_has_it() {
    for (at, of) in [(10, 0), (150, 1), (CANDLES - 1, 0), (CANDLES - 1, 1)] {
        for factor in [(10, 1), (1, 10)] {
            let mut scenes = [Scene::of(dialect::BINANCE), Scene::of(dialect::KRAKEN)];
            scale(&mut scenes[of].candles[at], factor.0, factor.1);
            let error = window_of(&scenes).await.unwrap_err();
            let SourceError::Disagreement(found) = &error else {
                panic!("{error}");
            };
            assert!(found.difference_bps > 80_000, "{found:?}");
        }
    }
}

#[tokio::test]
async fn one_disagreement_outweighs_any_agreement() {
    let scenes = [
        Scene::of(dialect::BINANCE),
        Scene::of(dialect::COINBASE),
        Scene::of(dialect::OKX).with(|scene| nudge(&mut scene.candles[299], 100)),
        Scene::of(dialect::KRAKEN),
    ];
    let error = window_of(&scenes).await.unwrap_err();
    assert!(
        matches!(&error, SourceError::Disagreement(found) if found.second == "okx"),
        "{error}"
    );
}

#[tokio::test]
async fn minutes_without_trades_are_passed_over_but_the_last_close_is_needed() {
    let quiet = |minutes: &'static [usize]| {
        Scene::of(dialect::COINBASE).with(move |scene| {
            for minute in minutes.iter().rev() {
                scene.candles.remove(*minute);
            }
        })
    };
    let first = Scene::of(dialect::BINANCE);
    let scenes = [first.clone(), quiet(&[0, 1, 2, 100, 200, 298])];
    assert_eq!(window_of(&scenes).await.unwrap(), expected().await);

    let error = window_of(&[first.clone(), quiet(&[299])])
        .await
        .unwrap_err();
    let SourceError::Unchecked { silent, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(
        silent[0].silence,
        Silence::LastCandle {
            close_time: CLOSE,
            newest: Some(CLOSE - 60)
        }
    );
    assert!(error.is_retryable(), "it may be about to publish it");

    // Another exchange that has it is enough.
    let scenes = [first, quiet(&[299]), Scene::of(dialect::KRAKEN)];
    assert_eq!(window_of(&scenes).await.unwrap(), expected().await);
}

#[tokio::test]
async fn a_window_that_nobody_confirms_is_refused_with_every_reason() {
    let (first, _) = Scene::of(dialect::BINANCE).serve().await;
    let (gone, _) = dialect::COINBASE
        .scripted(vec![Reply::new(dialect::COINBASE.time, 451, "")], 1)
        .await;
    let absent = Scene::absent(dialect::KRAKEN);
    let error = window(&source(first.clone(), vec![absent.clone(), gone.clone()]))
        .await
        .unwrap_err();
    let SourceError::Unchecked { close_time, silent } = &error else {
        panic!("{error}");
    };
    assert_eq!((*close_time, silent.len()), (CLOSE, 2));
    let words = error.to_string();
    for part in [
        "kraken: network error",
        "coinbase: this location is refused",
    ] {
        assert!(words.contains(part), "{words}");
    }
    assert!(error.is_retryable(), "kraken may come back");

    let error = window(&source(first.clone(), vec![gone.clone()]))
        .await
        .unwrap_err();
    assert!(!error.is_retryable(), "coinbase will not serve this place");

    // One that answers confirms for all.
    let (okx, _) = Scene::of(dialect::OKX).serve().await;
    let source = source(first, vec![absent, gone, okx]);
    assert_eq!(window(&source).await.unwrap(), expected().await);
}

#[tokio::test]
async fn a_check_that_answers_too_late_does_not_count_and_does_not_hold_the_window_up() {
    let (first, _) = Scene::of(dialect::BINANCE).serve().await;
    let slow = |dialect: Dialect| async move {
        let clock = Reply {
            delay_ms: 600_000,
            ..dialect.clock(ms(CLOSE))
        };
        let (url, _) = Script::serve(vec![clock]).await;
        let patience = Patience {
            timeout: Duration::from_secs(300),
            attempts: 1,
        };
        (dialect.client)(&url, patience)
    };
    let kraken = slow(dialect::KRAKEN).await;
    let error = tokio::time::timeout(
        Duration::from_secs(60),
        window(&source(first.clone(), vec![kraken.clone()])),
    )
    .await
    .expect("checks have a time limit")
    .unwrap_err();
    assert!(
        matches!(&error, SourceError::Unchecked { silent, .. } if silent[0].silence == Silence::Slow),
        "{error}"
    );
    assert!(error.is_retryable());

    let (okx, _) = Scene::of(dialect::OKX).serve().await;
    assert!(window(&source(first, vec![kraken, okx])).await.is_ok());
}

#[tokio::test]
async fn failure_of_the_first_is_told_at_once() {
    let error = window(&source(
        Scene::absent(dialect::BINANCE),
        vec![Scene::of(dialect::KRAKEN).serve().await.0],
    ))
    .await
    .unwrap_err();
    assert!(
        matches!(&error, SourceError::Exchange(_)) && error.is_retryable(),
        "{error}"
    );
    assert_eq!(error.class(), "NetworkError");
}

#[tokio::test]
async fn impossible_candles_of_either_exchange_make_no_window() {
    let broken = |dialect| {
        Scene::of(dialect).with(|scene| scene.candles[200].high = scene.candles[200].low - 1)
    };
    let error = window_of(&[broken(dialect::BINANCE), Scene::of(dialect::KRAKEN)])
        .await
        .unwrap_err();
    assert_eq!(error.class(), "BadResponse", "{error}");
    let error = window_of(&[Scene::of(dialect::BINANCE), broken(dialect::KRAKEN)])
        .await
        .unwrap_err();
    assert_eq!(error.class(), "Unchecked", "{error}");
    assert!(error.to_string().contains("high is below the low"));
}

#[tokio::test]
async fn clocks_of_two_exchanges_five_minutes_apart_confirm_nothing() {
    let at = |skew_ms: i64| Scene::of(dialect::KRAKEN).with(|scene| scene.now_ms += skew_ms);
    let first = Scene::of(dialect::BINANCE);
    for skew_ms in [-300_000, -32_000, 32_000, 300_000] {
        let error = window_of(&[first.clone(), at(skew_ms)]).await.unwrap_err();
        let SourceError::Unchecked { silent, .. } = &error else {
            panic!("{error}");
        };
        assert!(
            matches!(&silent[0].silence, Silence::Clock(skew) if (skew.first, skew.second) == ("binance", "kraken")),
            "{error}"
        );
        assert!(!error.is_retryable());

        // A third exchange whose clock is the first's confirms the window.
        let scenes = [first.clone(), at(skew_ms), Scene::of(dialect::OKX)];
        assert_eq!(window_of(&scenes).await.unwrap(), expected().await);
    }
    assert!(window_of(&[first.clone(), at(25_000)]).await.is_ok());

    // A few seconds behind, the check may not know the candle as closed yet: worth another look.
    let error = window_of(&[first, at(-5_000)]).await.unwrap_err();
    assert!(
        matches!(&error, SourceError::Unchecked { silent, .. } if matches!(silent[0].silence, Silence::NotClosed { .. })),
        "{error}"
    );
    assert!(error.is_retryable());
}

#[tokio::test]
async fn an_unconfirmed_clock_ahead_of_this_machines_makes_no_window() {
    let machine = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let close = machine / 60 * 60;
    let at = |dialect, skew_ms: i64| {
        Scene::at(dialect, close).with(|scene| scene.now_ms = ms(machine) + skew_ms)
    };
    let made = |scenes: Vec<Scene>| async move {
        let (source, _) = sourced(&scenes).await;
        source.sourced_window(close, &support::scale()).await
    };
    let error = made(vec![at(dialect::BINANCE, 300_000)]).await.unwrap_err();
    let SourceError::ClockSkew(skew) = &error else {
        panic!("{error}");
    };
    assert_eq!((skew.first, skew.second), ("binance", "this machine"));
    assert!(error.to_string().contains("NTP") && !error.is_retryable());

    // Behind, it only makes the node wait; and two exchanges that agree outvote this machine.
    assert!(made(vec![at(dialect::BINANCE, 5_000)]).await.is_ok());
    let both = vec![at(dialect::BINANCE, 300_000), at(dialect::OKX, 300_000)];
    assert!(made(both).await.is_ok());
    assert!(
        window_of(&[Scene::of(dialect::BINANCE)]).await.is_ok(),
        "a year behind"
    );
}

#[tokio::test]
async fn a_candle_that_is_published_late_is_a_retryable_error_and_then_a_window() {
    let whole = Scene::of(dialect::BINANCE);
    let late = whole
        .clone()
        .with(|scene| scene.candles.truncate(CANDLES - 1));
    // Each look asks once more for the missing minute.
    let empty = || Reply::new(dialect::BINANCE.candles, 200, "[]");
    let looks = |count| {
        let mut replies = late.replies();
        replies.push(empty());
        replies.extend((1..count).flat_map(|_| [late.rows(), empty()]));
        replies
    };
    let looked = |replies| async move {
        let (exchange, script) = dialect::BINANCE.scripted(replies, 1).await;
        (source(exchange, vec![]), script)
    };
    let error = window(&looked(looks(1)).await.0).await.unwrap_err();
    assert!(
        matches!(&error, SourceError::Late { exchange: "binance", close_time: CLOSE, newest: Some(newest) } if *newest == CLOSE - 60),
        "{error}"
    );
    assert!(error.is_retryable());

    // Published at the third look.
    let mut replies = looks(2);
    replies.push(whole.rows());
    let (source, script) = looked(replies).await;
    let window = source
        .window_within(CLOSE, &support::scale(), Duration::from_secs(30))
        .await
        .unwrap();
    assert_eq!(window, expected().await.window);
    assert_eq!(script.count(dialect::BINANCE.time), 3);

    // Never published: the last attempt's error, after the patience.
    let (source, _) = looked(looks(20)).await;
    let started = Instant::now();
    let error = source
        .window_within(CLOSE, &support::scale(), Duration::from_secs(1))
        .await
        .unwrap_err();
    assert_eq!(error.class(), "Late");
    assert!(started.elapsed() >= Duration::from_millis(750));
}

#[tokio::test]
async fn window_within_does_not_wait_where_waiting_cannot_help() {
    let scale = support::scale();
    let hour = Duration::from_secs(3_600);
    let guard = Duration::from_secs(60);
    let (source, scripts) = sourced(&[
        Scene::of(dialect::BINANCE),
        Scene::of(dialect::KRAKEN).with(|scene| nudge(&mut scene.candles[7], 100)),
    ])
    .await;
    for (close_time, class) in [
        (CLOSE, "Disagreement"),
        (CLOSE + 1, "OffGrid"),
        (CLOSE + 7_200, "NotClosed"),
        (u64::MAX / 60 * 60, "NotClosed"),
    ] {
        let made = tokio::time::timeout(guard, source.window_within(close_time, &scale, hour));
        let error = made.await.expect("no waiting").unwrap_err();
        assert_eq!(error.class(), class, "{error}");
    }
    assert_eq!(
        scripts[0].count(dialect::BINANCE.time),
        3,
        "once each, none off the grid"
    );
}

#[tokio::test]
async fn gaps_and_windows_shifted_by_a_minute_are_not_taken_for_the_window() {
    let first = Scene::of(dialect::BINANCE);
    for gap in [0, 150, 298] {
        let scene = first.clone().with(|scene| {
            scene.candles.remove(gap);
        });
        let error = window_of(&[scene]).await.unwrap_err();
        assert!(
            matches!(
                error,
                SourceError::Missing {
                    got: 299,
                    want: 300,
                    ..
                }
            ),
            "{error}"
        );
    }
    // An exchange that ignores the times asked for, and answers with as many candles of other minutes.
    for minutes in [-1, 1] {
        let scene = first.clone().with(|scene| {
            for candle in &mut scene.candles {
                candle.open_time_ms += minutes * 60_000;
            }
            scene.now_ms += 120_000;
        });
        let error = window_of(&[scene]).await.unwrap_err();
        assert!(
            ["BadResponse", "Missing"].contains(&error.class()),
            "{error}"
        );
    }
}

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

#[tokio::test]
async fn attestors_sign_nothing_while_their_exchanges_disagree() {
    let folder = tempfile::tempdir().unwrap();
    let attestor = |source| {
        let guard = AttestorGuard::open(&folder.path().join("guard.sqlite")).unwrap();
        let oracle = OracleId {
            chain_id: 31_337,
            address: Address::repeat_byte(0xaa),
        };
        let key = PrivateKeySigner::random();
        Attestor::new(source, support::scale(), oracle, key, guard)
    };
    let ask = Ask {
        symbol: "BTC/USDT".into(),
        timeframe: 60,
        close_time: CLOSE,
    };
    let spike = Scene::of(dialect::KRAKEN).with(|scene| scale(&mut scene.candles[299], 10, 1));
    let (source, _) = sourced(&[Scene::of(dialect::BINANCE), spike]).await;
    let refusal = attestor(source).attest(&ask).await.unwrap_err();
    assert_eq!(refusal.code, RefusalCode::SourcesDisagree);
    assert!(refusal.reason.contains("binance and kraken"), "{refusal}");

    let (source, _) = sourced(&[Scene::of(dialect::BINANCE), Scene::of(dialect::KRAKEN)]).await;
    attestor(source).attest(&ask).await.unwrap();
}

/// `veriregime attest` as an operator starts it, with the exchanges of the command line.
struct Node {
    url: String,
    _child: tokio::process::Child,
    _folder: tempfile::TempDir,
}

async fn node(exchanges: &[(&str, &str)]) -> Node {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    key_file::write_secret(&file("password"), "correct horse").unwrap();
    key_file::create(&file("key"), &file("password")).unwrap();
    let model = support::write_model(folder.path(), "small", Question::Signal);
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_veriregime"));
    command
        .env_clear()
        .args(["attest", "--listen", "127.0.0.1:0", "--chain-id", "31337"])
        .args(["--oracle", "0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"])
        .arg("--key")
        .arg(file("key"))
        .arg("--password-file")
        .arg(file("password"))
        .arg("--store")
        .arg(file("store.sqlite"))
        .arg("--model")
        .arg(model);
    for (name, url) in exchanges {
        command.args(["--exchange", name]);
        command.arg("--exchange-url").arg(format!("{name}={url}"));
    }
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .await
        .unwrap();
    let first: Value = serde_json::from_str(&line).expect("the first line");
    assert_eq!(first["source"], "exchange");
    Node {
        url: first["url"].as_str().unwrap().into(),
        _child: child,
        _folder: folder,
    }
}

async fn asked(node: &Node) -> Value {
    let ask = json!({ "symbol": "BTC/USDT", "timeframe": 60, "close_time": CLOSE });
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client
        .post(format!("{}/attest", node.url))
        .json(&ask)
        .send()
        .await
        .unwrap();
    answer.json().await.unwrap()
}

#[tokio::test]
async fn attest_command_takes_its_exchanges_from_the_command_line() {
    let serve = |scene: Scene| async move {
        let dialect = scene.dialect;
        let mut replies = scene.replies();
        let listing = (dialect.listing)(dialect.live);
        replies.push(Reply::new(dialect.market, 200, listing));
        Script::serve(replies).await.0
    };
    let binance = serve(Scene::of(dialect::BINANCE)).await;
    let kraken = serve(Scene::of(dialect::KRAKEN)).await;
    let liar = Scene::of(dialect::COINBASE).with(|scene| nudge(&mut scene.candles[299], 80));
    let coinbase = serve(liar).await;

    let honest = node(&[("binance", &binance), ("kraken", &kraken)]).await;
    let answer = asked(&honest).await;
    let close = expected().await.window.last_close;
    assert_eq!(answer["last_close_e8"], close, "{answer}");

    let torn = node(&[
        ("binance", &binance),
        ("kraken", &kraken),
        ("coinbase", &coinbase),
    ])
    .await;
    let answer = asked(&torn).await;
    assert_eq!(answer["code"], "sources_disagree", "{answer}");
}

#[test]
fn attest_command_refuses_exchanges_that_make_no_sense() {
    for (arguments, words) in [
        (vec!["--exchange", "bybit"], "no source of candles"),
        (
            vec!["--exchange", "binance", "--source", "file"],
            "cannot be used with",
        ),
        (
            vec!["--exchange-url", "okx=http://127.0.0.1:1"],
            "--exchange <NAME>",
        ),
    ] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_veriregime"))
            .env_clear()
            .args(["prove", "--model", "nowhere"])
            .args(&arguments)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}
