//! Candles that are not there yet, not there at all, or of other minutes.

use std::time::{Duration, Instant};

use veriregime::exchange::SourceError;
use veriregime_features::CANDLES;

use crate::{
    scene::{CLOSE, Scene, expected, nudge, source, sourced, window, window_of},
    support::{self, Reply, dialect},
};

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
