//! The affine map of each feature and context value from its raw value to a small integer, stored in the model's manifest.

use serde::{Deserialize, Serialize};

use crate::error::FeatureError;
use crate::indicators::RAW_LIMIT;
use crate::{CONTEXT, CONTEXT_NAMES, FEATURE_NAMES, FEATURES};

/// Smallest quantised value.
pub const MIN_VALUE: i16 = -128;

/// Largest quantised value.
pub const MAX_VALUE: i16 = 127;

const MAX_MULTIPLIER: i64 = 1 << 40;
const MAX_SHIFT: u32 = 62;

/// One value's map: `q = clamp(((raw - centre) * multiplier + 2^(shift-1)) >> shift, -128, 127)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AffineScale {
    /// Raw value that maps to 0.
    pub centre: i64,
    /// Positive multiplier, at most 2^40.
    pub multiplier: i64,
    /// Binary shift, 1 to 62.
    pub shift: u32,
}

impl AffineScale {
    /// The raw distance between two neighbouring quantised values (rounded down).
    #[must_use]
    pub const fn step(&self) -> i64 {
        (1 << self.shift) / self.multiplier
    }

    /// The quantised value of a raw indicator, rounded to nearest (halves up) and clipped to [-128, 127].
    ///
    /// The map must have passed [`FeatureScale::check`].
    #[must_use]
    pub fn quantise(&self, raw: i64) -> i16 {
        let scaled = (i128::from(raw) - i128::from(self.centre)) * i128::from(self.multiplier);
        let rounded = (scaled + (1 << (self.shift - 1))) >> self.shift;
        i16::try_from(rounded)
            .unwrap_or(if rounded < 0 { MIN_VALUE } else { MAX_VALUE })
            .clamp(MIN_VALUE, MAX_VALUE)
    }

    fn is_valid(&self) -> bool {
        (1..=MAX_MULTIPLIER).contains(&self.multiplier)
            && (1..=MAX_SHIFT).contains(&self.shift)
            && (-RAW_LIMIT..=RAW_LIMIT).contains(&self.centre)
    }
}

/// The maps of all features and of the context, in order ([`FEATURE_NAMES`], [`CONTEXT_NAMES`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureScale {
    /// One map per feature.
    pub features: [AffineScale; FEATURES],
    /// One map per value of the context.
    pub context: [AffineScale; CONTEXT],
}

impl FeatureScale {
    /// Checks that every map is within the range in which [`AffineScale::quantise`] cannot overflow.
    ///
    /// # Errors
    /// [`FeatureError::BadScale`] naming the first map out of range.
    pub fn check(&self) -> Result<(), FeatureError> {
        let names = FEATURE_NAMES.into_iter().chain(CONTEXT_NAMES);
        let mut maps = names.zip(self.features.iter().chain(&self.context));
        match maps.find(|(_, map)| !map.is_valid()) {
            None => Ok(()),
            Some((
                feature,
                &AffineScale {
                    centre,
                    multiplier,
                    shift,
                },
            )) => Err(FeatureError::BadScale {
                feature,
                centre,
                multiplier,
                shift,
            }),
        }
    }
}
