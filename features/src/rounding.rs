//! The one rounding rule of the crate: to the nearest integer, exact halves toward plus infinity.

/// `n / d` rounded to the nearest integer, halves toward plus infinity; `d` must be positive.
///
/// `n + d / 2` must not overflow: the callers bound their operands (see [`crate::candle::MAX_PRICE`]).
pub(crate) const fn div_nearest(n: i128, d: i128) -> i128 {
    let n = n + d / 2;
    let quotient = n / d;
    if n - quotient * d < 0 {
        quotient - 1
    } else {
        quotient
    }
}

/// `n / 2^bits` rounded to the nearest integer, halves toward plus infinity; `bits` must be at least 1.
pub(crate) const fn shift_nearest(n: i128, bits: u32) -> i128 {
    (n + (1 << (bits - 1))) >> bits
}

#[cfg(test)]
mod tests {
    use super::{div_nearest, shift_nearest};

    #[test]
    fn div_nearest_of_halves_goes_toward_plus_infinity() {
        assert_eq!(div_nearest(5, 2), 3);
        assert_eq!(div_nearest(-5, 2), -2);
        assert_eq!(div_nearest(-3, 2), -1);
        assert_eq!(div_nearest(7, 3), 2);
        assert_eq!(div_nearest(8, 3), 3);
        assert_eq!(div_nearest(-7, 3), -2);
        assert_eq!(div_nearest(-8, 3), -3);
        assert_eq!(div_nearest(0, 3), 0);
    }

    #[test]
    fn shift_nearest_agrees_with_division_by_the_power_of_two() {
        for n in -40..40 {
            for bits in 1..5 {
                assert_eq!(
                    shift_nearest(n, bits),
                    div_nearest(n, 1 << bits),
                    "{n} >> {bits}"
                );
            }
        }
    }
}
