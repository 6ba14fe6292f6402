//! Raw indicators: exact integer recurrences over 300 candles, before the model's scale is applied.
//!
//! ```text
//! 300 candles --check--> EMA 5, 10, 20, 12, 26 · Wilder gain, loss · volume sums --last 60 minutes--> 60 x 8 raw values
//!                    \-> returns, close time -----------------------------------------------> 16 raw values of context
//! ```
//!
//! Every raw value is a ratio with one = 10^9 ([`RAW_ONE`]), rounded to nearest (halves up) and clipped to
//! ±10^12 ([`RAW_LIMIT`]). `close` is the minute's own close.
//!
//! | feature | raw value |
//! |---|---|
//! | `ema5`, `ema10`, `ema20` | (EMA - close) / close |
//! | `rsi14` | (G + ε) / (G + L + 2ε), G and L Wilder's averages of gains and losses, ε = close / 2^20 |
//! | `macd` | (EMA12 - EMA26) / close |
//! | `volume5`, `volume10` | m / (m + l): m the mean volume of 5 or 10 candles, l of 240; 1/2 when l is zero |
//! | `funding` | the last funding rate known at the candle's close |
//!
//! Sixteen values describe the whole window as of its last close (`c`): its context.
//!
//! | context | raw value |
//! |---|---|
//! | `volatility5` ... `volatility240` | log2 of the mean squared one-minute return plus a floor, 10^9 per octave |
//! | `return240` | (c - c of 240 minutes ago) / c |
//! | `clock0` ... `clock7` | max(0, 1 - d / 180), d the minutes from 00:00, 03:00, ... 21:00 UTC around the clock |
//! | `weekend` | one on Saturdays and Sundays, UTC |

mod context;
mod ema;
mod rsi;
mod volume;

use crate::candle::{Candle, MINUTE_MS, check_contiguous};
use crate::error::FeatureError;
use crate::funding::{FundingCursor, FundingRate};
use crate::rounding::div_nearest;
use crate::{CANDLES, CONTEXT, FEATURES, WARM_UP, WINDOW};
use ema::Ema;
use rsi::Rsi;
use volume::VolumeMean;

/// Fixed-point one of raw indicator values.
pub const RAW_ONE: i64 = 1_000_000_000;

/// Raw values are clipped to ± this: a thousand times one.
pub const RAW_LIMIT: i64 = 1_000 * RAW_ONE;

/// Extra binary fraction digits of the recurrences' states.
pub(crate) const FRACTION_BITS: u32 = 32;

/// The raw indicators of one window: 60 x 8 of its minutes, and its context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indicators {
    /// Close time of the last candle, UNIX seconds.
    pub close_time: u64,
    /// Close price of the last candle, E8.
    pub last_close: i64,
    /// Raw values by minute (oldest first), then feature; one = [`RAW_ONE`].
    pub values: [[i64; FEATURES]; WINDOW],
    /// Raw values of the window as a whole, in the order of [`crate::CONTEXT_NAMES`]; one = [`RAW_ONE`].
    pub context: [i64; CONTEXT],
}

impl Indicators {
    /// Computes the raw indicators of the window that ends with the last of exactly [`CANDLES`] contiguous candles.
    ///
    /// `funding` must be in ascending time order and reach back before the window; only the rates the window uses
    /// are looked at.
    ///
    /// # Errors
    /// Any [`FeatureError`] except [`FeatureError::BadScale`] and [`FeatureError::NoWindow`].
    pub fn compute(candles: &[Candle], funding: &[FundingRate]) -> Result<Self, FeatureError> {
        let (first, last) = match candles {
            [first, .., last] if candles.len() == CANDLES => (first, last),
            _ => {
                return Err(FeatureError::WrongCount {
                    expected: CANDLES,
                    found: candles.len(),
                });
            }
        };
        check_contiguous(candles)?;
        let mut state = State::new(first);
        let (warm_up, window) = candles.split_at(WARM_UP);
        for candle in warm_up.iter().skip(1) {
            state.update(candle);
        }
        let mut cursor = FundingCursor::new(
            funding,
            first.open_time_ms + (WARM_UP as i64 + 1) * MINUTE_MS,
        );
        let mut values = [[0; FEATURES]; WINDOW];
        for (row, candle) in values.iter_mut().zip(window) {
            state.update(candle);
            *row = state.row(candle.close, cursor.at(candle.open_time_ms + MINUTE_MS)?);
        }
        Ok(Self {
            close_time: last.close_time(),
            last_close: last.close,
            values,
            context: context::compute(candles, last.close_time()),
        })
    }
}

/// All recurrences side by side.
struct State {
    previous_close: i64,
    ema5: Ema,
    ema10: Ema,
    ema20: Ema,
    ema12: Ema,
    ema26: Ema,
    rsi: Rsi,
    short: VolumeMean<5>,
    medium: VolumeMean<10>,
    long: VolumeMean<WARM_UP>,
}

impl State {
    /// Seeds the averages with the first candle's close, the gains and losses with zero.
    fn new(first: &Candle) -> Self {
        let ema = |period| Ema::new(period, first.close);
        let mut state = Self {
            previous_close: first.close,
            ema5: ema(5),
            ema10: ema(10),
            ema20: ema(20),
            ema12: ema(12),
            ema26: ema(26),
            rsi: Rsi::new(),
            short: VolumeMean::new(),
            medium: VolumeMean::new(),
            long: VolumeMean::new(),
        };
        state.add_volume(first.volume);
        state
    }

    fn update(&mut self, candle: &Candle) {
        for ema in [
            &mut self.ema5,
            &mut self.ema10,
            &mut self.ema20,
            &mut self.ema12,
            &mut self.ema26,
        ] {
            ema.update(candle.close);
        }
        self.rsi.update(candle.close - self.previous_close);
        self.previous_close = candle.close;
        self.add_volume(candle.volume);
    }

    fn add_volume(&mut self, volume: i64) {
        self.short.push(volume);
        self.medium.push(volume);
        self.long.push(volume);
    }

    fn row(&self, close: i64, funding: i64) -> [i64; FEATURES] {
        let unit = i128::from(close) << FRACTION_BITS;
        let to_close = |ema: &Ema| ratio(ema.value() - unit, unit);
        [
            to_close(&self.ema5),
            to_close(&self.ema10),
            to_close(&self.ema20),
            self.rsi.value(close),
            ratio(self.ema12.value() - self.ema26.value(), unit),
            self.short.share(&self.long),
            self.medium.share(&self.long),
            funding * (RAW_ONE / crate::candle::E8),
        ]
    }
}

/// `part / whole` with one = [`RAW_ONE`], rounded to nearest and clipped; `whole` must be positive.
fn ratio(part: i128, whole: i128) -> i64 {
    let raw = div_nearest(part * i128::from(RAW_ONE), whole);
    i64::try_from(raw)
        .unwrap_or(if raw < 0 { -RAW_LIMIT } else { RAW_LIMIT })
        .clamp(-RAW_LIMIT, RAW_LIMIT)
}
