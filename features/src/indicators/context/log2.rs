//! The binary logarithm of an integer, exactly the same on every machine.

use crate::indicators::RAW_ONE;
use crate::rounding::shift_nearest;

/// Fraction bits computed: the last is worth 2^-30, a raw unit.
const BITS: u32 = 30;
/// The significand is kept in [2^62, 2^63), so that its square fits 128 bits.
const ONE_BITS: u32 = 62;

/// log2(`n`) with one = [`RAW_ONE`]; `n` must be positive (zero gives zero).
///
/// The integer part is the highest set bit. The fraction's 30 bits come from squaring the significand, which doubles its
/// logarithm: where the square reaches two, the bit is one and the square is halved. Significand and squares are rounded
/// down to 62 fraction bits; the 30 bits found are then scaled to 10^9 per octave and rounded to nearest, halves up. The
/// result is at most 1.5 units below the logarithm and at most half a unit above.
pub(super) fn log2(n: u128) -> i64 {
    let Some(octave) = n.checked_ilog2() else {
        return 0;
    };
    let mut significand = if octave > ONE_BITS {
        n >> (octave - ONE_BITS)
    } else {
        n << (ONE_BITS - octave)
    };
    let mut bits = i128::from(octave);
    for _ in 0..BITS {
        significand = (significand * significand) >> ONE_BITS;
        let bit = significand >> (ONE_BITS + 1);
        significand >>= bit;
        bits = 2 * bits + i128::from(bit != 0);
    }
    // At most 128 octaves: far inside 64 bits.
    i64::try_from(shift_nearest(bits * i128::from(RAW_ONE), BITS)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::log2;
    use crate::indicators::RAW_ONE;
    use proptest::prelude::*;

    #[test]
    fn log2_of_powers_of_two_is_exact() {
        for octave in 0..=127u32 {
            assert_eq!(log2(1 << octave), i64::from(octave) * RAW_ONE);
        }
        assert_eq!(log2(0), 0);
    }

    #[test]
    fn log2_of_known_numbers() {
        assert_eq!(log2(3), 1_584_962_500); // 1.58496250072...
        assert_eq!(log2(10), 3_321_928_094); // 3.32192809488..., rounded down to 30 bits first
        assert!(log2(u128::MAX) > 127 * RAW_ONE);
    }

    proptest! {
        #[test]
        fn log2_agrees_with_the_floating_one(n in 1u128.., shift in 0u32..127) {
            let n = (n >> shift).max(1);
            let float = (n as f64).log2() * RAW_ONE as f64;
            let exact = log2(n) as f64;
            prop_assert!((-1.6..=0.6).contains(&(exact - float)), "{n}: {exact} is not {float}");
        }

        #[test]
        fn log2_is_monotone(n in 1u128.., shift in 0u32..127, step in 1u128..1_000_000) {
            let n = (n >> shift).max(1);
            prop_assert!(log2(n) <= log2(n.saturating_add(step)));
        }

        #[test]
        fn log2_of_the_double_is_one_more(n in 1u128..1 << 126) {
            prop_assert_eq!(log2(2 * n) - log2(n), RAW_ONE);
        }
    }
}
