//! Decimal numbers in an exchange's JSON, read digit by digit: no float ever touches a price.
//!
//! ```text
//! "101.50"  Text    ┐
//! 101.5     Number  ┴─ i64 with eight decimals, or an error of the JSON
//! 1.015e2   Number  ┘
//! ```
//! Which of the two an exchange sends is part of its interface; the other one is refused.

use serde::{Deserialize, Deserializer, de::Error};
use serde_json::value::RawValue;
use veriregime_features::decimal::{DecimalError, parse_e8};

/// An eight-decimal value that the exchange writes as a string: `"101.50"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Text(pub(super) i64);

/// An eight-decimal value that the exchange writes as a JSON number: `101.5`, `1.015e2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number(pub(super) i64);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_e8(&text).map(Self).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let token = Box::<RawValue>::deserialize(deserializer)?;
        exact(token.get()).map(Self).map_err(D::Error::custom)
    }
}

/// Largest power of ten that is written out; every value that fits has a smaller one.
const LARGEST_EXPONENT: u32 = 40;

/// The value of a JSON number with eight decimals; an exponent only moves the point.
fn exact(token: &str) -> Result<i64, DecimalError> {
    let Some((mantissa, exponent)) = token.split_once(['e', 'E']) else {
        return parse_e8(token);
    };
    let shown = || token.chars().take(40).collect::<String>();
    let malformed = || DecimalError::Malformed(shown());
    let (back, exponent) = match exponent.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, exponent.strip_prefix('+').unwrap_or(exponent)),
    };
    if exponent.is_empty() || !exponent.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(malformed());
    }
    let exponent = match exponent.parse::<u32>() {
        Ok(exponent) if exponent <= LARGEST_EXPONENT => exponent as usize,
        _ if back => return Err(DecimalError::TooPrecise(shown())),
        _ => return Err(DecimalError::TooLarge(shown())),
    };
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", mantissa),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || (fraction.is_empty() && digits.contains('.')) {
        return Err(malformed());
    }
    let zeros = "0".repeat(exponent);
    // Room for the point to move by the exponent in its direction.
    let (all, point) = if back {
        (format!("{zeros}{whole}{fraction}"), whole.len())
    } else {
        (format!("{whole}{fraction}{zeros}"), whole.len() + exponent)
    };
    let (whole, fraction) = all.split_at_checked(point).ok_or_else(malformed)?;
    let whole = if whole.is_empty() { "0" } else { whole };
    let plain = if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    };
    parse_e8(&plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use veriregime_features::decimal::format_e8;

    use super::*;

    #[test]
    fn exponents_only_move_the_point() {
        for (token, value) in [
            ("101.5", 10_150_000_000),
            ("1.015e2", 10_150_000_000),
            ("1.015E+2", 10_150_000_000),
            ("10150e-2", 10_150_000_000),
            ("0.001015e05", 10_150_000_000),
            ("1e-8", 1),
            ("-2.5e-7", -25),
            ("0e0", 0),
            ("9007199254740993e-8", 9_007_199_254_740_993),
            ("9.2233720368547758e10", 9_223_372_036_854_775_800),
        ] {
            assert_eq!(exact(token), Ok(value), "{token}");
        }
    }

    #[test]
    fn what_has_no_exact_value_is_refused() {
        for token in ["1e-9", "1.5e-8", "1e-41", "1e-99999999999"] {
            assert!(
                matches!(exact(token), Err(DecimalError::TooPrecise(_))),
                "{token}"
            );
        }
        for token in ["1e11", "1e400", "9.3e10", "1e99999999999"] {
            assert!(
                matches!(exact(token), Err(DecimalError::TooLarge(_))),
                "{token}"
            );
        }
        for token in [
            "", "e", "1e", "1e+", "e5", ".5e1", "1.e1", "1e5.5", "1e+-5", "--1e1", "\"1e1\"", "x",
        ] {
            assert!(
                matches!(exact(token), Err(DecimalError::Malformed(_))),
                "{token}"
            );
        }
    }

    #[test]
    fn strings_and_numbers_are_not_mistaken_for_each_other() {
        assert_eq!(
            serde_json::from_str::<Text>("\"1.5\"").unwrap().0,
            150_000_000
        );
        assert_eq!(
            serde_json::from_str::<Number>("1.5").unwrap().0,
            150_000_000
        );
        assert!(serde_json::from_str::<Text>("1.5").is_err());
        assert!(serde_json::from_str::<Text>("\"1.5e0\"").is_err());
        assert!(serde_json::from_str::<Number>("\"1.5\"").is_err());
        assert!(serde_json::from_str::<Number>("null").is_err());
    }

    proptest! {
        #[test]
        fn any_spelling_of_a_value_is_that_value(value in (i64::MIN + 1)..=i64::MAX, shift in 0_u32..=20) {
            let plain = format_e8(value);
            prop_assert_eq!(exact(&format!("{plain}e0")), Ok(value));
            prop_assert_eq!(exact(&format!("{value}e-8")), Ok(value));
            let zeros = "0".repeat(shift as usize);
            prop_assert_eq!(exact(&format!("{value}{zeros}e-{}", shift + 8)), Ok(value));
        }
    }
}
