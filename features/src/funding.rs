//! The funding rate known at a candle's close.

use crate::candle::E8;
use crate::error::FeatureError;

/// Oldest funding rate that still counts: 24 hours and five minutes, three 8-hour periods with a margin.
pub const FUNDING_LIMIT_MS: i64 = (24 * 60 + 5) * 60_000;

/// One settled funding rate of the perpetual future.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FundingRate {
    /// Settlement time, UNIX milliseconds.
    pub time_ms: i64,
    /// Rate of the period, E8 (0.01 % is 10,000).
    pub rate: i64,
}

impl FundingRate {
    /// Settlement time cut to whole seconds: exchanges stamp it a few milliseconds late, candles close on the second.
    pub(crate) const fn second(&self) -> i64 {
        self.time_ms.div_euclid(1_000)
    }
}

/// The rates in force at closes from `from_ms` to `to_ms`: the last one known at the first, and all known later.
///
/// `rates` must be in ascending time order.
pub(crate) fn in_force(
    rates: &[FundingRate],
    from_ms: i64,
    to_ms: i64,
) -> Result<&[FundingRate], FeatureError> {
    let known =
        |close_ms: i64| rates.partition_point(|rate| rate.second() <= close_ms.div_euclid(1_000));
    known(from_ms)
        .checked_sub(1)
        .and_then(|start| rates.get(start..known(to_ms)))
        .ok_or(FeatureError::FundingMissing { close_ms: from_ms })
}

/// Walks through funding rates alongside candles: one search at the start, then only forward.
pub(crate) struct FundingCursor<'a> {
    rates: &'a [FundingRate],
    /// Rates known so far.
    known: usize,
}

impl<'a> FundingCursor<'a> {
    /// Begins at the candle that closes at `close_ms`; `rates` must be in ascending time order.
    pub(crate) fn new(rates: &'a [FundingRate], close_ms: i64) -> Self {
        let second = close_ms.div_euclid(1_000);
        Self {
            rates,
            known: rates.partition_point(|rate| rate.second() <= second),
        }
    }

    /// The rate in force at `close_ms`, which must not decrease between calls.
    pub(crate) fn at(&mut self, close_ms: i64) -> Result<i64, FeatureError> {
        let second = close_ms.div_euclid(1_000);
        while let Some(next) = self.rates.get(self.known) {
            self.check_order(self.known, next)?;
            if next.second() > second {
                break;
            }
            self.known += 1;
        }
        let Some((index, last)) = self
            .known
            .checked_sub(1)
            .and_then(|index| Some((index, self.rates.get(index)?)))
        else {
            return Err(FeatureError::FundingMissing { close_ms });
        };
        self.check_order(index, last)?;
        if last.rate.unsigned_abs() > E8.unsigned_abs() {
            return Err(FeatureError::BadFunding {
                index,
                time_ms: last.time_ms,
                rate: last.rate,
            });
        }
        if last.time_ms < close_ms.saturating_sub(FUNDING_LIMIT_MS) {
            let (time_ms, limit_ms) = (last.time_ms, FUNDING_LIMIT_MS);
            return Err(FeatureError::FundingStale {
                close_ms,
                time_ms,
                limit_ms,
            });
        }
        Ok(last.rate)
    }

    fn check_order(&self, index: usize, rate: &FundingRate) -> Result<(), FeatureError> {
        match index
            .checked_sub(1)
            .and_then(|before| self.rates.get(before))
        {
            Some(before) if before.time_ms >= rate.time_ms => Err(FeatureError::FundingDisorder {
                index,
                previous_ms: before.time_ms,
                time_ms: rate.time_ms,
            }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FUNDING_LIMIT_MS, FundingCursor, FundingRate};
    use crate::error::FeatureError;

    const HOUR_MS: i64 = 3_600_000;

    fn rates() -> Vec<FundingRate> {
        vec![
            FundingRate {
                time_ms: 8 * HOUR_MS,
                rate: 1,
            },
            FundingRate {
                time_ms: 16 * HOUR_MS + 7,
                rate: 2,
            },
        ]
    }

    #[test]
    fn rate_at_its_own_second_is_known_whatever_the_milliseconds() {
        let rates = rates();
        assert_eq!(
            FundingCursor::new(&rates, 16 * HOUR_MS).at(16 * HOUR_MS),
            Ok(2)
        );
        assert_eq!(
            FundingCursor::new(&rates, 8 * HOUR_MS).at(16 * HOUR_MS - 60_000),
            Ok(1)
        );
    }

    #[test]
    fn rate_before_the_first_is_missing() {
        let close_ms = 8 * HOUR_MS - 60_000;
        assert_eq!(
            FundingCursor::new(&rates(), close_ms).at(close_ms),
            Err(FeatureError::FundingMissing { close_ms })
        );
    }

    #[test]
    fn rate_older_than_the_limit_is_stale() {
        let rates = &rates()[..1];
        let edge = 8 * HOUR_MS + FUNDING_LIMIT_MS;
        assert_eq!(FundingCursor::new(rates, edge).at(edge), Ok(1));
        assert!(matches!(
            FundingCursor::new(rates, edge).at(edge + 60_000),
            Err(FeatureError::FundingStale { .. })
        ));
    }

    #[test]
    fn rates_out_of_order_are_refused() {
        let rates = [
            FundingRate {
                time_ms: 8 * HOUR_MS,
                rate: 1,
            },
            FundingRate {
                time_ms: 8 * HOUR_MS,
                rate: 2,
            },
        ];
        let close_ms = 9 * HOUR_MS;
        assert!(matches!(
            FundingCursor::new(&rates, close_ms).at(close_ms),
            Err(FeatureError::FundingDisorder { index: 1, .. })
        ));
    }

    #[test]
    fn rate_beyond_the_whole_is_refused() {
        let rates = [FundingRate {
            time_ms: 8 * HOUR_MS,
            rate: i64::MIN,
        }];
        let close_ms = 9 * HOUR_MS;
        assert!(matches!(
            FundingCursor::new(&rates, close_ms).at(close_ms),
            Err(FeatureError::BadFunding { index: 0, .. })
        ));
    }
}
