//! UNIX seconds as people write them.

/// `2025-03-01 12:34` in UTC.
pub fn minute(seconds: u64) -> String {
    let (year, month, day) = date(seconds / 86_400);
    let minutes = seconds / 60;
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}",
        minutes / 60 % 24,
        minutes % 60
    )
}

/// `2025-03-01`, `2025-03-01T12:34` (a blank for the T and a final Z are fine), or UNIX seconds.
///
/// # Errors
/// The text and the forms that are accepted.
pub fn parse(text: &str) -> Result<u64, String> {
    parse_date(text)
        .or_else(|| text.parse().ok().filter(|seconds| *seconds <= LAST))
        .ok_or_else(|| {
            format!("`{text}` is no time: write 2025-03-01, 2025-03-01T12:34 (UTC) or UNIX seconds")
        })
}

/// 9999-12-31 23:59:59: what lies beyond is a time in milliseconds by mistake.
const LAST: u64 = 253_402_300_799;

fn parse_date(text: &str) -> Option<u64> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (day, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let (year, rest) = day.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    let (hour, minute) = time.split_once(':')?;
    let [year, month, day, hour, minute] =
        [(year, 4), (month, 2), (day, 2), (hour, 2), (minute, 2)].map(|(digits, length)| {
            let plain = digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| digits.parse::<u64>().ok()).flatten()
        });
    let (year, month, day, hour, minute) = (year?, month?, day?, hour?, minute?);
    if year < 1970 || !(1..=12).contains(&month) || hour > 23 || minute > 59 {
        return None;
    }
    let days = days(year, month, day);
    // A day that its month does not have comes back as another date.
    (date(days) == (year, month, day)).then_some(days * 86_400 + hour * 3_600 + minute * 60)
}

/// A Gregorian date to days since 1970-01-01 (Howard Hinnant's `days_from_civil`).
fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = year - u64::from(month <= 2);
    let (era, year_of_era) = (year / 400, year % 400);
    let part = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * part + 2) / 5 + day.max(1) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era).saturating_sub(719_468)
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

#[cfg(test)]
mod tests {
    #[test]
    fn minute_of_known_times() {
        assert_eq!(super::minute(0), "1970-01-01 00:00");
        assert_eq!(super::minute(951_782_400), "2000-02-29 00:00");
        assert_eq!(super::minute(1_735_689_659), "2025-01-01 00:00");
        assert_eq!(super::minute(4_102_444_740), "2099-12-31 23:59");
    }

    #[test]
    fn parse_reads_what_minute_writes_and_nothing_odd() {
        for seconds in [0, 951_782_400, 951_868_740, 1_735_689_600, 4_102_444_740] {
            assert_eq!(super::parse(&super::minute(seconds)), Ok(seconds));
        }
        assert_eq!(super::parse("2025-01-01"), Ok(1_735_689_600));
        assert_eq!(super::parse("2025-01-01T00:01Z"), Ok(1_735_689_660));
        assert_eq!(super::parse("1735689661"), Ok(1_735_689_661));
        for odd in [
            "",
            "2025",
            "x",
            "2025-02-29",
            "2025-13-01",
            "2025-00-01",
            "2025-01-00",
            "2025-01-32",
            "2025-1-1",
            "2025-01-01T24:00",
            "2025-01-01T00:60",
            "1969-12-31",
            "1735689600000",
            "-1",
        ] {
            assert_eq!(super::parse(odd).is_err(), odd != "2025", "{odd}");
        }
    }
}
