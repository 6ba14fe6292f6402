//! Where an axis has marks, and what they say.

use crate::calendar::{date, month_start};

/// A mark.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub at: f64,
    pub text: String,
}

/// At most `most` marks at multiples of 1, 2 or 5 times a power of ten.
pub(super) fn numbers(low: f64, high: f64, most: usize) -> Vec<Tick> {
    let step = step((high - low) / most.max(1) as f64);
    let decimals = (-step.log10().floor()).max(0.0) as usize;
    let first = (low / step - 1e-9).ceil();
    (0..=most)
        .map(|index| (first + index as f64) * step)
        .take_while(|&at| at <= high + step * 1e-9)
        .map(|at| Tick {
            at,
            text: number(at, decimals),
        })
        .collect()
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `least`.
fn step(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .map(|factor| factor * power)
        .into_iter()
        .find(|&step| step >= least * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

/// A number with a comma between thousands.
pub(super) fn number(value: f64, decimals: usize) -> String {
    let plain = format!("{:.decimals$}", value.abs());
    let (whole, rest) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
    let mut text = String::new();
    if value < 0.0 && plain.chars().any(|c| ('1'..='9').contains(&c)) {
        text.push('\u{2212}');
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + rest
}

/// At most `most` marks on the calendar, for UNIX seconds.
pub(super) fn dates(low: f64, high: f64, most: usize) -> Vec<Tick> {
    const HOUR: i64 = 3_600;
    let (first, last) = (low.ceil() as i64, high.floor() as i64);
    let fits = |count: i64| count <= most.max(1) as i64;
    for step in [1, 2, 6, 12, 24, 48, 7 * 24].map(|hours| hours * HOUR) {
        let start = first.div_euclid(step) + i64::from(first.rem_euclid(step) != 0);
        let end = last.div_euclid(step);
        if fits(end - start + 1) {
            return (start..=end)
                .map(|index| moment(index * step, step < 24 * HOUR))
                .collect();
        }
    }
    let month = |seconds: i64| {
        let date = date(seconds);
        12 * date.year + date.month - 1
    };
    let (from, to) = (month(first - 1) + 1, month(last));
    let step = [1, 2, 3, 6, 12, 24, 60, 120]
        .into_iter()
        .find(|step| fits((to - from) / step + 1))
        .unwrap_or(1_200);
    (from..=to)
        .filter(|months| months.rem_euclid(step) == 0)
        .map(|months| Tick {
            at: month_start(months) as f64,
            text: format!(
                "{:04}-{:02}",
                months.div_euclid(12),
                months.rem_euclid(12) + 1
            ),
        })
        .collect()
}

fn moment(seconds: i64, with_hour: bool) -> Tick {
    let day = date(seconds);
    let hour = seconds.rem_euclid(86_400) / 3_600;
    let text = if with_hour {
        format!("{:02}-{:02} {hour:02}:00", day.month, day.day)
    } else {
        day.to_string()
    };
    Tick {
        at: seconds as f64,
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::{dates, number, numbers};

    fn texts(ticks: Vec<super::Tick>) -> Vec<String> {
        ticks.into_iter().map(|tick| tick.text).collect()
    }

    #[test]
    fn numbers_are_round_and_within_the_range() {
        assert_eq!(
            texts(numbers(0.0, 1.0, 5)),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(
            texts(numbers(-0.003, 0.004, 4)),
            ["\u{2212}0.002", "0.000", "0.002", "0.004"]
        );
        assert_eq!(
            texts(numbers(980_000.0, 1_020_000.0, 4)),
            ["980,000", "990,000", "1,000,000", "1,010,000", "1,020,000"]
        );
        for (low, high) in [(0.1, 0.3), (1e-9, 2e-9), (-5e8, 7e8)] {
            let ticks = numbers(low, high, 6);
            assert!((2..=7).contains(&ticks.len()), "{low} {high} {ticks:?}");
        }
    }

    #[test]
    fn number_has_no_negative_zero() {
        assert_eq!(number(-0.001, 2), "0.00");
        assert_eq!(number(-1_234.5, 1), "\u{2212}1,234.5");
    }

    #[test]
    fn dates_follow_the_calendar() {
        // 2024-07-29 14:10 to 2024-11-07 23:00.
        assert_eq!(
            texts(dates(1_722_262_200.0, 1_731_020_400.0, 6)),
            ["2024-08", "2024-09", "2024-10", "2024-11"]
        );
        assert_eq!(
            texts(dates(0.0, 86_400.0, 6)),
            [
                "01-01 00:00",
                "01-01 06:00",
                "01-01 12:00",
                "01-01 18:00",
                "01-02 00:00"
            ]
        );
        assert_eq!(texts(dates(0.0, 86_400.0 * 365.0 * 30.0, 6)).len(), 6);
    }
}
