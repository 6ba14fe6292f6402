//! One-minute candles to the window of small integers that a VeriRegime model reads: 60 minutes x 8 features, 16 values of
//! context.
//!
//! ```text
//! 300 candles + funding rates --> Indicators (raw, exact) --FeatureScale of the model--> Window (60 x 8 + 16 int8)
//!  240 warm-up | 60 window         one = 10^9                 centre, multiplier, shift
//! ```
//!
//! Trainer, node, attestor and auditor call the same [`Window::compute`] and get the same bits: integers only, one
//! rounding rule (nearest, halves toward plus infinity), a fixed warm-up of 240 candles that makes the choice of seed
//! invisible (its weight is below one quantisation step; `tests/properties.rs`). Bad input is a [`FeatureError`] that names
//! the candle and the remedy; a flat market and a minute without trades are defined, not errors.
//!
//! Start with [`Window::compute`]; [`WindowData`] names a window's candles by a digest, [`dataset`] reads history from disk,
//! [`PartFile`] writes it, [`manifest`] a model's description (its scale among others), [`synthetic`] makes candles for
//! tests. The formulas are in [`indicators`] and `docs/features.md`. What a model is scored on is defined here too, for
//! trainer and node alike: [`places`] says which windows, [`labels`] what would have been right, [`metrics`] how answers are
//! counted, [`evaluation`] puts them together for any market's history.

pub mod candle;
pub mod dataset;
pub mod decimal;
mod error;
pub mod evaluation;
mod funding;
pub mod indicators;
pub mod labels;
pub mod manifest;
pub mod metrics;
mod part_file;
pub mod places;
mod record;
mod rounding;
pub mod scale;
pub mod series;
pub mod synthetic;
pub mod utc;
mod window;
mod window_data;

pub use candle::Candle;
pub use error::{FeatureError, PriceFault};
pub use funding::{FUNDING_LIMIT_MS, FundingRate};
pub use indicators::Indicators;
pub use manifest::Manifest;
pub use part_file::PartFile;
pub use record::Record;
pub use scale::{AffineScale, FeatureScale};
pub use window::Window;
pub use window_data::WindowData;

/// Version of the feature definition; a change of any bit of any window changes it.
pub const FEATURES_VERSION: u32 = 2;

/// Minutes in a window.
pub const WINDOW: usize = 60;

/// Features per minute.
pub const FEATURES: usize = 8;

/// Values that describe a window as a whole.
pub const CONTEXT: usize = 16;

/// Where the context begins in a window's values: after all features of all minutes.
pub const CONTEXT_START: usize = WINDOW * FEATURES;

/// Values in a window: 496, sixteen words of 31 in the statement.
pub const INPUTS: usize = CONTEXT_START + CONTEXT;

/// Candles before the window that warm the averages up.
pub const WARM_UP: usize = 240;

/// Candles a window is computed from.
pub const CANDLES: usize = WARM_UP + WINDOW;

/// Names of the features, in order.
pub const FEATURE_NAMES: [&str; FEATURES] = [
    "ema5", "ema10", "ema20", "rsi14", "macd", "volume5", "volume10", "funding",
];

/// Names of the context's values, in order.
pub const CONTEXT_NAMES: [&str; CONTEXT] = [
    "volatility5",
    "volatility15",
    "volatility30",
    "volatility60",
    "volatility120",
    "volatility240",
    "return240",
    "clock0",
    "clock1",
    "clock2",
    "clock3",
    "clock4",
    "clock5",
    "clock6",
    "clock7",
    "weekend",
];
