//! What holds for every series: bounds, invariance, determinism, independence of the seed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod support;

use proptest::prelude::*;
use support::{START_MS, scale, series};
use veriregime_features::indicators::{RAW_LIMIT, RAW_ONE};
use veriregime_features::{
    AffineScale, CANDLES, CONTEXT_START, Candle, Indicators, WARM_UP, Window, series as slices,
    synthetic,
};

/// Multiplies a candle's prices.
fn scaled(candle: &Candle, by: i64) -> Candle {
    Candle {
        open: candle.open * by,
        high: candle.high * by,
        low: candle.low * by,
        close: candle.close * by,
        ..*candle
    }
}

/// A candle at one price.
fn flat(candle: &Candle, price: i64) -> Candle {
    Candle {
        open: price,
        high: price,
        low: price,
        close: price,
        ..*candle
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Prices times a whole number: every raw value moves by at most one unit (1e-9), every quantised one by at most
    /// one step.
    #[test]
    fn prices_multiplied_give_the_same_window(seed: u64, by in 1i64..5_000) {
        let (candles, funding) = series(seed);
        let multiplied: Vec<_> = candles.iter().map(|candle| scaled(candle, by)).collect();
        let (one, other) =
            (Indicators::compute(&candles, &funding).unwrap(), Indicators::compute(&multiplied, &funding).unwrap());
        for (row, other_row) in one.values.iter().zip(&other.values) {
            for (raw, other_raw) in row.iter().zip(other_row) {
                prop_assert!((raw - other_raw).abs() <= 1);
            }
        }
        // Each value of the context is rounded once, from ratios of two closes or none.
        prop_assert_eq!(one.context, other.context);
        let (one, other) = (Window::quantise(&one, &scale()), Window::quantise(&other, &scale()));
        prop_assert!(one.values.iter().zip(&other.values).all(|(a, b)| (a - b).abs() <= 1));
    }

    /// Volumes times a whole number: the shares do not change at all.
    #[test]
    fn volumes_multiplied_give_the_same_window(seed: u64, by in 1i64..1_000) {
        let (candles, funding) = series(seed);
        let multiplied: Vec<_> =
            candles.iter().map(|candle| Candle { volume: candle.volume * by, ..*candle }).collect();
        prop_assert_eq!(
            Indicators::compute(&candles, &funding).unwrap(),
            Indicators::compute(&multiplied, &funding).unwrap()
        );
    }

    /// The first candle's close seeds the averages: moving it by up to a tenth stays below one quantisation step.
    #[test]
    fn seed_moved_by_a_tenth_stays_below_one_step(seed: u64, percent in -10i64..=10) {
        let (candles, funding) = series(seed);
        let mut moved = candles.clone();
        moved[0] = flat(&candles[0], candles[0].close + candles[0].close / 100 * percent);
        let (one, other) =
            (Indicators::compute(&candles, &funding).unwrap(), Indicators::compute(&moved, &funding).unwrap());
        for (row, other_row) in one.values.iter().zip(&other.values) {
            for ((raw, other_raw), map) in row.iter().zip(other_row).zip(&scale().features) {
                prop_assert!((raw - other_raw).abs() < map.step(), "{} and {}, step {}", raw, other_raw, map.step());
            }
        }
        prop_assert_eq!(one.context, other.context);
    }

    /// The same even when the market stands still after the seed, where gains and losses are all history.
    #[test]
    fn seed_before_a_flat_market_stays_below_one_step(price in 1_000_000i64..10_000_000_000_000, percent in -10i64..=10) {
        let (candles, funding) = series(1);
        let candles: Vec<_> = candles.iter().map(|candle| flat(candle, price)).collect();
        let mut moved = candles.clone();
        moved[0] = flat(&candles[0], price + price / 100 * percent);
        let (one, other) =
            (Indicators::compute(&candles, &funding).unwrap(), Indicators::compute(&moved, &funding).unwrap());
        for (row, other_row) in one.values.iter().zip(&other.values) {
            for ((raw, other_raw), map) in row.iter().zip(other_row).zip(&scale().features) {
                prop_assert!((raw - other_raw).abs() < map.step(), "{} and {}, step {}", raw, other_raw, map.step());
            }
        }
        prop_assert_eq!(one.context, other.context);
    }

    /// Any possible candles, however wild, give values in range and never a panic.
    #[test]
    fn wild_prices_and_volumes_stay_in_range(
        rows in prop::collection::vec((1i64..=100_000_000_000_000_000, 0i64..=i64::MAX), CANDLES)
    ) {
        let (candles, funding) = series(1);
        let wild: Vec<_> = candles
            .iter()
            .zip(rows)
            .map(|(candle, (price, volume))| Candle { volume, ..flat(candle, price) })
            .collect();
        let raw = Indicators::compute(&wild, &funding).unwrap();
        prop_assert!(raw.values.iter().flatten().chain(&raw.context).all(|value| value.abs() <= RAW_LIMIT));
        let window = Window::quantise(&raw, &scale());
        prop_assert!(window.values.iter().all(|value| (-128..=127).contains(value)));
    }

    /// The window is a function of its 300 candles alone, wherever they lie in a longer history.
    #[test]
    fn window_in_a_longer_series_is_the_same(seed: u64, extra in 0usize..500) {
        let long = synthetic::candles(seed, START_MS, CANDLES + extra);
        let funding = synthetic::funding(seed, START_MS, START_MS + long.len() as i64 * 60_000);
        let close_time = long.last().unwrap().close_time();
        let found = slices::ending_at(&long, close_time).unwrap();
        let window = Window::compute(found, &funding, &scale()).unwrap();
        prop_assert_eq!(window.close_time, close_time);
        prop_assert_eq!(window.last_close, long.last().unwrap().close);
        prop_assert_eq!(window, Window::compute(&long[extra..], &funding, &scale()).unwrap());
    }

    /// Larger moves never mean less volatility, and ten times larger ones about 6.64 octaves more where the floor is far.
    #[test]
    fn volatility_grows_with_the_moves(size in 100i64..1_000, seed: u64) {
        let (candles, funding) = series(seed);
        let zigzag = |size: i64| -> Vec<_> {
            let price = |minute: usize| 1_000_000_000 + if minute.is_multiple_of(2) { 0 } else { size * 1_000 };
            candles.iter().enumerate().map(|(minute, candle)| flat(candle, price(minute))).collect()
        };
        let context = |size| Indicators::compute(&zigzag(size), &funding).unwrap().context;
        let (one, more, ten) = (context(size), context(size + 1), context(size * 10));
        for index in 0..6 {
            prop_assert!(one[index] <= more[index]);
        }
        let octaves = (ten[3] - one[3]) as f64 / RAW_ONE as f64;
        prop_assert!((6.2..6.65).contains(&octaves), "{}", octaves);
    }

    /// Only the clock and the weekend know the time: prices alike, a week later they are the same, and so is all else.
    #[test]
    fn context_repeats_weekly_and_the_clock_daily(seed: u64, days in 1i64..1_000) {
        let context = |days: i64| {
            let (mut candles, mut funding) = series(seed);
            for candle in &mut candles {
                candle.open_time_ms += days * 86_400_000;
            }
            for rate in &mut funding {
                rate.time_ms += days * 86_400_000;
            }
            Indicators::compute(&candles, &funding).unwrap().context
        };
        prop_assert_eq!(context(0)[..15].to_vec(), context(days)[..15].to_vec());
        prop_assert_eq!(context(0), context(7 * days));
    }

    /// The affine map rounds to nearest and never leaves its range.
    #[test]
    fn quantised_value_is_the_nearest_in_range(raw in -RAW_LIMIT..=RAW_LIMIT, centre in -1_000_000i64..1_000_000, step in 1i64..1_000_000) {
        let map = AffineScale { centre, multiplier: (1 << 40) / step, shift: 40 };
        let exact = (raw - centre) as f64 * map.multiplier as f64 / 2f64.powi(40);
        let value = map.quantise(raw);
        prop_assert!((-128..=127).contains(&value));
        prop_assert!((f64::from(value) - exact.clamp(-128.0, 127.0)).abs() <= 0.5 + 1e-6);
    }
}

#[test]
fn flat_market_without_trades_is_centred() {
    let (candles, funding) = series(1);
    let still: Vec<_> = candles
        .iter()
        .map(|candle| Candle {
            volume: 0,
            ..flat(candle, 3_000_000_000_000)
        })
        .collect();
    let window = Window::compute(&still, &funding, &scale()).unwrap();
    let (minutes, context) = window.values.split_at(CONTEXT_START);
    for row in minutes.chunks_exact(8) {
        assert_eq!(row[..7], [0; 7]);
    }
    // No return, and a volatility that eight bits hold.
    assert_eq!(context[6], 0);
    assert!(
        context[..6]
            .iter()
            .all(|&value| value == context[0] && (-127..0).contains(&value)),
        "{context:?}"
    );
}

#[test]
fn scale_out_of_range_is_refused() {
    let (candles, funding) = series(1);
    for bad in [
        AffineScale {
            centre: 0,
            multiplier: 0,
            shift: 1,
        },
        AffineScale {
            centre: 0,
            multiplier: -1,
            shift: 1,
        },
        AffineScale {
            centre: 0,
            multiplier: 1 << 41,
            shift: 1,
        },
        AffineScale {
            centre: 0,
            multiplier: 1,
            shift: 0,
        },
        AffineScale {
            centre: 0,
            multiplier: 1,
            shift: 63,
        },
        AffineScale {
            centre: i64::MIN,
            multiplier: 1,
            shift: 1,
        },
    ] {
        let (mut of_feature, mut of_context) = (scale(), scale());
        of_feature.features[3] = bad;
        of_context.context[6] = bad;
        for (scale, name) in [(of_feature, "rsi14"), (of_context, "return240")] {
            let error = Window::compute(&candles, &funding, &scale).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}

#[test]
fn warm_up_is_the_first_240_of_300() {
    assert_eq!(WARM_UP + 60, CANDLES);
}
