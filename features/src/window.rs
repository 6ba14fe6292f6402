//! The model's input: 60 minutes by 8 features and 16 values of context, small integers all, and the price it belongs to.

use crate::candle::Candle;
use crate::error::FeatureError;
use crate::funding::FundingRate;
use crate::indicators::Indicators;
use crate::scale::{AffineScale, FeatureScale};
use crate::{CONTEXT_START, FEATURES, INPUTS};

/// A quantised window: `values[t * 8 + f]` is feature `f` of minute `t`, oldest minute first, `values[480 + k]` value `k`
/// of the context; each in [-128, 127].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Close time of the last candle, UNIX seconds.
    pub close_time: u64,
    /// Close price of the last candle, E8.
    pub last_close: i64,
    /// The quantised features, then from [`CONTEXT_START`] on the quantised context.
    pub values: [i16; INPUTS],
}

impl Window {
    /// Computes the window that ends with the last of exactly [`crate::CANDLES`] contiguous candles.
    ///
    /// Pure: the same candles, funding rates and scale give the same bits on every machine.
    ///
    /// # Errors
    /// Any [`FeatureError`] except [`FeatureError::NoWindow`].
    pub fn compute(
        candles: &[Candle],
        funding: &[FundingRate],
        scale: &FeatureScale,
    ) -> Result<Self, FeatureError> {
        scale.check()?;
        Ok(Self::quantise(
            &Indicators::compute(candles, funding)?,
            scale,
        ))
    }

    /// Applies a checked scale to raw indicators (see [`FeatureScale::check`]).
    #[must_use]
    pub fn quantise(indicators: &Indicators, scale: &FeatureScale) -> Self {
        let mut values = [0; INPUTS];
        let (minutes, context) = values.split_at_mut(CONTEXT_START);
        for (row, raw_row) in minutes.chunks_exact_mut(FEATURES).zip(&indicators.values) {
            quantise_each(row, raw_row, &scale.features);
        }
        quantise_each(context, &indicators.context, &scale.context);
        Self {
            close_time: indicators.close_time,
            last_close: indicators.last_close,
            values,
        }
    }
}

/// Each raw value through its own map.
fn quantise_each(values: &mut [i16], raw: &[i64], maps: &[AffineScale]) {
    for ((value, &raw), map) in values.iter_mut().zip(raw).zip(maps) {
        *value = map.quantise(raw);
    }
}
