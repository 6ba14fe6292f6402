//! Elementary functions out of the basic operations of IEEE 754, which are the same bits on every machine; those of a system's
//! library are not.

use std::f64::consts::{FRAC_2_SQRT_PI, LN_2, SQRT_2};

/// The upper bits of ln 2: times an integer of 11 bits it is exact.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
/// ln 2 less the above.
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// e^x, to about 1e-15 of its value.
pub(super) fn exp(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x > 709.0 {
        return f64::INFINITY;
    }
    if x < -708.0 {
        return 0.0;
    }
    let k = (x / LN_2).round();
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    // |r| <= 0.35: the 18th term is below 1e-23.
    let series = (1..=18)
        .rev()
        .fold(1.0, |sum, n| 1.0 + r / f64::from(n) * sum);
    series * power_of_two(k as i32)
}

/// The natural logarithm, to about 1e-15; not a number for x <= 0.
pub(super) fn ln(x: f64) -> f64 {
    if x.is_nan() || x <= 0.0 {
        return f64::NAN;
    }
    if x.is_infinite() {
        return x;
    }
    let (mut m, mut k) = (x, 0.0);
    while m > SQRT_2 {
        m *= 0.5;
        k += 1.0;
    }
    while m < SQRT_2 / 2.0 {
        m *= 2.0;
        k -= 1.0;
    }
    // ln m = 2 artanh((m - 1) / (m + 1)), |t| <= 0.172.
    let t = (m - 1.0) / (m + 1.0);
    let series = (0..14)
        .rev()
        .fold(0.0, |sum, n| 1.0 / f64::from(2 * n + 1) + t * t * sum);
    k * LN_2_HIGH + (2.0 * t * series + k * LN_2_LOW)
}

/// 1 / (1 + e^-x).
pub(super) fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + exp(-x))
    } else {
        let e = exp(x);
        e / (1.0 + e)
    }
}

/// The hyperbolic tangent.
pub(super) fn tanh(x: f64) -> f64 {
    if x.abs() < 0.02 {
        // The difference below would cancel.
        let s = x * x;
        return x * (1.0 - s * (1.0 / 3.0 - s * (2.0 / 15.0 - s * (17.0 / 315.0))));
    }
    let e = exp(-2.0 * x.abs());
    ((1.0 - e) / (1.0 + e)).copysign(x)
}

/// ln(1 + e^x).
pub(super) fn softplus(x: f64) -> f64 {
    let e = exp(-x.abs());
    // ln(1 + e) loses e below 1e-9, where it is e.
    let rest = if e < 1e-9 { e } else { ln(1.0 + e) };
    x.max(0.0) + rest
}

/// The error function, to about 1e-15: its series near 0, a continued fraction beyond.
pub(super) fn erf(x: f64) -> f64 {
    let a = x.abs();
    if a.is_nan() {
        return x;
    }
    let value = if a > 6.0 {
        1.0
    } else if a < 2.5 {
        // sum 2^n x^(2n+1) / (1 3 5 ... (2n+1)) e^(-x^2): all terms positive.
        let (mut term, mut sum) = (a, a);
        for n in 1..80 {
            term *= 2.0 * a * a / f64::from(2 * n + 1);
            sum += term;
        }
        FRAC_2_SQRT_PI * exp(-a * a) * sum
    } else {
        let tail = (1..60)
            .rev()
            .fold(0.0, |rest, n| f64::from(n) * 0.5 / (a + rest));
        1.0 - FRAC_2_SQRT_PI * 0.5 * exp(-a * a) / (a + tail)
    };
    value.copysign(x)
}

/// 2^k, exactly; 0 or infinite beyond the range.
pub(super) fn power_of_two(k: i32) -> f64 {
    let factor = if k < 0 { 0.5 } else { 2.0 };
    (0..k.unsigned_abs().min(1100)).fold(1.0, |power, _| power * factor)
}

/// The largest k with 2^k <= x; 0 if x is not positive and finite.
pub(super) fn floor_log2(x: f64) -> i32 {
    if !x.is_finite() || x <= 0.0 {
        return 0;
    }
    let (mut k, mut power) = (0, 1.0);
    while power > x {
        power *= 0.5;
        k -= 1;
    }
    while power * 2.0 <= x {
        power *= 2.0;
        k += 1;
    }
    k
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the system's library, which is close, but not the same everywhere.
    #[test]
    fn functions_agree_with_the_library_to_twelve_digits() {
        for i in -4000..4000 {
            let x = f64::from(i) / 97.0;
            let near = |got: f64, want: f64| {
                assert!(
                    (got - want).abs() <= 1e-12 * want.abs().max(1e-3),
                    "{x}: {got} {want}"
                );
            };
            near(exp(x), x.exp());
            near(tanh(x), x.tanh());
            near(sigmoid(x), 1.0 / (1.0 + (-x).exp()));
            near(softplus(x), x.max(0.0) + (-x.abs()).exp().ln_1p());
            if x > 0.0 {
                near(ln(x), x.ln());
            }
        }
    }

    #[test]
    fn erf_has_its_known_values() {
        let known = [
            (0.0, 0.0),
            (0.5, 0.520_499_877_813_046_5),
            (1.0, 0.842_700_792_949_714_9),
            (2.0, 0.995_322_265_018_952_7),
            (3.0, 0.999_977_909_503_001_4),
        ];
        for (x, want) in known {
            assert!((erf(x) - want).abs() < 1e-14, "{x}");
            assert!((erf(-x) + want).abs() < 1e-14, "{x}");
        }
        assert!((erf(2.499_999) - erf(2.500_001)).abs() < 1e-8);
    }

    #[test]
    fn powers_and_their_exponents_are_exact() {
        assert_eq!(power_of_two(-3), 0.125);
        assert_eq!(power_of_two(60), 2f64.powi(60));
        assert_eq!(
            [0.9, 1.0, 1.9, 2.0, 1e-3].map(floor_log2),
            [-1, 0, 0, 1, -10]
        );
        assert_eq!(floor_log2(0.0), 0);
    }
}
