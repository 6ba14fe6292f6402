//! The Binance client against hand-written answers of the right shape, good and bad.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod support;

use std::time::{Duration, Instant};

use support::{Reply, Script};
use veriregime::exchange::{Binance, Exchange, ExchangeError};
use veriregime_features::Candle;

const TIME: &str = "/api/v3/time";
const KLINES: &str = "/api/v3/klines";
const FUNDING: &str = "/fapi/v1/fundingRate";

fn clock(ms: i64) -> Reply {
    Reply::new(TIME, 200, format!("{{\"serverTime\":{ms}}}"))
}

fn row(minute: i64, close: &str) -> String {
    let (open, end) = (minute * 60_000, minute * 60_000 + 59_999);
    format!(
        "[{open},\"100.00\",\"101.50\",\"99.00000001\",\"{close}\",\"0.00000000\",{end},\"1.0\",7,\"1.0\",\"1.0\",\"0\"]"
    )
}

async fn binance(replies: Vec<Reply>, attempts: usize) -> (Binance, Script) {
    let (url, script) = Script::serve(replies).await;
    (
        Binance::at(&url, &url, Duration::from_millis(700), attempts).unwrap(),
        script,
    )
}

async fn candles(reply: Reply) -> Result<Vec<Candle>, ExchangeError> {
    let (exchange, _) = binance(vec![clock(180_000), reply], 1).await;
    exchange
        .fetch_ohlcv("BTC/USDT", "1m", Some(60_000), Some(10))
        .await
}

async fn error(reply: Reply) -> ExchangeError {
    candles(reply).await.unwrap_err()
}

#[tokio::test]
async fn fetch_ohlcv_parses_exactly_and_drops_the_open_candle() {
    let (exchange, script) = binance(
        vec![
            clock(179_999),
            Reply::new(
                KLINES,
                200,
                format!("[{},{}]", row(1, "100.5"), row(2, "100.6")),
            ),
        ],
        1,
    )
    .await;
    let got = exchange
        .fetch_ohlcv("BTC/USDT", "1m", Some(60_000), Some(10))
        .await
        .unwrap();
    let want = Candle {
        open_time_ms: 60_000,
        open: 10_000_000_000,
        high: 10_150_000_000,
        low: 9_900_000_001,
        close: 10_050_000_000,
        volume: 0,
    };
    assert_eq!(got, [want]);
    let seen = script.seen.lock().unwrap().clone();
    assert!(
        seen.contains(
            &"/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=10&startTime=60000".to_owned()
        ),
        "{seen:?}"
    );
}

#[tokio::test]
async fn fetch_funding_rate_history_is_exact_and_sorted() {
    let body = "[{\"symbol\":\"BTCUSDT\",\"fundingRate\":\"0.00010000\",\"fundingTime\":2},{\"symbol\":\"BTCUSDT\",\"fundingRate\":\"-0.0375\",\"fundingTime\":1}]";
    let (exchange, _) = binance(vec![Reply::new(FUNDING, 200, body)], 1).await;
    let got = exchange
        .fetch_funding_rate_history("BTC/USDT:USDT", None, None)
        .await
        .unwrap();
    assert_eq!(
        got.iter()
            .map(|rate| (rate.time_ms, rate.rate))
            .collect::<Vec<_>>(),
        [(1, -3_750_000), (2, 10_000)]
    );
}

#[tokio::test]
async fn statuses_become_the_errors_of_ccxt() {
    let after = Some(Duration::from_secs(7));
    let limited = error(Reply::new(KLINES, 429, "").header("retry-after", "7")).await;
    assert!(
        matches!(limited, ExchangeError::RateLimitExceeded { retry_after, .. } if retry_after == after)
    );
    let banned = error(Reply::new(KLINES, 418, "").header("retry-after", "7")).await;
    assert!(
        matches!(banned, ExchangeError::DDoSProtection { retry_after, .. } if retry_after == after)
    );
    let blocked = error(Reply::new(
        KLINES,
        451,
        "{\"code\":0,\"msg\":\"restricted\"}",
    ))
    .await;
    assert!(matches!(blocked, ExchangeError::RestrictedLocation { .. }) && !blocked.is_retryable());
    let down = error(Reply::new(KLINES, 503, "<html>")).await;
    assert!(
        matches!(
            down,
            ExchangeError::ExchangeNotAvailable { status: 503, .. }
        ) && down.is_retryable()
    );
    let moved = error(Reply::new(KLINES, 302, "").header("location", "http://127.0.0.1:1/")).await;
    assert!(
        matches!(moved, ExchangeError::BadResponse { .. }),
        "{moved}"
    );
}

#[tokio::test]
async fn error_objects_are_errors_whatever_the_status() {
    for status in [200, 400] {
        let unknown = error(Reply::new(
            KLINES,
            status,
            "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}",
        ))
        .await;
        assert!(
            matches!(unknown, ExchangeError::BadSymbol { .. }) && !unknown.is_retryable(),
            "{unknown}"
        );
        let other = error(Reply::new(
            KLINES,
            status,
            "{\"code\":-1100,\"msg\":\"Illegal characters\"}",
        ))
        .await;
        assert!(matches!(other, ExchangeError::BadRequest { .. }), "{other}");
    }
}

#[tokio::test]
async fn bodies_that_are_not_the_promised_json_are_bad_responses() {
    let whole = format!("[{}]", row(1, "100.5"));
    let cut = whole.get(..40).unwrap().to_owned();
    for body in [
        "<html><body>maintenance</body></html>".to_owned(),
        cut,
        String::new(),
        "[[1,2,3]]".into(),
        whole.replace("\"100.5\"", "100.5"),
        whole.replace("\"100.5\"", "\"1.005e2\""),
        whole.replace("\"100.5\"", "\"NaN\""),
        whole.replace("\"100.5\"", "\"100.123456789\""),
        whole.replace("\"100.5\"", "\"250\""),
        whole.replace("60000,", "60001,"),
    ] {
        let got = error(Reply::new(KLINES, 200, body.clone())).await;
        assert!(
            matches!(got, ExchangeError::BadResponse { .. }),
            "{body}: {got}"
        );
    }
}

#[tokio::test]
async fn candles_that_contradict_each_other_are_refused() {
    for body in [
        format!("[{},{}]", row(1, "100.5"), row(1, "100.5")),
        format!("[{},{}]", row(2, "100.5"), row(1, "100.5")),
        format!("[{}]", row(9, "100.5")),
    ] {
        let got = error(Reply::new(KLINES, 200, body)).await;
        assert!(matches!(got, ExchangeError::BadResponse { .. }), "{got}");
    }
}

#[tokio::test]
async fn bodies_beyond_the_cap_and_answers_beyond_the_time_limit_are_cut_off() {
    let large = error(Reply::new(KLINES, 200, " ".repeat(5 << 20))).await;
    assert!(
        matches!(&large, ExchangeError::BadResponse { reason, .. } if reason.contains("larger")),
        "{large}"
    );
    let started = Instant::now();
    let slow = error(Reply {
        delay_ms: 60_000,
        ..Reply::new(KLINES, 200, "[]")
    })
    .await;
    assert!(
        matches!(slow, ExchangeError::RequestTimeout { .. }),
        "{slow}"
    );
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn unreachable_hosts_are_network_errors() {
    let exchange = Binance::at(
        "http://127.0.0.1:1",
        "http://127.0.0.1:1",
        Duration::from_secs(1),
        1,
    )
    .unwrap();
    let got = exchange.fetch_time().await.unwrap_err();
    assert!(
        matches!(got, ExchangeError::NetworkError { .. }) && got.is_retryable(),
        "{got}"
    );
}

#[tokio::test]
async fn only_failed_operations_are_repeated() {
    let good = format!("[{}]", row(1, "100.5"));
    let (exchange, script) = binance(
        vec![
            clock(180_000),
            Reply::new(KLINES, 503, ""),
            Reply::new(KLINES, 200, good),
        ],
        3,
    )
    .await;
    assert_eq!(
        exchange
            .fetch_ohlcv("BTC/USDT", "1m", None, None)
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        script
            .seen
            .lock()
            .unwrap()
            .iter()
            .filter(|uri| uri.starts_with(KLINES))
            .count(),
        2
    );

    let refusal = Reply::new(KLINES, 400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}");
    let (exchange, script) = binance(vec![clock(180_000), refusal], 3).await;
    exchange
        .fetch_ohlcv("BTC/USDT", "1m", None, None)
        .await
        .unwrap_err();
    assert_eq!(
        script
            .seen
            .lock()
            .unwrap()
            .iter()
            .filter(|uri| uri.starts_with(KLINES))
            .count(),
        1
    );

    // A ban of an hour is the caller's to wait out, not a retry's.
    let ban = Reply::new(KLINES, 418, "").header("retry-after", "3600");
    let (exchange, script) = binance(vec![clock(180_000), ban], 3).await;
    exchange
        .fetch_ohlcv("BTC/USDT", "1m", None, None)
        .await
        .unwrap_err();
    assert_eq!(
        script
            .seen
            .lock()
            .unwrap()
            .iter()
            .filter(|uri| uri.starts_with(KLINES))
            .count(),
        1
    );
}

#[tokio::test]
async fn symbols_cannot_smuggle_anything_into_the_url() {
    let (exchange, script) = binance(vec![clock(180_000)], 1).await;
    for symbol in ["", "BTC/USDT&limit=1", "../../x", "BTC USDT"] {
        let got = exchange
            .fetch_ohlcv(symbol, "1m", None, None)
            .await
            .unwrap_err();
        assert!(
            matches!(got, ExchangeError::BadSymbol { .. }),
            "{symbol}: {got}"
        );
    }
    assert!(script.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn calls_pause_once_the_weight_budget_is_spent() {
    for (weight, pauses) in [("99", false), ("100", true)] {
        let heavy = clock(180_000).header("x-mbx-used-weight-1m", weight);
        let (exchange, _) = binance(vec![heavy], 1).await;
        let exchange = exchange.paced(100, Duration::from_millis(300));
        exchange.fetch_time().await.unwrap();
        let started = Instant::now();
        exchange.fetch_time().await.unwrap();
        assert_eq!(started.elapsed() >= Duration::from_millis(300), pauses);
    }
}
