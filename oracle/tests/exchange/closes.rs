//! Closes that agree, and closes that do not.

use veriregime::exchange::{Silence, SourceError};
use veriregime_features::CANDLES;

use crate::{
    scene::{BOUND_BPS, CLOSE, Scene, expected, nudge, scale, sourced, window, window_of},
    support::dialect,
};

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
