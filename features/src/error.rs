//! Why a window cannot be computed: each error names the thing, the place and the remedy.

use thiserror::Error;

/// What is wrong with a candle's prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PriceFault {
    /// A price is zero or negative.
    #[error("a price is zero or negative")]
    NotPositive,
    /// The high is above [`crate::candle::MAX_PRICE`].
    #[error("the high is above the largest accepted price of 10^9")]
    TooLarge,
    /// The high is below the low.
    #[error("the high is below the low")]
    HighBelowLow,
    /// The open is outside [low, high].
    #[error("the open is outside [low, high]")]
    OpenOutside,
    /// The close is outside [low, high].
    #[error("the close is outside [low, high]")]
    CloseOutside,
}

/// Why candles and funding rates do not give a window.
///
/// `index` counts from the first candle (or funding rate) passed in; times are UNIX milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FeatureError {
    /// Not exactly [`crate::CANDLES`] candles.
    #[error(
        "a window needs exactly {expected} candles, got {found}: pass the last {expected} closed candles"
    )]
    WrongCount {
        /// Candles needed.
        expected: usize,
        /// Candles passed.
        found: usize,
    },
    /// Minutes are missing before a candle.
    #[error(
        "{missing} minutes missing before candle {index} (open {open_time_ms} ms follows {previous_ms} ms): \
         fetch the missing candles, or choose a window that does not cross the outage"
    )]
    Gap {
        /// Candle after the gap.
        index: usize,
        /// Open time of the candle before the gap.
        previous_ms: i64,
        /// Open time of the candle after the gap.
        open_time_ms: i64,
        /// Number of minutes missing.
        missing: i64,
    },
    /// Two candles for the same minute.
    #[error(
        "candle {index} repeats the minute {open_time_ms} ms: keep one closed candle per minute"
    )]
    Duplicate {
        /// The second of the two.
        index: usize,
        /// Their open time.
        open_time_ms: i64,
    },
    /// Time goes backward.
    #[error(
        "candle {index} (open {open_time_ms} ms) comes after {previous_ms} ms: sort the candles by open time, oldest first"
    )]
    Disorder {
        /// The candle out of order.
        index: usize,
        /// Open time of the candle before it.
        previous_ms: i64,
        /// Its open time.
        open_time_ms: i64,
    },
    /// An open time that is no UTC minute.
    #[error(
        "candle {index} opens at {open_time_ms} ms, not on a whole UTC minute since 1970: use one-minute candles, times in milliseconds"
    )]
    OffGrid {
        /// The candle.
        index: usize,
        /// Its open time.
        open_time_ms: i64,
    },
    /// Impossible prices.
    #[error(
        "candle {index} (open {open_time_ms} ms): {fault}: fetch it again or from another source"
    )]
    BadPrice {
        /// The candle.
        index: usize,
        /// Its open time.
        open_time_ms: i64,
        /// What is wrong.
        fault: PriceFault,
    },
    /// Volume below zero.
    #[error(
        "candle {index} (open {open_time_ms} ms): negative volume {volume} (E8): fetch it again or from another source"
    )]
    NegativeVolume {
        /// The candle.
        index: usize,
        /// Its open time.
        open_time_ms: i64,
        /// Its volume, E8.
        volume: i64,
    },
    /// No funding rate at or before a candle's close.
    #[error(
        "no funding rate known at {close_ms} ms: pass funding rates that begin before the window"
    )]
    FundingMissing {
        /// The candle's close.
        close_ms: i64,
    },
    /// The last funding rate is too old.
    #[error(
        "the last funding rate known at {close_ms} ms is of {time_ms} ms, older than {limit_ms} ms: fetch newer funding rates"
    )]
    FundingStale {
        /// The candle's close.
        close_ms: i64,
        /// Time of the last funding rate.
        time_ms: i64,
        /// Oldest age accepted.
        limit_ms: i64,
    },
    /// Funding rates are not in time order.
    #[error(
        "funding rate {index} ({time_ms} ms) does not come after {previous_ms} ms: sort the rates by time and drop repeats"
    )]
    FundingDisorder {
        /// The rate out of order.
        index: usize,
        /// Time of the rate before it.
        previous_ms: i64,
        /// Its time.
        time_ms: i64,
    },
    /// A funding rate no exchange has.
    #[error(
        "funding rate {index} ({time_ms} ms) is {rate} (E8), beyond 100 %: fetch it again or from another source"
    )]
    BadFunding {
        /// The rate.
        index: usize,
        /// Its time.
        time_ms: i64,
        /// Its value, E8.
        rate: i64,
    },
    /// A feature's affine map is out of range.
    #[error(
        "scale of {feature}: centre {centre}, multiplier {multiplier}, shift {shift} is out of range: \
         take the scale from the model's manifest unchanged"
    )]
    BadScale {
        /// Name of the feature or context value.
        feature: &'static str,
        /// Centre.
        centre: i64,
        /// Multiplier.
        multiplier: i64,
        /// Shift.
        shift: u32,
    },
    /// No candle closes at the time asked for, or too few before it.
    #[error(
        "the series has no {needed} candles ending at close time {close_time} s: it holds {available} up to there; load more history"
    )]
    NoWindow {
        /// Close time asked for, UNIX seconds.
        close_time: u64,
        /// Candles needed.
        needed: usize,
        /// Candles found at or before it (0 when none closes exactly then).
        available: usize,
    },
}
