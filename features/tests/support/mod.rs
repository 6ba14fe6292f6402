//! What the tests of this crate share: a synthetic series and a scale of the usual size.
#![allow(dead_code, reason = "each test file uses its part")]

use veriregime_features::candle::E8;
use veriregime_features::indicators::RAW_ONE;
use veriregime_features::{
    AffineScale, CANDLES, CONTEXT, Candle, FeatureScale, FundingRate, synthetic,
};

/// A minute-aligned moment in November 2023.
pub const START_MS: i64 = 1_700_000_040_000;

/// Synthetic candles of one window, and the funding rates around them.
pub fn series(seed: u64) -> (Vec<Candle>, Vec<FundingRate>) {
    let candles = synthetic::candles(seed, START_MS, CANDLES);
    let funding = synthetic::funding(seed, START_MS, START_MS + CANDLES as i64 * 60_000);
    (candles, funding)
}

/// A scale whose steps have the size that a trained model's have: one step is a hundredth of the usual spread.
pub fn scale() -> FeatureScale {
    let map = |centre: i64, step: i64| AffineScale {
        centre,
        multiplier: (1 << 40) / step,
        shift: 40,
    };
    let price = map(0, RAW_ONE / 50_000);
    let share = map(RAW_ONE / 2, RAW_ONE / 256);
    let funding = map(10_000 * (RAW_ONE / E8), 5 * RAW_ONE / 1_000_000);
    let volatility = map(37 * RAW_ONE, RAW_ONE / 16);
    let long_return = map(0, RAW_ONE / 2_000);
    let clock = map(RAW_ONE / 8, RAW_ONE / 128);
    let mut context = [clock; CONTEXT];
    context[..6].fill(volatility);
    context[6] = long_return;
    FeatureScale {
        features: [price, price, price, share, price, share, share, funding],
        context,
    }
}
