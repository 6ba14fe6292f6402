//! UNIX seconds as people write them.

/// `2025-03-01 12:34` in UTC.
#[must_use]
pub fn minute(seconds: u64) -> String {
    let (year, month, day) = date(seconds / 86_400);
    let minutes = seconds / 60;
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}",
        minutes / 60 % 24,
        minutes % 60
    )
}

/// `2025-03-01T12:34:56Z`.
pub fn rfc3339(seconds: u64) -> String {
    let (year, month, day) = date(seconds / 86_400);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        seconds / 3_600 % 24,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// A text that is no time since 1970.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no time from 1970 to 9999: write UNIX seconds, 2024-07-29 or 2024-07-29T14:10:00Z (or an offset such as +02:00)"
)]
pub struct TimeError(String);

/// UNIX seconds of a text: themselves, an RFC 3339 date (its first second in UTC) or an RFC 3339 date and time in whole
/// seconds.
///
/// # Errors
/// [`TimeError`] for any other text, also for a date that no calendar has.
pub fn parse(text: &str) -> Result<u64, TimeError> {
    let seconds = if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        from_rfc3339(text)
    };
    // The year 9999 ends here; a later second is a slip of milliseconds.
    seconds
        .filter(|seconds| *seconds < 253_402_300_800)
        .ok_or_else(|| TimeError(text.to_owned()))
}

fn from_rfc3339(text: &str) -> Option<u64> {
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let days = days(year, month, day)?;
    let Some(time) = time else {
        return Some(days * 86_400);
    };
    let (clock, offset) = time.split_at_checked(8)?;
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let local = days * 86_400 + hour * 3_600 + minute * 60 + second;
    match offset.split_at_checked(1)? {
        ("Z" | "z", "") => Some(local),
        ("+", ahead) => local.checked_sub(seconds_ahead(ahead)?),
        ("-", behind) => Some(local + seconds_ahead(behind)?),
        _ => None,
    }
}

/// `02:00` in seconds.
fn seconds_ahead(offset: &str) -> Option<u64> {
    let [hours, minutes] = numbers(offset, ':', [2, 2])?;
    (hours <= 23 && minutes <= 59).then_some(hours * 3_600 + minutes * 60)
}

/// Decimal numbers of given widths between separators.
fn numbers<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[u64; N]> {
    let mut parts = text.split(separator);
    let mut values = [0; N];
    for (value, width) in values.iter_mut().zip(widths) {
        let part = parts.next()?;
        if part.len() != width || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *value = part.parse().ok()?;
    }
    parts.next().is_none().then_some(values)
}

/// Days since 1970-01-01 to a Gregorian date (Howard Hinnant's `civil_from_days`, for non-negative days).
fn date(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let part = (5 * day_of_year + 2) / 153;
    let month = if part < 10 { part + 3 } else { part - 9 };
    (
        year_of_era + era * 400 + u64::from(month <= 2),
        month,
        day_of_year - (153 * part + 2) / 5 + 1,
    )
}

/// The inverse of [`date`] (Hinnant's `days_from_civil`); none for a date that is in no calendar or before 1970.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    if year < 1_970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (shifted_year, part) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let (era, year_of_era) = (shifted_year / 400, shifted_year % 400);
    let day_of_year = (153 * part + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    (date(days) == (year, month, day)).then_some(days)
}

#[cfg(test)]
mod tests {
    use super::{minute, parse, rfc3339};

    #[test]
    fn minute_of_known_times() {
        assert_eq!(minute(0), "1970-01-01 00:00");
        assert_eq!(minute(951_782_400), "2000-02-29 00:00");
        assert_eq!(minute(1_735_689_659), "2025-01-01 00:00");
        assert_eq!(minute(4_102_444_740), "2099-12-31 23:59");
    }

    #[test]
    fn rfc3339_is_read_back() {
        assert_eq!(rfc3339(1_722_262_205), "2024-07-29T14:10:05Z");
        for seconds in [0, 951_868_799, 1_735_689_600, 4_102_444_799] {
            assert_eq!(parse(&rfc3339(seconds)), Ok(seconds));
        }
    }

    #[test]
    fn parse_of_known_times() {
        for (text, seconds) in [
            ("0", 0),
            ("1722262200", 1_722_262_200),
            ("1970-01-01", 0),
            ("2000-02-29", 951_782_400),
            ("2024-07-29T14:10:00Z", 1_722_262_200),
            ("2024-07-29 14:10:00z", 1_722_262_200),
            ("2024-07-29T16:40:00+02:30", 1_722_262_200),
            ("2024-07-28T23:10:00-15:00", 1_722_262_200),
            ("2099-12-31T23:59:00Z", 4_102_444_740),
        ] {
            assert_eq!(parse(text), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn parse_refuses_what_is_no_time() {
        for text in [
            "",
            "-1",
            "yesterday",
            "1722262200000",
            "2023-02-29",
            "2024-13-01",
            "2024-00-10",
            "2024-1-1",
            "1969-12-31",
            "2024-07-29T14:10",
            "2024-07-29T14:10:00",
            "2024-07-29T24:00:00Z",
            "2024-07-29T14:10:00.5Z",
            "2024-07-29T14:10:00+2:00",
            "1970-01-01T00:00:00+01:00",
            "2024-07-29T14:1é:00Z",
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains("UNIX seconds"), "{text}: {error}");
        }
    }
}
