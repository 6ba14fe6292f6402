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
}
