//! Exponential moving average: `e += α (close - e)`, α = 2 / (n + 1), in fixed point.

use super::FRACTION_BITS;
use crate::rounding::shift_nearest;

const ALPHA_BITS: u32 = 32;

/// An average with 32 extra fraction bits; α is 2 / (n + 1) rounded to 32 bits.
pub(super) struct Ema {
    state: i128,
    alpha: i128,
}

impl Ema {
    /// An average over `period` candles, seeded with a close.
    pub(super) const fn new(period: i128, seed: i64) -> Self {
        // Nearest integer to 2^33 / (n + 1).
        let alpha = ((2 << ALPHA_BITS) + (period + 1) / 2) / (period + 1);
        Self {
            state: (seed as i128) << FRACTION_BITS,
            alpha,
        }
    }

    pub(super) fn update(&mut self, close: i64) {
        let distance = (i128::from(close) << FRACTION_BITS) - self.state;
        self.state += shift_nearest(distance * self.alpha, ALPHA_BITS);
    }

    /// The average in E8 with [`FRACTION_BITS`] more fraction bits.
    pub(super) const fn value(&self) -> i128 {
        self.state
    }
}

#[cfg(test)]
mod tests {
    use super::{Ema, FRACTION_BITS};

    #[test]
    fn ema_of_a_constant_is_the_constant() {
        let mut ema = Ema::new(26, 1_234);
        for _ in 0..300 {
            ema.update(1_234);
        }
        assert_eq!(ema.value(), 1_234 << FRACTION_BITS);
    }

    #[test]
    fn ema_after_one_step_moves_by_alpha() {
        let mut ema = Ema::new(3, 0);
        ema.update(100);
        assert_eq!(ema.value(), 50 << FRACTION_BITS);
    }
}
