//! Every kind of bad input gives its own error, with the place.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod support;

use support::{START_MS, scale, series};
use veriregime_features::candle::{MAX_PRICE, MAX_TIME_MS};
use veriregime_features::series::ending_at;
use veriregime_features::{CANDLES, Candle, FeatureError, PriceFault, Window};

/// The error of a good series after a change.
fn error_after(change: impl FnOnce(&mut Vec<Candle>)) -> FeatureError {
    let (mut candles, funding) = series(1);
    change(&mut candles);
    Window::compute(&candles, &funding, &scale()).unwrap_err()
}

#[test]
fn wrong_count_is_named() {
    let found = |found| FeatureError::WrongCount {
        expected: CANDLES,
        found,
    };
    assert_eq!(error_after(|candles| candles.truncate(299)), found(299));
    assert_eq!(error_after(|candles| candles.push(candles[0])), found(301));
    assert_eq!(error_after(Vec::clear), found(0));
}

#[test]
fn gap_names_the_candle_and_the_minutes_missing() {
    let error = error_after(|candles| {
        candles[250..]
            .iter_mut()
            .for_each(|c| c.open_time_ms += 3 * 60_000)
    });
    let previous_ms = START_MS + 249 * 60_000;
    let expected = FeatureError::Gap {
        index: 250,
        previous_ms,
        open_time_ms: previous_ms + 4 * 60_000,
        missing: 3,
    };
    assert_eq!(error, expected);
    assert!(
        error
            .to_string()
            .contains("3 minutes missing before candle 250"),
        "{error}"
    );
}

#[test]
fn duplicate_and_disorder_are_told_apart() {
    let error = error_after(|candles| candles[9] = candles[8]);
    assert_eq!(
        error,
        FeatureError::Duplicate {
            index: 9,
            open_time_ms: START_MS + 8 * 60_000
        }
    );
    let error = error_after(|candles| candles.swap(10, 11));
    assert!(matches!(
        error,
        FeatureError::Gap {
            index: 10,
            missing: 1,
            ..
        }
    ));
    let error = error_after(|candles| candles.reverse());
    assert!(matches!(error, FeatureError::Disorder { index: 1, .. }));
}

#[test]
fn times_off_the_grid_are_refused() {
    for bad in [
        START_MS + 1,
        START_MS / 1_000,
        -60_000,
        i64::MIN,
        i64::MAX,
        MAX_TIME_MS + 60_000,
    ] {
        let error = error_after(|candles| candles[5].open_time_ms = bad);
        assert_eq!(
            error,
            FeatureError::OffGrid {
                index: 5,
                open_time_ms: bad
            }
        );
    }
}

#[test]
fn impossible_prices_are_refused_with_the_fault() {
    type Change = fn(&mut Candle);
    let cases: [(Change, PriceFault); 8] = [
        (|c| c.close = 0, PriceFault::NotPositive),
        (|c| c.low = -1, PriceFault::NotPositive),
        (|c| c.open = i64::MIN, PriceFault::NotPositive),
        (|c| c.high = MAX_PRICE + 1, PriceFault::TooLarge),
        (|c| c.high = c.low - 1, PriceFault::HighBelowLow),
        (|c| c.close = c.high + 1, PriceFault::CloseOutside),
        (|c| c.close = c.low - 1, PriceFault::CloseOutside),
        (|c| c.open = c.high + 1, PriceFault::OpenOutside),
    ];
    for (change, fault) in cases {
        let error = error_after(|candles| change(&mut candles[299]));
        let open_time_ms = START_MS + 299 * 60_000;
        assert_eq!(
            error,
            FeatureError::BadPrice {
                index: 299,
                open_time_ms,
                fault
            }
        );
    }
}

#[test]
fn negative_volume_is_refused() {
    let error = error_after(|candles| candles[0].volume = -1);
    assert_eq!(
        error,
        FeatureError::NegativeVolume {
            index: 0,
            open_time_ms: START_MS,
            volume: -1
        }
    );
}

#[test]
fn funding_missing_stale_or_disordered_is_refused() {
    let (candles, funding) = series(1);
    let compute = |funding: &[_]| Window::compute(&candles, funding, &scale()).unwrap_err();
    assert!(matches!(compute(&[]), FeatureError::FundingMissing { .. }));
    assert!(matches!(
        compute(&funding[..1]),
        FeatureError::FundingStale { .. }
    ));
    let mut doubled = funding.clone();
    doubled.push(*funding.last().unwrap());
    assert!(matches!(
        compute(&doubled),
        FeatureError::FundingDisorder { .. }
    ));
}

#[test]
fn window_not_in_the_series_is_named() {
    let (candles, _) = series(1);
    let last = candles.last().unwrap().close_time();
    assert_eq!(ending_at(&candles, last).unwrap().len(), CANDLES);
    for (close_time, available) in [(last - 60, 299), (last + 60, 0), (last - 1, 0), (0, 0)] {
        let error = ending_at(&candles, close_time).unwrap_err();
        assert_eq!(
            error,
            FeatureError::NoWindow {
                close_time,
                needed: CANDLES,
                available
            }
        );
    }
}
