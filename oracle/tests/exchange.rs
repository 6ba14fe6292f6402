//! Every exchange's client against hand-written answers of the right shape, good and bad: one table for all of them, and what
//! only one exchange does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod support;

use std::{
    io::Write,
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use flate2::{Compression, write::GzEncoder};
use futures_util::future::join_all;
use support::{
    Reply, Script,
    dialect::{self, Dialect, Row},
    hostile,
};
use veriregime::exchange::{Binance, Exchange, ExchangeError, Patience};
use veriregime_features::Candle;

/// The exchange's clock: minutes 1 and 2 are closed, minute 3 is open.
const NOW_MS: i64 = 180_000;
const NOW: i64 = NOW_MS / 1_000;
const ONCE: usize = 1;

async fn candles(
    exchange: &dyn Exchange,
    since: Option<i64>,
) -> Result<Vec<Candle>, ExchangeError> {
    exchange
        .fetch_ohlcv("BTC/USDT", "1m", since, Some(10))
        .await
}

/// What the client makes of one answer to a request for candles.
async fn got(dialect: &Dialect, reply: Reply) -> Result<Vec<Candle>, ExchangeError> {
    let (exchange, _) = dialect
        .scripted(vec![dialect.clock(NOW_MS), reply], ONCE)
        .await;
    candles(&*exchange, Some(60_000)).await
}

async fn got_body(dialect: &Dialect, body: String) -> Result<Vec<Candle>, ExchangeError> {
    got(dialect, Reply::new(dialect.candles, 200, body)).await
}

async fn refused(dialect: &Dialect, what: &str, body: String) -> ExchangeError {
    match got_body(dialect, body.clone()).await {
        Err(error) => error,
        Ok(candles) => panic!("{}, {what}: accepted {body} as {candles:?}", dialect.id),
    }
}

fn brief() -> Patience {
    Patience {
        timeout: Duration::from_millis(700),
        attempts: 1,
    }
}

#[tokio::test]
async fn fetch_ohlcv_is_exact_and_leaves_the_open_candle_out() {
    for dialect in dialect::ALL {
        let rows = [dialect.row(1), dialect.row(2), dialect.row(3)];
        let candles = got_body(&dialect, dialect.body(&rows, NOW)).await.unwrap();
        let want = Candle {
            open_time_ms: 60_000,
            open: 10_000_000_000,
            high: 10_150_000_000,
            low: 9_900_000_001,
            close: 10_050_000_000,
            volume: 25_000_000,
        };
        let second = Candle {
            open_time_ms: 120_000,
            ..want
        };
        assert_eq!(candles, [want, second], "{}", dialect.id);

        // The clock alone leaves it out, too, whatever the answer says about itself.
        let marked_closed = dialect.body(&rows, i64::MAX);
        let candles = got_body(&dialect, marked_closed).await.unwrap();
        assert_eq!(candles, [want, second], "{}", dialect.id);
    }
}

#[tokio::test]
async fn candles_that_the_exchange_marks_as_open_are_left_out_whatever_the_clock_says() {
    for dialect in dialect::ALL.iter().filter(|dialect| dialect.marks_closed) {
        let rows = [dialect.row(1), dialect.row(2)];
        let candles = got_body(dialect, dialect.body(&rows, 120)).await.unwrap();
        assert_eq!(candles.len(), 1, "{}", dialect.id);
        assert_eq!(candles[0].open_time_ms, 60_000, "{}", dialect.id);
    }
}

#[tokio::test]
async fn requests_name_the_market_and_the_minutes() {
    let since = 1_735_689_600_000;
    for (dialect, want) in [
        (
            dialect::BINANCE,
            "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=10&startTime=1735689600000",
        ),
        (
            dialect::KRAKEN,
            "/0/public/OHLC?pair=XBTUSDT&interval=1&since=1735689540",
        ),
        (
            dialect::COINBASE,
            "/products/BTC-USDT/candles?granularity=60&start=2025-01-01T00:00:00Z&end=2025-01-01T00:09:00Z",
        ),
        (
            dialect::OKX,
            "/api/v5/market/candles?instId=BTC-USDT&bar=1m&limit=10&before=1735689599999&after=1735690200000",
        ),
    ] {
        let empty = Reply::new(dialect.candles, 200, dialect.body(&[], NOW));
        let clock = dialect.clock(since + 3_600_000);
        let (exchange, script) = dialect.scripted(vec![clock, empty], ONCE).await;
        assert_eq!(candles(&*exchange, Some(since)).await, Ok(vec![]));
        let seen = script.seen.lock().unwrap().clone();
        assert_eq!(seen, [dialect.time, want], "{}", dialect.id);
    }
}

#[tokio::test]
async fn rows_before_the_first_one_asked_for_are_left_out_where_that_is_the_exchanges_way() {
    for dialect in dialect::ALL {
        let rows = [dialect.row(0), dialect.row(1), dialect.row(2)];
        let got = got_body(&dialect, dialect.body(&rows, NOW)).await;
        if dialect.sends_earlier {
            let candles = got.unwrap();
            assert_eq!(candles.len(), 2, "{}", dialect.id);
            assert_eq!(candles[0].open_time_ms, 60_000, "{}", dialect.id);
        } else {
            let error = got.unwrap_err();
            assert!(error.to_string().contains("got one of 0 ms"), "{error}");
        }
    }
}

/// A fault, as a change to the first of two rows.
type Fault = (&'static str, fn(&Dialect, &mut Row), &'static str);

const FAULTS: &[Fault] = &[
    (
        "off the grid",
        |_, row| row.open_time += 1,
        "whole UTC minute",
    ),
    (
        "before 1970",
        |_, row| row.open_time = -60,
        "whole UTC minute",
    ),
    ("duplicate", |_, row| row.open_time += 60, "does not follow"),
    (
        "out of order",
        |_, row| row.open_time += 120,
        "does not follow",
    ),
    (
        "high below low",
        |d, row| row.high = d.token("99"),
        "high is below the low",
    ),
    (
        "open above high",
        |d, row| row.open = d.token("102"),
        "open is outside",
    ),
    (
        "close below low",
        |d, row| row.close = d.token("98"),
        "close is outside",
    ),
    (
        "spike in the close alone",
        |d, row| row.close = d.token("1005"),
        "close is outside",
    ),
    (
        "price of zero",
        |d, row| row.low = d.token("0"),
        "zero or negative",
    ),
    (
        "negative price",
        |d, row| row.low = d.token("-99"),
        "zero or negative",
    ),
    (
        "price beyond all",
        |d, row| row.high = d.token("1000000001"),
        "largest accepted",
    ),
    (
        "negative volume",
        |d, row| row.volume = d.token("-0.25"),
        "negative volume",
    ),
    (
        "nine decimals",
        |d, row| row.low = d.token("99.000000001"),
        "eight decimals",
    ),
    (
        "more digits than fit",
        |d, row| row.high = d.token("99999999999999999999"),
        "too large",
    ),
    (
        "number in the other type",
        |d, row| row.close = d.foreign("100.5"),
        "not the promised",
    ),
    (
        "words",
        |_, row| row.close = "\"NaN\"".into(),
        "not the promised",
    ),
    (
        "empty string",
        |_, row| row.close = "\"\"".into(),
        "not the promised",
    ),
    (
        "null",
        |_, row| row.close = "null".into(),
        "not the promised",
    ),
    (
        "truth",
        |_, row| row.close = "true".into(),
        "not the promised",
    ),
    (
        "list",
        |_, row| row.close = "[100.5]".into(),
        "not the promised",
    ),
    (
        "exponent beyond all",
        |d, row| row.close = d.token("1e400"),
        "not the promised",
    ),
    (
        "exponent below all",
        |d, row| row.volume = d.token("1e-400"),
        "not the promised",
    ),
    (
        "grouped digits",
        |d, row| row.close = d.token("1,005"),
        "not the promised",
    ),
    (
        "number of the language, not of JSON",
        |_, row| row.close = "NaN".into(),
        "not the promised",
    ),
];

#[tokio::test]
async fn impossible_candles_are_refused_with_the_reason() {
    for dialect in &dialect::ALL {
        let checks = FAULTS.iter().map(|(what, fault, words)| async move {
            let mut rows = [dialect.row(1), dialect.row(2)];
            let whole = got_body(dialect, dialect.body(&rows, NOW)).await;
            assert_eq!(whole.map(|candles| candles.len()), Ok(2));
            fault(dialect, &mut rows[0]);
            let error = refused(dialect, what, dialect.body(&rows, i64::MAX)).await;
            assert!(
                matches!(&error, ExchangeError::BadResponse { reason, .. } if reason.contains(words)),
                "{}, {what}: {error}",
                dialect.id
            );
        });
        join_all(checks).await;
    }
}

#[tokio::test]
async fn candles_of_the_future_are_refused() {
    for dialect in &dialect::ALL {
        // A clock five minutes behind makes every new candle one of the future.
        let rows = [dialect.row(1), dialect.row(8)];
        let error = refused(dialect, "future", dialect.body(&rows, i64::MAX)).await;
        assert!(
            matches!(&error, ExchangeError::BadResponse { reason, .. } if reason.contains("after the exchange's clock")),
            "{}: {error}",
            dialect.id
        );
    }
}

#[tokio::test]
async fn flat_minutes_and_missing_ones_are_no_faults_of_a_client() {
    for dialect in &dialect::ALL {
        let mut flat = dialect.row(1);
        flat.volume = dialect.token("0");
        for value in [&mut flat.open, &mut flat.high, &mut flat.low] {
            *value = flat.close.clone();
        }
        let rows = [flat, dialect.row(4)];
        let replies = vec![
            dialect.clock(600_000),
            Reply::new(dialect.candles, 200, dialect.body(&rows, 600)),
        ];
        let (exchange, _) = dialect.scripted(replies, ONCE).await;
        let candles = candles(&*exchange, Some(60_000)).await.unwrap();
        assert_eq!(candles.len(), 2, "{}", dialect.id);
        assert_eq!((candles[0].volume, candles[0].high), (0, candles[0].close));
    }
}

#[tokio::test]
async fn exponents_are_read_exactly_where_numbers_are_json_numbers_and_refused_where_they_are_strings()
 {
    for dialect in &dialect::ALL {
        for spelling in ["1.005e2", "1.005E+2", "10050e-2", "1005.0E-1"] {
            let mut row = dialect.row(1);
            row.close = dialect.token(spelling);
            let body = dialect.body(&[row], NOW);
            if dialect.quoted {
                let error = refused(dialect, spelling, body).await;
                assert!(
                    matches!(error, ExchangeError::BadResponse { .. }),
                    "{error}"
                );
            } else {
                let candles = got_body(dialect, body).await.unwrap();
                assert_eq!(candles[0].close, 10_050_000_000, "{spelling}");
            }
        }
    }
}

#[tokio::test]
async fn digits_beyond_a_float_are_kept() {
    for dialect in &dialect::ALL {
        let mut row = dialect.row(1);
        // 2^53 + 1 units of 10^-8: a double would make it 2^53.
        row.high = dialect.token("90071992.54740993");
        let candles = got_body(dialect, dialect.body(&[row], NOW)).await.unwrap();
        assert_eq!(candles[0].high, 9_007_199_254_740_993, "{}", dialect.id);
    }
}

#[tokio::test]
async fn bodies_that_are_not_the_promised_json_are_bad_responses() {
    for dialect in &dialect::ALL {
        let whole = dialect.body(&[dialect.row(1), dialect.row(2)], NOW);
        let bodies = [
            "<html><body>maintenance</body></html>".to_owned(),
            whole[..whole.len() / 2].to_owned(),
            whole[..whole.len() - 1].to_owned(),
            format!("{whole}{whole}"),
            String::new(),
            "null".into(),
            "{}".into(),
            "[[1,2,3]]".into(),
            "[[]]".into(),
            "\"candles\"".into(),
            "[".repeat(100_000),
            format!("\u{feff}{whole}"),
        ];
        let checks = bodies.into_iter().map(|body| async move {
            for status in [200, 404] {
                let got = got(dialect, Reply::new(dialect.candles, status, body.clone())).await;
                assert!(
                    matches!(got, Err(ExchangeError::BadResponse { .. })),
                    "{}, HTTP {status}, {}: {got:?}",
                    dialect.id,
                    &body.chars().take(60).collect::<String>()
                );
            }
        });
        join_all(checks).await;
        // Not even text.
        let noise = Reply::new(dialect.candles, 200, vec![0xff, 0xfe, 0x00, 0x9f]);
        let got = got(dialect, noise).await;
        assert!(
            matches!(got, Err(ExchangeError::BadResponse { .. })),
            "{got:?}"
        );
    }
}

#[tokio::test]
async fn clocks_that_are_none_are_bad_responses() {
    for dialect in &dialect::ALL {
        let good = dialect.clock(NOW_MS);
        let (exchange, _) = dialect.scripted(vec![good], ONCE).await;
        assert_eq!(exchange.fetch_time().await, Ok(NOW_MS), "{}", dialect.id);
        let text = String::from_utf8(dialect.clock(NOW_MS).body).unwrap();
        for body in [
            text.replace("180", "x"),
            text.replace("180", "1e300"),
            text.replace("180", "999999999999999999999999"),
            "{}".into(),
            "[]".into(),
        ] {
            let (exchange, _) = dialect
                .scripted(vec![Reply::new(dialect.time, 200, body.clone())], ONCE)
                .await;
            let got = exchange.fetch_time().await;
            assert!(
                matches!(got, Err(ExchangeError::BadResponse { .. })),
                "{}, {body}: {got:?}",
                dialect.id
            );
        }
    }
}

/// Status, class, whether the call is repeated.
const STATUSES: &[(u16, &str, bool)] = &[
    (408, "RequestTimeout", true),
    (418, "DDoSProtection", true),
    (403, "DDoSProtection", true),
    (429, "RateLimitExceeded", true),
    (451, "RestrictedLocation", false),
    (500, "ExchangeNotAvailable", true),
    (502, "ExchangeNotAvailable", true),
    (503, "ExchangeNotAvailable", true),
    (504, "ExchangeNotAvailable", true),
    (520, "ExchangeNotAvailable", true),
];

#[tokio::test]
async fn statuses_become_the_errors_of_ccxt_and_only_failed_operations_are_repeated() {
    for dialect in &dialect::ALL {
        let checks = STATUSES.iter().map(|(status, class, again)| async move {
            for body in ["", "<html>", "{\"code\":0,\"msg\":\"restricted\"}"] {
                let replies = vec![
                    dialect.clock(NOW_MS),
                    Reply::new(dialect.candles, *status, body),
                ];
                let (exchange, script) = dialect.scripted(replies, 2).await;
                let error = candles(&*exchange, None).await.unwrap_err();
                assert_eq!(
                    error.class(),
                    *class,
                    "{}, HTTP {status}: {error}",
                    dialect.id
                );
                assert_eq!(error.is_retryable(), *again);
                let requests = if *again { 2 } else { 1 };
                assert_eq!(
                    script.count(dialect.candles),
                    requests,
                    "{}, HTTP {status}",
                    dialect.id
                );
            }
        });
        join_all(checks).await;
    }
}

#[tokio::test]
async fn error_objects_become_the_errors_of_ccxt_whatever_the_status() {
    for dialect in &dialect::ALL {
        let checks = dialect
            .errors
            .iter()
            .map(|(status, body, class)| async move {
                let replies = vec![
                    dialect.clock(NOW_MS),
                    Reply::new(dialect.candles, *status, *body),
                ];
                let (exchange, script) = dialect.scripted(replies, 2).await;
                let error = candles(&*exchange, None).await.unwrap_err();
                assert_eq!(error.class(), *class, "{}: {body}", dialect.id);
                let requests = if error.is_retryable() { 2 } else { 1 };
                assert_eq!(
                    script.count(dialect.candles),
                    requests,
                    "{}: {body}",
                    dialect.id
                );
            });
        join_all(checks).await;
    }
}

#[tokio::test]
async fn a_call_that_fails_once_is_repeated_and_then_good() {
    for dialect in &dialect::ALL {
        let good = dialect.body(&[dialect.row(1)], NOW);
        let replies = vec![
            dialect.clock(NOW_MS),
            Reply::new(dialect.candles, 503, ""),
            Reply::new(dialect.candles, 200, good),
        ];
        let (exchange, script) = dialect.scripted(replies, 3).await;
        assert_eq!(candles(&*exchange, None).await.unwrap().len(), 1);
        assert_eq!(script.count(dialect.candles), 2, "{}", dialect.id);
    }
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    let checks = dialect::ALL.iter().flat_map(|dialect| {
        [429, 418, 503].map(|status| async move {
            let good = dialect.body(&[dialect.row(1)], NOW);
            let replies = vec![
                dialect.clock(NOW_MS),
                Reply::new(dialect.candles, status, "").header("retry-after", "2"),
                Reply::new(dialect.candles, 200, good),
            ];
            let (exchange, script) = dialect.scripted(replies, 2).await;
            let started = Instant::now();
            assert_eq!(candles(&*exchange, None).await.unwrap().len(), 1);
            assert!(
                started.elapsed() >= Duration::from_secs(2),
                "{}",
                dialect.id
            );
            assert_eq!(script.count(dialect.candles), 2);
        })
    });
    join_all(checks).await;
}

#[tokio::test]
async fn a_long_ban_is_the_callers_and_nothing_is_asked_until_it_ends() {
    for dialect in &dialect::ALL {
        for (status, class) in [(429, "RateLimitExceeded"), (418, "DDoSProtection")] {
            let replies = vec![
                dialect.clock(NOW_MS),
                Reply::new(dialect.candles, status, "").header("retry-after", "3600"),
            ];
            let (exchange, script) = dialect.scripted(replies, 3).await;
            let error = candles(&*exchange, None).await.unwrap_err();
            assert_eq!(error.class(), class);
            assert_eq!(error.retry_after(), Some(Duration::from_secs(3_600)));
            let asked = script.seen.lock().unwrap().len();
            assert_eq!(asked, 2, "{}", dialect.id);

            let error = candles(&*exchange, None).await.unwrap_err();
            assert_eq!(error.class(), "RateLimitExceeded");
            assert!(error.retry_after() > Some(Duration::from_secs(3_500)));
            assert_eq!(script.seen.lock().unwrap().len(), asked, "{}", dialect.id);
        }
    }
}

#[tokio::test]
async fn bodies_beyond_the_cap_are_cut_off_and_compressed_ones_not_read() {
    // 64 MiB of blanks in 64 KiB.
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..64 {
        bomb.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 100_000);
    for dialect in &dialect::ALL {
        let large = got(
            dialect,
            Reply::new(dialect.candles, 200, " ".repeat(5 << 20)),
        )
        .await
        .unwrap_err();
        assert!(
            matches!(&large, ExchangeError::BadResponse { reason, .. } if reason.contains("larger")),
            "{large}"
        );
        for encoding in ["gzip", "br", "deflate", "zstd"] {
            let reply = Reply::new(dialect.candles, 200, bomb.clone());
            let error = got(dialect, reply.header("content-encoding", encoding))
                .await
                .unwrap_err();
            assert!(
                matches!(&error, ExchangeError::BadResponse { reason, .. } if reason.contains("compressed") && reason.contains(encoding)),
                "{error}"
            );
        }
        let unsaid = got(dialect, Reply::new(dialect.candles, 200, bomb.clone())).await;
        assert!(matches!(unsaid, Err(ExchangeError::BadResponse { .. })));
    }
}

#[tokio::test]
async fn answers_that_never_end_are_cut_off_by_one_limit_over_all_of_them() {
    for dialect in &dialect::ALL {
        for answer in [hostile::Answer::Drip, hostile::Answer::Silence] {
            let (url, heads) = hostile::serve(answer).await;
            let exchange = (dialect.client)(&url, brief());
            let error = tokio::time::timeout(Duration::from_secs(20), exchange.fetch_time())
                .await
                .expect("a limit over the whole answer")
                .unwrap_err();
            assert_eq!(error.class(), "RequestTimeout", "{}: {error}", dialect.id);
            let head = heads.lock().unwrap()[0].clone();
            assert!(!head.contains("accept-encoding"), "{head}");
            assert!(head.contains("user-agent: veriregime/"), "{head}");
        }
    }
}

#[tokio::test]
async fn answers_that_break_off_or_are_no_http_are_failed_operations() {
    for dialect in &dialect::ALL {
        for (answer, class) in [
            (hostile::Answer::Cut, "BadResponse"),
            (hostile::Answer::Noise, "NetworkError"),
        ] {
            let (url, _) = hostile::serve(answer).await;
            let exchange = (dialect.client)(&url, brief());
            let error = exchange.fetch_time().await.unwrap_err();
            assert_eq!(error.class(), class, "{}: {error}", dialect.id);
            assert!(error.is_retryable());
        }
    }
}

#[tokio::test]
async fn redirects_are_refused_and_the_other_host_sees_nothing() {
    for dialect in &dialect::ALL {
        let good = Reply::new(dialect.time, 200, dialect.clock(NOW_MS).body);
        let (elsewhere, other) = Script::serve(vec![good]).await;
        let target: &'static str = format!("{elsewhere}{}", dialect.time).leak();
        for status in [301, 302, 303, 307, 308] {
            let moved = Reply::new(dialect.time, status, "").header("location", target);
            let (exchange, _) = dialect.scripted(vec![moved], ONCE).await;
            let error = exchange.fetch_time().await.unwrap_err();
            assert!(
                matches!(&error, ExchangeError::BadResponse { reason, .. } if reason.contains("redirect")),
                "{error}"
            );
        }
        assert!(other.seen.lock().unwrap().is_empty(), "{}", dialect.id);
    }
}

#[tokio::test]
async fn hosts_that_cannot_prove_their_name_get_no_request() {
    for dialect in &dialect::ALL {
        // A certificate of one's own making: what a changed DNS answer leads to.
        let (url, requests) = hostile::self_signed().await;
        let exchange = (dialect.client)(&url, brief());
        let error = exchange.fetch_time().await.unwrap_err();
        assert_eq!(error.class(), "NetworkError", "{}: {error}", dialect.id);
        assert!(error.to_string().contains("certificate"), "{error}");
        assert_eq!(requests.load(Ordering::SeqCst), 0);

        // No TLS at all behind an https URL.
        let (plain, script) = Script::serve(vec![dialect.clock(NOW_MS)]).await;
        let exchange = (dialect.client)(&plain.replace("http:", "https:"), brief());
        let error = exchange.fetch_time().await.unwrap_err();
        assert_eq!(error.class(), "NetworkError", "{error}");
        assert!(script.seen.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn hosts_out_of_reach_are_network_errors() {
    for dialect in &dialect::ALL {
        for url in ["http://127.0.0.1:1", "http://no-such-host.invalid"] {
            let patience = Patience {
                timeout: Duration::from_secs(5),
                attempts: 1,
            };
            let error = (dialect.client)(url, patience)
                .fetch_time()
                .await
                .unwrap_err();
            assert!(
                ["NetworkError", "RequestTimeout"].contains(&error.class()) && error.is_retryable(),
                "{}, {url}: {error}",
                dialect.id
            );
        }
    }
}

#[tokio::test]
async fn only_unified_symbols_and_minutes_reach_a_url() {
    for dialect in &dialect::ALL {
        let (exchange, script) = dialect.scripted(vec![], ONCE).await;
        for symbol in [
            "",
            "BTCUSDT",
            "btc/usdt",
            "BTC/USDT&limit=1",
            "../../x",
            "BTC /USDT",
            "BTC/USDT#",
            "BTC/USDT:USDT",
        ] {
            let now = NOW_MS;
            let error = exchange
                .fetch_closed(symbol, "1m", None, None, now)
                .await
                .unwrap_err();
            assert_eq!(
                error.class(),
                "BadSymbol",
                "{}, {symbol}: {error}",
                dialect.id
            );
            let error = exchange.load_markets(&[symbol]).await.unwrap_err();
            assert_eq!(
                error.class(),
                "BadSymbol",
                "{}, {symbol}: {error}",
                dialect.id
            );
        }
        let error = exchange
            .fetch_closed("BTC/USDT", "5m", None, None, NOW_MS)
            .await
            .unwrap_err();
        assert_eq!(error.class(), "NotSupported", "{error}");
        assert!(script.seen.lock().unwrap().is_empty(), "{}", dialect.id);
    }
}

#[tokio::test]
async fn load_markets_tells_live_markets_from_delisted_and_unknown_ones() {
    for dialect in &dialect::ALL {
        let market = |status, body: String| Reply::new(dialect.market, status, body);
        let (live, gone) = (
            (dialect.listing)(dialect.live),
            (dialect.listing)(dialect.gone),
        );
        let (_, unknown, _) = dialect.errors[0];
        for (reply, want) in [
            (market(200, live), None),
            (market(200, gone), Some("MarketClosed")),
            (market(200, dialect.other.into()), Some("BadSymbol")),
            (market(400, unknown.into()), Some("BadSymbol")),
            (market(200, "{}".into()), Some("BadResponse")),
        ] {
            let (exchange, script) = dialect.scripted(vec![reply], ONCE).await;
            let got = exchange.load_markets(&["BTC/USDT"]).await;
            match (&got, want) {
                (Ok(markets), None) => {
                    assert_eq!(markets[0].symbol, "BTC/USDT", "{}", dialect.id);
                    assert!(markets[0].active);
                }
                (Err(error), Some(class)) => {
                    assert_eq!(error.class(), class, "{}: {error}", dialect.id);
                }
                _ => panic!("{}: {got:?} instead of {want:?}", dialect.id),
            }
            assert_eq!(script.count(dialect.market), 1);
        }
    }
}

#[tokio::test]
async fn clients_say_what_they_have_and_how_fast_they_may_be_asked() {
    for dialect in &dialect::ALL {
        let (exchange, script) = dialect.scripted(vec![], ONCE).await;
        assert_eq!(exchange.id(), dialect.id);
        assert!(exchange.has().fetch_time && exchange.has().fetch_ohlcv);
        assert_eq!(
            exchange.has().fetch_funding_rate_history,
            dialect.funding.is_some()
        );
        assert!(exchange.rate_limit() > Duration::ZERO);
        assert!(exchange.candle_limit() >= 300, "a window in one call");
        if dialect.funding.is_none() {
            let error = exchange
                .fetch_funding_rate_history("BTC/USDT:USDT", None, None)
                .await
                .unwrap_err();
            assert_eq!(error.class(), "NotSupported");
            assert!(script.seen.lock().unwrap().is_empty());
        }
    }
}

#[tokio::test]
async fn funding_rates_are_exact_and_ascending() {
    let okx = |rows: &str| format!("{{\"code\":\"0\",\"msg\":\"\",\"data\":[{rows}]}}");
    let okx_row = |time: i64, rate: &str| {
        format!(
            "{{\"instId\":\"BTC-USDT-SWAP\",\"fundingRate\":\"0.9\",\"realizedRate\":\"{rate}\",\"fundingTime\":\"{time}\"}}"
        )
    };
    let binance_row = |time: i64, rate: &str| {
        format!("{{\"symbol\":\"BTCUSDT\",\"fundingRate\":\"{rate}\",\"fundingTime\":{time}}}")
    };
    let both = |row: &dyn Fn(i64, &str) -> String, times: [i64; 2]| {
        format!(
            "{},{}",
            row(times[0], "0.00010000"),
            row(times[1], "-0.0375")
        )
    };
    for (dialect, good, twice) in [
        (
            dialect::BINANCE,
            format!("[{}]", both(&binance_row, [2, 1])),
            format!("[{}]", both(&binance_row, [1, 1])),
        ),
        (
            dialect::OKX,
            okx(&both(&okx_row, [2, 1])),
            okx(&both(&okx_row, [1, 1])),
        ),
    ] {
        let path = dialect.funding.unwrap();
        let (exchange, _) = dialect
            .scripted(vec![Reply::new(path, 200, good)], ONCE)
            .await;
        let rates = exchange
            .fetch_funding_rate_history("BTC/USDT:USDT", None, None)
            .await
            .unwrap();
        assert_eq!(
            rates
                .iter()
                .map(|rate| (rate.time_ms, rate.rate))
                .collect::<Vec<_>>(),
            [(1, -3_750_000), (2, 10_000)],
            "{}",
            dialect.id
        );
        for body in [twice, "{}".into(), "<html>".into()] {
            let (exchange, _) = dialect
                .scripted(vec![Reply::new(path, 200, body)], ONCE)
                .await;
            let error = exchange
                .fetch_funding_rate_history("BTC/USDT:USDT", None, None)
                .await
                .unwrap_err();
            assert_eq!(error.class(), "BadResponse", "{}: {error}", dialect.id);
        }
    }
}

#[tokio::test]
async fn kraken_answers_without_exactly_one_series_or_its_end_are_refused() {
    let dialect = dialect::KRAKEN;
    let whole = dialect.body(&[dialect.row(1)], NOW);
    for body in [
        whole.replace(",\"last\":60", ""),
        whole.replace("\"last\":60", "\"last\":\"60\""),
        whole.replace("\"last\"", "\"XBTUSD\":[],\"last\""),
        whole.replace("XBTUSDT", "last"),
        "{\"error\":[],\"result\":{\"last\":60}}".into(),
        "{\"error\":[]}".into(),
        "{\"error\":[\"WSlow:wait\"]}".into(),
    ] {
        assert_ne!(body, whole);
        let error = refused(&dialect, "kraken", body).await;
        assert_eq!(error.class(), "BadResponse", "{error}");
    }
    let warned = whole.replace("\"error\":[]", "\"error\":[\"WSlow:wait\"]");
    assert_eq!(got_body(&dialect, warned).await.unwrap().len(), 1);
}

#[tokio::test]
async fn binance_calls_pause_once_the_weight_budget_is_spent() {
    for (weight, pauses) in [("99", false), ("100", true)] {
        let heavy = dialect::BINANCE
            .clock(NOW_MS)
            .header("x-mbx-used-weight-1m", weight);
        let (url, _) = Script::serve(vec![heavy]).await;
        let exchange = Binance::with(&url, &url, brief())
            .unwrap()
            .paced(100, Duration::from_millis(600));
        exchange.fetch_time().await.unwrap();
        let started = Instant::now();
        exchange.fetch_time().await.unwrap();
        assert_eq!(started.elapsed() >= Duration::from_millis(600), pauses);
    }
}

/// A recorded answer, if `VERIREGIME_DATA` is set and holds it.
fn recorded(file: &str) -> Option<String> {
    let folder = PathBuf::from(std::env::var_os("VERIREGIME_DATA")?);
    std::fs::read_to_string(folder.join("fixtures").join(file)).ok()
}

async fn read_recorded(dialect: &Dialect, file: &str, now: i64) -> Option<Vec<Candle>> {
    let Some(body) = recorded(file) else {
        println!("SKIPPED: no recorded answer {file} (set VERIREGIME_DATA)");
        return None;
    };
    let replies = vec![
        dialect.clock(now * 1_000),
        Reply::new(dialect.candles, 200, body),
    ];
    let (exchange, _): (Arc<dyn Exchange>, _) = dialect.scripted(replies, ONCE).await;
    let candles = exchange
        .fetch_ohlcv("BTC/USDT", "1m", Some(0), Some(1_000))
        .await;
    Some(candles.unwrap())
}

#[tokio::test]
async fn recorded_answers_of_the_real_exchanges_are_read() {
    let file = "binance_spot_klines_btcusdt_1m_20211022.json";
    if let Some(candles) = read_recorded(&dialect::BINANCE, file, 1_634_944_330).await {
        assert_eq!(candles.len(), 9, "ten rows, the last one open");
        assert_eq!(candles[0].close, 6_071_927_000_000);
        assert_eq!(candles[0].volume, 2_163_272_000);
    }
    let file = "kraken_ohlc_xbtusdt_1m_20251110.json";
    if let Some(candles) = read_recorded(&dialect::KRAKEN, file, 1_762_820_270).await {
        assert!(candles.len() > 700, "{}", candles.len());
        assert_eq!(candles[0].open_time_ms, 1_762_777_020_000);
        assert_eq!(candles[2].volume, 32_101);
        let last = candles.last().unwrap();
        assert_eq!(
            last.open_time_ms, 1_762_820_160_000,
            "the open one is left out"
        );
        for (before, after) in candles.iter().zip(&candles[1..]) {
            assert_eq!(after.open_time_ms - before.open_time_ms, 60_000);
        }
    }
    let file = "kraken_ohlc_xbtusd_1d_202608.json";
    if let Some(candles) = read_recorded(&dialect::KRAKEN, file, 1_786_900_000).await {
        assert_eq!(candles.last().unwrap().open_time_ms, 1_786_838_400_000);
    }
    let file = "coinbase_exchange_candles_btcusdt_1h_20240313_ccxt.json";
    if let Some(candles) = read_recorded(&dialect::COINBASE, file, 1_710_331_200).await {
        let want = Candle {
            open_time_ms: 1_710_327_600_000,
            open: 7_324_333_000_000,
            high: 7_340_247_000_000,
            low: 7_324_150_000_000,
            close: 7_337_065_000_000,
            volume: 156_794_406,
        };
        assert_eq!(candles, [want]);
    }
    let file = "coinbase_exchange_candles_btcusd_1d_202608.json";
    if let Some(candles) = read_recorded(&dialect::COINBASE, file, 1_786_400_000).await {
        assert_eq!(candles.len(), 10);
        assert_eq!(candles[9].close, 6_391_188_000_000);
    }
    // Made-up values of the right shape: every row is marked as open, so none is a candle yet.
    let file = "okx_candlesticks_docslike.json";
    if let Some(candles) = read_recorded(&dialect::OKX, file, 1_625_100_000).await {
        assert_eq!(candles, []);
    }
}
