//! Candles as they go over the wire: exact, closed, asked for and possible, or refused with the reason.

use futures_util::future::join_all;
use veriregime::exchange::ExchangeError;
use veriregime_features::Candle;

use crate::{
    ask::{NOW, ONCE, candles, got_body, refused},
    support::{
        Reply,
        dialect::{self, Dialect, Row},
    },
};

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
