//! Which minutes of a history are samples: windows with the class of what came after.
//!
//! ```text
//! 240 candles warm-up | 60 candles window | horizon
//!                                         ^ close time, on the stride      none of them missing, or skipped
//! ```
//!
//! Trainer and evaluation ask here, so that a score is over the same windows whoever computes it.

use std::ops::RangeInclusive;

use crate::CANDLES;
use crate::candle::{Candle, MINUTE_MS};
use crate::labels::Question;

/// How samples are taken from a history.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// Minutes between two windows: a close time is a whole multiple of them since 1970. At least 1.
    pub stride_minutes: u32,
    /// Minutes ahead the label looks.
    pub horizon_minutes: u32,
    /// What is asked of the horizon.
    pub question: Question,
    /// Threshold of the label, as a ratio (0.002 is 0.2 %); what it bounds is for the question to say.
    pub theta: f64,
}

/// Where a sample lies in the history: its window ends before candle `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index after the window's last candle.
    pub end: usize,
    /// Close time of that candle, UNIX seconds.
    pub close_time: u64,
    /// Class index of what came after ([`Question::label`]).
    pub label: u8,
}

impl Place {
    /// The window's candles in the history it was found in; none in a shorter one.
    #[must_use]
    pub fn candles<'a>(&self, history: &'a [Candle]) -> &'a [Candle] {
        let start = self.end.saturating_sub(CANDLES);
        history.get(start..self.end).unwrap_or_default()
    }
}

impl Sampling {
    /// The samples whose close times lie in `range`, in time order, and the number skipped because the candles of
    /// their window or label cross a gap.
    ///
    /// `history` must be in ascending time order. A close time is considered when its candle is there with
    /// [`CANDLES`] - 1 before it and a horizon's candles after it, wherever in time those lie.
    #[must_use]
    pub fn places(&self, history: &[Candle], range: RangeInclusive<u64>) -> (Vec<Place>, u64) {
        let horizon = self.horizon_minutes as usize;
        let stride = u64::from(self.stride_minutes.max(1)) * 60;
        let contiguous_ms = (CANDLES + horizon - 1) as i64 * MINUTE_MS;
        let mut closes = Vec::with_capacity(horizon + 1);
        let mut skipped = 0;
        let mut places = Vec::new();
        for (start, span) in history.windows(CANDLES + horizon).enumerate() {
            let (Some(first), Some(last), Some(later)) =
                (span.first(), span.get(CANDLES - 1), span.last())
            else {
                continue;
            };
            let close_time = last.close_time();
            if !close_time.is_multiple_of(stride) || !range.contains(&close_time) {
                continue;
            }
            if later.open_time_ms - first.open_time_ms != contiguous_ms {
                skipped += 1;
                continue;
            }
            closes.clear();
            closes.extend(span.iter().skip(CANDLES - 1).map(|candle| candle.close));
            places.push(Place {
                end: start + CANDLES,
                close_time,
                label: self.question.label(&closes, self.theta),
            });
        }
        (places, skipped)
    }

    /// How many close times of the stride lie in `range`, whether there are candles for them or not.
    #[must_use]
    pub fn close_times(&self, range: &RangeInclusive<u64>) -> u64 {
        let stride = u64::from(self.stride_minutes.max(1)) * 60;
        let upto = |time: u64| time / stride + 1;
        let before = range.start().checked_sub(1).map_or(0, upto);
        upto(*range.end()).saturating_sub(before)
    }
}

#[cfg(test)]
mod tests {
    use super::Sampling;
    use crate::labels::{Question, label};
    use crate::{CANDLES, synthetic};

    const SAMPLING: Sampling = Sampling {
        stride_minutes: 5,
        horizon_minutes: 60,
        question: Question::Signal,
        theta: 0.002,
    };

    #[test]
    fn places_are_on_the_stride_from_the_first_window_to_the_last_label() {
        let candles = synthetic::candles(3, 0, 480);
        let (places, skipped) = SAMPLING.places(&candles, 0..=u64::MAX);
        // Closes after minutes 300, 305, ... 420: the last has its label in the last candle.
        let times: Vec<u64> = places.iter().map(|place| place.close_time).collect();
        assert_eq!(
            times,
            (60..=84).map(|step| step * 300).collect::<Vec<u64>>()
        );
        assert_eq!(skipped, 0);
        for place in &places {
            let window = place.candles(&candles);
            assert_eq!(window.len(), CANDLES);
            assert_eq!(window[CANDLES - 1].close_time(), place.close_time);
            let (close, later) = (
                candles[place.end - 1].close,
                candles[place.end - 1 + 60].close,
            );
            assert_eq!(place.label, label(close, later, 0.002) as u8);
        }
    }

    #[test]
    fn places_of_the_regime_are_the_same_with_labels_of_the_closes_after_the_window() {
        let sampling = Sampling {
            question: Question::Regime,
            theta: 0.001,
            ..SAMPLING
        };
        let candles = synthetic::candles(3, 0, 3_000);
        let (places, skipped) = sampling.places(&candles, 0..=u64::MAX);
        let (signals, _) = SAMPLING.places(&candles, 0..=u64::MAX);
        assert_eq!((places.len(), skipped), (signals.len(), 0));
        for (place, signal) in places.iter().zip(&signals) {
            assert_eq!(place.end, signal.end);
            let closes: Vec<i64> = candles[place.end - 1..place.end + 60]
                .iter()
                .map(|candle| candle.close)
                .collect();
            assert_eq!(place.label, Question::Regime.label(&closes, 0.001));
        }
        let high = places.iter().filter(|place| place.label == 1).count();
        assert!(0 < high && high < places.len(), "{high}");
    }

    #[test]
    fn places_of_a_range_are_those_of_the_whole_in_it() {
        let candles = synthetic::candles(3, 0, 1_000);
        let (whole, _) = SAMPLING.places(&candles, 0..=u64::MAX);
        let (part, _) = SAMPLING.places(&candles, 30_000..=36_000);
        assert_eq!(part.len(), 21);
        let wanted: Vec<_> = whole
            .into_iter()
            .filter(|place| (30_000..=36_000).contains(&place.close_time))
            .collect();
        assert_eq!(part, wanted);
        assert_eq!(SAMPLING.close_times(&(30_000..=36_000)), 21);
        assert_eq!(SAMPLING.close_times(&(30_001..=35_999)), 19);
        assert_eq!(SAMPLING.close_times(&(0..=0)), 1);
        assert_eq!(SAMPLING.close_times(&(301..=302)), 0);
    }

    #[test]
    fn places_skip_and_count_what_crosses_a_gap() {
        let mut candles = synthetic::candles(3, 0, 1_200);
        // The minute that opens at 36,000 s is missing: windows that close from then to 360 minutes later would read it,
        // and those up to an hour before have their label behind it.
        candles.remove(600);
        let (places, skipped) = SAMPLING.places(&candles, 0..=u64::MAX);
        assert_eq!(skipped, 72);
        assert!(
            places
                .iter()
                .all(|place| place.close_time <= 540 * 60 || place.close_time >= 901 * 60)
        );
        assert_eq!(places.len(), (300..=1_140).step_by(5).count() - 72);
    }
}
