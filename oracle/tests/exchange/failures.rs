//! Statuses and error objects become the errors of ccxt, and only failed operations are repeated.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use crate::{
    ask::{NOW, NOW_MS, candles},
    support::{Reply, dialect},
};

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
