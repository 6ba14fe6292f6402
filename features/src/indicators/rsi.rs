//! Wilder's relative strength over 14 candles, regularised so that a flat market is exactly one half.

use super::{FRACTION_BITS, ratio};
use crate::rounding::shift_nearest;

const PERIOD: i128 = 14;
const ALPHA_BITS: u32 = 32;
/// Nearest integer to 2^32 / 14.
const ALPHA: i128 = ((1 << ALPHA_BITS) + PERIOD / 2) / PERIOD;
/// ε = close / 2^20, about a millionth of the price: it decides only markets that do not move.
const EPSILON_BITS: u32 = 20;

/// Wilder's averages of gains and losses, seeded with zero, in E8 with 32 more fraction bits.
pub(super) struct Rsi {
    gain: i128,
    loss: i128,
}

impl Rsi {
    pub(super) const fn new() -> Self {
        Self { gain: 0, loss: 0 }
    }

    pub(super) fn update(&mut self, change: i64) {
        smooth(&mut self.gain, change.max(0));
        smooth(&mut self.loss, (-change).max(0));
    }

    /// (G + ε) / (G + L + 2ε): 0 to 1, one half when nothing moved.
    pub(super) fn value(&self, close: i64) -> i64 {
        let epsilon = i128::from(close) << (FRACTION_BITS - EPSILON_BITS);
        ratio(self.gain + epsilon, self.gain + self.loss + 2 * epsilon)
    }
}

fn smooth(average: &mut i128, value: i64) {
    let distance = (i128::from(value) << FRACTION_BITS) - *average;
    *average += shift_nearest(distance * ALPHA, ALPHA_BITS);
}

#[cfg(test)]
mod tests {
    use super::Rsi;
    use crate::indicators::RAW_ONE;

    #[test]
    fn rsi_of_a_flat_market_is_one_half() {
        let mut rsi = Rsi::new();
        for _ in 0..300 {
            rsi.update(0);
        }
        assert_eq!(rsi.value(1), RAW_ONE / 2);
        assert_eq!(rsi.value(6_000_000_000_000), RAW_ONE / 2);
    }

    #[test]
    fn rsi_of_a_rising_market_is_near_one_and_of_a_falling_one_near_zero() {
        let (mut up, mut down) = (Rsi::new(), Rsi::new());
        for _ in 0..300 {
            up.update(1_000_000);
            down.update(-1_000_000);
        }
        assert!(up.value(1_000_000_000) > RAW_ONE * 999 / 1_000);
        assert!(down.value(1_000_000_000) < RAW_ONE / 1_000);
    }
}
