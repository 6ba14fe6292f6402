//! How a neuron's accumulator is split into checked values.

use super::range::RangeCheck;
use crate::model::bounds::Interval;

/// acc = 2^shift q + remainder, with q - low below 2^bits by its pieces and the remainder below
/// 2^capacity(shift) by its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Split {
    /// Lower bound of the quotient (hidden layers) or of the accumulator (last layer).
    pub low: i128,
    /// Bits that the pieces of q - low can express.
    pub bits: u32,
    /// Whether the highest of these bits is a sign of its own: low is -2^(bits - 1).
    pub signed: bool,
    /// Limb width: |acc - what the pieces can express| < 2^(limb - 1).
    pub limb: u32,
}

/// Bits of a non-negative integer, at least one.
pub(super) fn bit_length(value: i128) -> u32 {
    (128 - value.unsigned_abs().leading_zeros()).max(1)
}

impl Split {
    /// Splits a range of accumulators at `shift`.
    pub fn of(acc: Interval, shift: u32, range: RangeCheck) -> Self {
        let low = acc.low >> shift;
        let bits = range.capacity(bit_length((acc.high >> shift) - low));
        Self::with(acc, shift, low, bits, false)
    }

    /// Splits so that the highest bit says whether the quotient is not negative.
    pub fn signed(acc: Interval, shift: u32, range: RangeCheck) -> Self {
        let (low, high) = (acc.low >> shift, acc.high >> shift);
        // -2^magnitude <= q < 2^magnitude.
        let magnitude = range.capacity(bit_length(high.max(-1 - low)));
        Self::with(acc, shift, -(1 << magnitude), magnitude + 1, true)
    }

    fn with(acc: Interval, shift: u32, low: i128, bits: u32, signed: bool) -> Self {
        // What the pieces can express, as accumulator values.
        let least = low << shift;
        let most = least + (1i128 << (bits + shift)) - 1;
        let error = (acc.high - least).max(most - acc.low).unsigned_abs();
        Self {
            low,
            bits,
            signed,
            limb: 129 - error.leading_zeros(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pieces_cover_the_range_and_the_limb_covers_the_error(
            low in -(1i128 << 60)..(1i128 << 60), span in 0i128..(1i128 << 60), shift in 0u32..20,
            signed: bool, check in 0usize..3,
        ) {
            let shift = shift & !1;
            let acc = Interval { low, high: low + span };
            let check = [RangeCheck::Bits, RangeCheck::Quads, RangeCheck::Bytes][check];
            let split = if signed {
                Split::signed(acc, shift, check)
            } else {
                Split::of(acc, shift, check)
            };
            prop_assert!(split.low <= acc.low >> shift);
            prop_assert!((acc.high >> shift) - split.low < 1i128 << split.bits);
            if signed {
                prop_assert_eq!(split.low, -(1i128 << (split.bits - 1)));
            }
            let least = split.low << shift;
            let most = least + (1i128 << (split.bits + shift)) - 1;
            let half = 1i128 << (split.limb - 1);
            prop_assert!(acc.high - least < half && most - acc.low < half);
        }
    }
}
