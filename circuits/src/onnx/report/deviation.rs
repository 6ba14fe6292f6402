//! How far integers are from the values over the reals.

use serde::Serialize;

/// Difference from the values over the reals, in their units.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Deviation {
    /// Largest magnitude.
    pub max: f64,
    /// Mean magnitude.
    pub mean: f64,
    /// The mean over the mean magnitude of the values.
    pub relative: f64,
}

/// Sums of a deviation.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) max: f64,
    pub(super) total: f64,
    pub(super) size: f64,
    pub(super) count: f64,
    pub(super) low: i64,
    pub(super) high: i64,
    pub(super) saturated: f64,
}

impl Sums {
    pub(super) fn add(&mut self, integers: &[i64], scale: f64, reals: &[f64]) {
        for (&integer, &real) in integers.iter().zip(reals) {
            let difference = (integer as f64 * scale - real).abs();
            self.max = self.max.max(difference);
            self.total += difference;
            self.size += real.abs();
            (self.low, self.high) = if self.count == 0.0 {
                (integer, integer)
            } else {
                (self.low.min(integer), self.high.max(integer))
            };
            self.count += 1.0;
        }
    }

    pub(super) fn deviation(&self) -> Deviation {
        Deviation {
            max: self.max,
            mean: self.total / self.count.max(1.0),
            relative: if self.size > 0.0 {
                self.total / self.size
            } else {
                0.0
            },
        }
    }
}
