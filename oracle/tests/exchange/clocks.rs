//! Clocks that are apart.

use std::time::{SystemTime, UNIX_EPOCH};

use veriregime::exchange::{Silence, SourceError};

use crate::{
    scene::{Scene, expected, ms, sourced, window_of},
    support::{self, dialect},
};

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
