//! The exact indicators against an independent floating-point computation (`golden/make_golden.py`, pandas).
//!
//! Tolerance: |exact - float| <= 2e-9 + 1e-8 * |float| on raw values (one raw unit is 1e-9), and at most one
//! quantisation step after the scale.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod support;

use serde::Deserialize;
use veriregime_features::indicators::RAW_ONE;
use veriregime_features::{
    AffineScale, CANDLES, CONTEXT, CONTEXT_NAMES, CONTEXT_START, Candle, FEATURE_NAMES, Indicators,
    Window, synthetic,
};

#[derive(Deserialize)]
struct Case {
    name: String,
    seed: u64,
    open_time_ms: i64,
    values: Vec<Vec<f64>>,
    context: Vec<f64>,
}

fn candles(case: &Case) -> Vec<Candle> {
    let mut candles = synthetic::candles(case.seed, case.open_time_ms, CANDLES);
    match case.name.as_str() {
        "quiet end" => candles[292..]
            .iter_mut()
            .for_each(|candle| candle.volume = 0),
        "flat" => candles.iter_mut().for_each(|candle| {
            let price = 3_000_000_000_000;
            *candle = Candle {
                open: price,
                high: price,
                low: price,
                close: price,
                volume: 0,
                ..*candle
            };
        }),
        _ => {}
    }
    candles
}

#[test]
fn indicators_agree_with_pandas_within_the_stated_tolerance() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("golden/windows.json")).unwrap();
    assert_eq!(cases.len(), 6);
    let scale = support::scale();
    for case in &cases {
        let candles = candles(case);
        let funding = synthetic::funding(
            case.seed,
            case.open_time_ms,
            case.open_time_ms + CANDLES as i64 * 60_000,
        );
        let exact = Indicators::compute(&candles, &funding).unwrap();
        let window = Window::compute(&candles, &funding, &scale).unwrap();
        for (minute, (row, floats)) in exact.values.iter().zip(&case.values).enumerate() {
            for (feature, name) in FEATURE_NAMES.iter().enumerate() {
                Value {
                    place: format!("{}, minute {minute}, {name}", case.name),
                    raw: row[feature],
                    float: floats[feature],
                    map: scale.features[feature],
                    quantised: window.values[minute * 8 + feature],
                }
                .check();
            }
        }
        assert_eq!(case.context.len(), CONTEXT);
        for (index, name) in CONTEXT_NAMES.iter().enumerate() {
            Value {
                place: format!("{}, {name}", case.name),
                raw: exact.context[index],
                float: case.context[index],
                map: scale.context[index],
                quantised: window.values[CONTEXT_START + index],
            }
            .check();
        }
    }
}

/// One number of a window, both ways.
struct Value {
    place: String,
    raw: i64,
    float: f64,
    map: AffineScale,
    quantised: i16,
}

impl Value {
    fn check(&self) {
        let Self {
            place, float, map, ..
        } = self;
        let raw = self.raw as f64 / RAW_ONE as f64;
        assert!(
            (raw - float).abs() <= 2e-9 + 1e-8 * float.abs(),
            "{place}: {raw} is not {float}"
        );
        let steps = (float * RAW_ONE as f64 - map.centre as f64) * map.multiplier as f64
            / 2f64.powi(map.shift as i32);
        let expected = steps.round().clamp(-128.0, 127.0);
        let value = f64::from(self.quantised);
        assert!(
            (value - expected).abs() <= 1.0,
            "{place}: {value} is not {expected}"
        );
    }
}
