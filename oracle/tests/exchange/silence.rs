//! Exchanges that vouch for nothing.

use std::time::Duration;

use veriregime::exchange::{Patience, Silence, SourceError};

use crate::{
    scene::{CLOSE, Scene, expected, ms, source, window, window_of},
    support::{
        Reply, Script,
        dialect::{self, Dialect},
    },
};

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
