//! Fitting the features' affine maps on the training part.

use rayon::prelude::*;
use veriregime_features::places::Place;
use veriregime_features::{AffineScale, CONTEXT, FEATURES, FeatureScale, Indicators};

use super::History;
use crate::Error;

/// Quantised values per standard deviation: the range [-128, 127] then holds four of them on each side.
pub const STEPS_PER_DEVIATION: f64 = 32.0;

const SHIFT: u32 = 40;

/// A window's last minute and its context, raw.
type Row = ([i64; FEATURES], [i64; CONTEXT]);

/// Maps each feature's training mean to 0 and its standard deviation to [`STEPS_PER_DEVIATION`].
///
/// Only the last minute of each window is looked at: the windows overlap, and every minute is some window's last.
///
/// # Errors
/// [`Error::Feature`] when a window cannot be computed.
pub fn fit(history: &History, places: &[Place]) -> Result<FeatureScale, Error> {
    let rows: Vec<Row> = places
        .par_iter()
        .map(|place| {
            let raw = Indicators::compute(place.candles(&history.candles), &history.funding)?;
            Ok((raw.values.last().copied().unwrap_or_default(), raw.context))
        })
        .collect::<Result<_, Error>>()?;
    let scale = FeatureScale {
        features: std::array::from_fn(|feature| map(rows.iter().map(|row| row.0[feature]))),
        context: std::array::from_fn(|value| map(rows.iter().map(|row| row.1[value]))),
    };
    scale.check()?;
    Ok(scale)
}

/// The map of one value, from what it was in the training part.
fn map(values: impl ExactSizeIterator<Item = i64> + Clone) -> AffineScale {
    let count = values.len().max(1) as f64;
    let mean = values.clone().map(|value| value as f64).sum::<f64>() / count;
    let variance = values
        .map(|value| (value as f64 - mean).powi(2))
        .sum::<f64>()
        / count;
    let step = (variance.sqrt() / STEPS_PER_DEVIATION).max(1.0);
    AffineScale {
        centre: mean.round() as i64,
        multiplier: ((1u64 << SHIFT) as f64 / step).round() as i64,
        shift: SHIFT,
    }
}
