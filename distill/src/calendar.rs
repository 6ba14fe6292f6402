//! Days of the Gregorian calendar, for the axes of plots and the months of reports.

const DAY: i64 = 86_400;

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Year.
    pub year: i64,
    /// 1 to 12.
    pub month: i64,
    /// 1 to 31.
    pub day: i64,
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// The UTC day of a time in UNIX seconds (Howard Hinnant, "chrono-compatible low-level date algorithms",
/// `civil_from_days`).
#[must_use]
pub fn date(seconds: i64) -> Date {
    let shifted = seconds.div_euclid(DAY) + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    Date {
        year: year_of_era + 400 * era + i64::from(month <= 2),
        month,
        day: day_of_year - (153 * shifted_month + 2) / 5 + 1,
    }
}

/// First second of a month counted from year 0 (`12 * year + month - 1`): the inverse, `days_from_civil`.
#[must_use]
pub fn month_start(months: i64) -> i64 {
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era - 719_468) * DAY
}

#[cfg(test)]
mod tests {
    use super::{Date, date, month_start};

    #[test]
    fn date_knows_leap_days_and_month_start_is_its_inverse() {
        assert_eq!(
            date(1_709_164_800),
            Date {
                year: 2024,
                month: 2,
                day: 29
            }
        );
        assert_eq!(
            date(0),
            Date {
                year: 1970,
                month: 1,
                day: 1
            }
        );
        for months in 1970 * 12..2101 * 12 {
            let start = month_start(months);
            let first = date(start);
            assert_eq!((12 * first.year + first.month - 1, first.day), (months, 1));
            assert_eq!(date(start - 1).month, (months - 1).rem_euclid(12) + 1);
        }
    }
}
