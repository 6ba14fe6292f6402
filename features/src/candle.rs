//! One closed one-minute candle in exact fixed point, and the rules a run of candles must keep.

use crate::error::{FeatureError, PriceFault};

/// Fixed-point one of prices, volumes and funding rates: eight decimals ("E8").
pub const E8: i64 = 100_000_000;

/// Milliseconds in the candle's interval (one minute).
pub const MINUTE_MS: i64 = 60_000;

/// Seconds in the candle's interval: the timeframe word of the statement.
pub const TIMEFRAME: u32 = 60;

/// Largest accepted price: 10^9 units of quote currency, in E8. It bounds every intermediate of the indicators.
pub const MAX_PRICE: i64 = 1_000_000_000 * E8;

/// Latest accepted open time (9999-12-31 00:00:00 UTC), in milliseconds.
pub const MAX_TIME_MS: i64 = 253_402_214_400_000;

/// A closed one-minute candle; prices and volume carry eight decimals ([`E8`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Candle {
    /// Start of the minute, UNIX milliseconds, a multiple of [`MINUTE_MS`].
    pub open_time_ms: i64,
    /// First price, E8.
    pub open: i64,
    /// Highest price, E8.
    pub high: i64,
    /// Lowest price, E8.
    pub low: i64,
    /// Last price, E8.
    pub close: i64,
    /// Traded base volume, E8; zero is allowed.
    pub volume: i64,
}

impl Candle {
    /// End of the minute in UNIX seconds: the time by which the candle is closed.
    ///
    /// Zero for a candle that [`Candle::check`] would refuse because its time is negative.
    #[must_use]
    pub fn close_time(&self) -> u64 {
        u64::try_from(self.open_time_ms.saturating_add(MINUTE_MS) / 1_000).unwrap_or(0)
    }

    /// Checks the candle by itself: time on the minute grid, possible prices, volume not negative.
    ///
    /// # Errors
    /// [`FeatureError::OffGrid`], [`FeatureError::BadPrice`] or [`FeatureError::NegativeVolume`], naming `index`.
    pub fn check(&self, index: usize) -> Result<(), FeatureError> {
        let open_time_ms = self.open_time_ms;
        if !(0..=MAX_TIME_MS).contains(&open_time_ms) || open_time_ms % MINUTE_MS != 0 {
            return Err(FeatureError::OffGrid {
                index,
                open_time_ms,
            });
        }
        if let Some(fault) = self.price_fault() {
            return Err(FeatureError::BadPrice {
                index,
                open_time_ms,
                fault,
            });
        }
        if self.volume < 0 {
            return Err(FeatureError::NegativeVolume {
                index,
                open_time_ms,
                volume: self.volume,
            });
        }
        Ok(())
    }

    fn price_fault(&self) -> Option<PriceFault> {
        let Self {
            open,
            high,
            low,
            close,
            ..
        } = *self;
        if open <= 0 || high <= 0 || low <= 0 || close <= 0 {
            Some(PriceFault::NotPositive)
        } else if high > MAX_PRICE {
            Some(PriceFault::TooLarge)
        } else if high < low {
            Some(PriceFault::HighBelowLow)
        } else if open < low || open > high {
            Some(PriceFault::OpenOutside)
        } else if close < low || close > high {
            Some(PriceFault::CloseOutside)
        } else {
            None
        }
    }
}

/// Minutes missing between two candles of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Gap {
    /// Open time of the candle before.
    pub previous_ms: i64,
    /// Open time of the candle after.
    pub open_time_ms: i64,
    /// Number of minutes missing.
    pub missing: i64,
}

/// The gaps of a series in ascending time order.
#[must_use]
pub fn gaps(candles: &[Candle]) -> Vec<Gap> {
    candles
        .iter()
        .zip(candles.iter().skip(1))
        .filter(|(before, after)| after.open_time_ms - before.open_time_ms > MINUTE_MS)
        .map(|(before, after)| Gap {
            previous_ms: before.open_time_ms,
            open_time_ms: after.open_time_ms,
            missing: (after.open_time_ms - before.open_time_ms) / MINUTE_MS - 1,
        })
        .collect()
}

/// Checks that the candles are each possible and follow one another minute by minute.
///
/// # Errors
/// The first fault found, in time order of the slice: [`FeatureError::OffGrid`], [`FeatureError::BadPrice`],
/// [`FeatureError::NegativeVolume`], [`FeatureError::Duplicate`], [`FeatureError::Disorder`] or [`FeatureError::Gap`].
pub fn check_contiguous(candles: &[Candle]) -> Result<(), FeatureError> {
    let mut previous: Option<i64> = None;
    for (index, candle) in candles.iter().enumerate() {
        candle.check(index)?;
        let open_time_ms = candle.open_time_ms;
        if let Some(previous_ms) = previous {
            match open_time_ms - previous_ms {
                MINUTE_MS => {}
                0 => {
                    return Err(FeatureError::Duplicate {
                        index,
                        open_time_ms,
                    });
                }
                step if step < 0 => {
                    return Err(FeatureError::Disorder {
                        index,
                        previous_ms,
                        open_time_ms,
                    });
                }
                step => {
                    let missing = step / MINUTE_MS - 1;
                    return Err(FeatureError::Gap {
                        index,
                        previous_ms,
                        open_time_ms,
                        missing,
                    });
                }
            }
        }
        previous = Some(open_time_ms);
    }
    Ok(())
}
