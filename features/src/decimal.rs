//! Decimal strings to eight-decimal integers and back, exactly: no float ever touches a price.

use thiserror::Error;

const DECIMALS: usize = 8;

/// Why a decimal string has no exact eight-decimal value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DecimalError {
    /// Not `-?digits(.digits)?`.
    #[error(
        "`{0}` is no plain decimal number: expected digits with an optional minus sign and decimal point"
    )]
    Malformed(String),
    /// More than eight decimals that are not zero.
    #[error("`{0}` has more than eight decimals: it cannot be kept exactly")]
    TooPrecise(String),
    /// Beyond the range of a 64-bit integer with eight decimals.
    #[error("`{0}` is too large for a 64-bit integer with eight decimals")]
    TooLarge(String),
}

/// Parses `-?digits(.digits)?` into an integer with eight decimals, exactly.
///
/// Trailing zeros beyond the eighth decimal are accepted; exponents, plus signs, blanks and separators are not.
///
/// # Errors
/// [`DecimalError`] with the offending text (cut to 40 characters).
pub fn parse_e8(text: &str) -> Result<i64, DecimalError> {
    let shown = || text.chars().take(40).collect::<String>();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((_, "")) => return Err(DecimalError::Malformed(shown())),
        Some(parts) => parts,
        None => (digits, ""),
    };
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return Err(DecimalError::Malformed(shown()));
    }
    let (kept, beyond) = fraction.split_at(fraction.len().min(DECIMALS));
    if beyond.bytes().any(|byte| byte != b'0') {
        return Err(DecimalError::TooPrecise(shown()));
    }
    let padding = std::iter::repeat_n(b'0', DECIMALS - kept.len());
    let mut value: i64 = 0;
    for digit in whole.bytes().chain(kept.bytes()).chain(padding) {
        value = value
            .checked_mul(10)
            .and_then(|value| value.checked_add(i64::from(digit - b'0')))
            .ok_or_else(|| DecimalError::TooLarge(shown()))?;
    }
    Ok(if negative { -value } else { value })
}

/// Writes an eight-decimal integer as a decimal string without trailing zeros.
#[must_use]
pub fn format_e8(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let magnitude = value.unsigned_abs();
    let (whole, fraction) = (magnitude / 100_000_000, magnitude % 100_000_000);
    if fraction == 0 {
        return format!("{sign}{whole}");
    }
    let decimals = format!("{fraction:08}");
    format!("{sign}{whole}.{}", decimals.trim_end_matches('0'))
}

/// Writes an eight-decimal integer with all eight decimals, as exchanges write funding rates.
#[must_use]
pub fn format_e8_full(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let magnitude = value.unsigned_abs();
    format!(
        "{sign}{}.{:08}",
        magnitude / 100_000_000,
        magnitude % 100_000_000
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{DecimalError, format_e8, format_e8_full, parse_e8};

    #[test]
    fn parse_e8_of_plain_decimals_is_exact() {
        assert_eq!(parse_e8("28923.63"), Ok(2_892_363_000_000));
        assert_eq!(parse_e8("107140"), Ok(10_714_000_000_000));
        assert_eq!(parse_e8("-0.00012345"), Ok(-12_345));
        assert_eq!(parse_e8("0.000000010000"), Ok(1));
        assert_eq!(parse_e8("92233720368.54775807"), Ok(i64::MAX));
    }

    #[test]
    fn parse_e8_of_anything_else_names_the_fault() {
        for text in [
            "", "-", ".", "1.", ".5", "+1", "1e5", " 1", "1 ", "1,5", "1.2.3", "nan", "--1",
            "1.-2", "١",
        ] {
            assert!(
                matches!(parse_e8(text), Err(DecimalError::Malformed(_))),
                "{text}"
            );
        }
        assert!(matches!(
            parse_e8("0.000000001"),
            Err(DecimalError::TooPrecise(_))
        ));
        assert!(matches!(
            parse_e8("92233720368.54775808"),
            Err(DecimalError::TooLarge(_))
        ));
        assert!(matches!(
            parse_e8(&"9".repeat(200)),
            Err(DecimalError::TooLarge(_))
        ));
    }

    proptest! {
        #[test]
        fn format_then_parse_returns_the_value(value in (i64::MIN + 1)..=i64::MAX) {
            prop_assert_eq!(parse_e8(&format_e8(value)), Ok(value));
            prop_assert_eq!(parse_e8(&format_e8_full(value)), Ok(value));
        }
    }
}
