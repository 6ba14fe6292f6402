//! Training, validation and test parts in time order, far enough apart that no candle serves two of them.

use std::ops::Range;

use veriregime_features::CANDLES;
use veriregime_features::manifest::{Dates, Splits};

use crate::Error;

/// Fewest windows a part may have.
const FEWEST: usize = 100;

/// Index ranges into the samples, in time order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// 70 %: weights and scales are fitted here.
    pub train: Range<usize>,
    /// 15 %: choices are made here.
    pub validation: Range<usize>,
    /// 15 %: measured only.
    pub test: Range<usize>,
}

impl Split {
    /// Splits ascending close times 70/15/15 and drops the windows that begin each later part, until its first candle
    /// opens no earlier than the last label of the part before.
    ///
    /// # Errors
    /// [`Error::TooFewWindows`] when a part would be nearly empty.
    pub fn in_time(close_times: &[u64], horizon_minutes: u32) -> Result<Self, Error> {
        let count = close_times.len();
        let gap = (CANDLES as u64 + u64::from(horizon_minutes)) * 60;
        let after = |end: usize| {
            let last = end
                .checked_sub(1)
                .and_then(|last| close_times.get(last))
                .copied()
                .unwrap_or(0);
            end + close_times[end..].partition_point(|&time| time < last + gap)
        };
        let (train_end, validation_end) = (count * 70 / 100, count * 85 / 100);
        let split = Self {
            train: 0..train_end,
            validation: after(train_end)..validation_end,
            test: after(validation_end)..count,
        };
        let smallest = split
            .train
            .len()
            .min(split.validation.len())
            .min(split.test.len());
        if smallest < FEWEST {
            return Err(Error::TooFewWindows {
                windows: smallest,
                needed: FEWEST,
            });
        }
        Ok(split)
    }

    /// The parts' dates for the manifest.
    #[must_use]
    pub fn dates(&self, close_times: &[u64]) -> Splits {
        let dates = |part: &Range<usize>| {
            let times = &close_times[part.clone()];
            Dates {
                from: times.first().copied().unwrap_or(0),
                to: times.last().copied().unwrap_or(0),
                windows: times.len() as u64,
            }
        };
        Splits {
            train: dates(&self.train),
            validation: dates(&self.validation),
            test: dates(&self.test),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Split;

    #[test]
    fn parts_are_apart_by_window_warm_up_and_horizon() {
        let times: Vec<u64> = (0..10_000).map(|index| 1_000_000 + index * 300).collect();
        let split = Split::in_time(&times, 60).unwrap();
        assert_eq!(split.train, 0..7_000);
        for (before, after) in [
            (&split.train, &split.validation),
            (&split.validation, &split.test),
        ] {
            assert!(times[after.start] - times[before.end - 1] >= 360 * 60);
            assert!(times[after.start - 1] - times[before.end - 1] < 360 * 60);
        }
        assert_eq!(split.test.end, times.len());
    }

    #[test]
    fn too_few_windows_are_refused() {
        let times: Vec<u64> = (0..500).map(|index| index * 300).collect();
        assert!(Split::in_time(&times, 60).is_err());
    }
}
