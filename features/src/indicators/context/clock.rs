//! The time of day as eight overlapping triangles, and the weekend, from a UNIX time in UTC.

use crate::indicators::RAW_ONE;
use crate::rounding::div_nearest;

/// Number of triangles.
const HATS: usize = 8;
const MINUTES_PER_DAY: u64 = 24 * 60;
/// Minutes between two knots: 00:00, 03:00, ... 21:00.
const KNOT_MINUTES: u64 = MINUTES_PER_DAY / HATS as u64;

/// round(max(0, 1 - d / 180)) for each knot, d the minutes to it around the clock.
///
/// At most two neighbours are not zero, and together they are exactly one: in between, a linear function of the eight
/// follows any daily pattern by straight lines from knot to knot.
pub(super) fn hats(close_time: u64) -> [i64; HATS] {
    let minute = close_time / 60 % MINUTES_PER_DAY;
    let mut knot = 0;
    [(); HATS].map(|()| {
        let distance = minute.abs_diff(knot);
        let around = distance.min(MINUTES_PER_DAY - distance);
        knot += KNOT_MINUTES;
        share(KNOT_MINUTES.saturating_sub(around))
    })
}

/// `minutes` of 180 as a raw value, to nearest: never an exact half, since 10^9 / 180 has the denominator 9.
fn share(minutes: u64) -> i64 {
    let raw = div_nearest(
        i128::from(minutes) * i128::from(RAW_ONE),
        i128::from(KNOT_MINUTES),
    );
    i64::try_from(raw).unwrap_or(RAW_ONE)
}

/// Whether the time falls on a Saturday or Sunday in UTC.
pub(super) const fn is_weekend(close_time: u64) -> bool {
    // 1970-01-01 was a Thursday: days 2 and 3 of each seven are Saturday and Sunday.
    matches!(close_time / 60 / MINUTES_PER_DAY % 7, 2 | 3)
}

#[cfg(test)]
mod tests {
    use super::{hats, is_weekend};
    use crate::indicators::RAW_ONE;

    #[test]
    fn hats_of_every_minute_sum_to_one_with_two_neighbours_at_most_and_repeat_daily() {
        for minute in 0..1_440u64 {
            let hats_now = hats(minute * 60);
            assert_eq!(hats_now.iter().sum::<i64>(), RAW_ONE, "minute {minute}");
            let not_zero: Vec<usize> = (0..8).filter(|&hat| hats_now[hat] != 0).collect();
            match not_zero[..] {
                [_] => assert_eq!(minute % 180, 0),
                [a, b] => assert!(b - a == 1 || (a, b) == (0, 7), "minute {minute}"),
                _ => panic!("minute {minute}: {hats_now:?}"),
            }
            assert_eq!(hats_now, hats((minute + 1_440 * 20_000) * 60));
        }
    }

    #[test]
    fn hats_at_knots_and_between_them() {
        assert_eq!(hats(0), [RAW_ONE, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(hats(21 * 3_600), [0, 0, 0, 0, 0, 0, 0, RAW_ONE]);
        let between = hats(22 * 3_600);
        assert_eq!((between[7], between[0]), (666_666_667, 333_333_333));
    }

    #[test]
    fn weekend_is_saturday_and_sunday_in_utc() {
        let saturday = 1_732_320_000; // 2024-11-23 00:00
        assert!(!is_weekend(saturday - 60));
        assert!(is_weekend(saturday));
        assert!(is_weekend(saturday + 2 * 86_400 - 60));
        assert!(!is_weekend(saturday + 2 * 86_400));
    }
}
