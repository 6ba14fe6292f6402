//! Made-up candles from a seed, for tests and for a demonstration without data: never market data.
//!
//! A 64-bit linear congruential generator (Knuth's MMIX constants) drives a random walk whose size changes every six
//! hours, in integers only, so that any language reproduces it (`tests/golden/make_golden.py` does).

use crate::candle::{Candle, MINUTE_MS};
use crate::funding::FundingRate;

const MULTIPLIER: u64 = 6_364_136_223_846_793_005;
const INCREMENT: u64 = 1_442_695_040_888_963_407;
/// 30,000 in E8.
const FIRST_PRICE: i64 = 3_000_000_000_000;
/// Smallest price the walk may reach: 1,000 in E8.
const FLOOR: i64 = 100_000_000_000;
/// Largest price the walk may reach: 10,000,000 in E8.
const CEILING: i64 = 1_000_000_000_000_000;
const REGIME_MINUTES: usize = 360;
const EIGHT_HOURS_MS: i64 = 8 * 60 * MINUTE_MS;

/// The generator; each draw is the top 16 bits of the state.
struct Generator(u64);

impl Generator {
    fn draw(&mut self) -> i64 {
        self.0 = self.0.wrapping_mul(MULTIPLIER).wrapping_add(INCREMENT);
        (self.0 >> 48) as i64
    }

    /// Sum of four centred draws: -131,070 to 131,070, roughly normal.
    fn bell(&mut self) -> i64 {
        (0..4).map(|_| self.draw() - 32_767).sum()
    }
}

/// `count` contiguous candles from `open_time_ms` (rounded down to the minute).
#[must_use]
pub fn candles(seed: u64, open_time_ms: i64, count: usize) -> Vec<Candle> {
    let mut generator = Generator(seed);
    let mut open = FIRST_PRICE;
    let mut open_time_ms = open_time_ms - open_time_ms.rem_euclid(MINUTE_MS);
    (0..count)
        .map(|minute| {
            let amplitude = 1 + (minute / REGIME_MINUTES % 4) as i64;
            let unit = open >> 17;
            let close = (open + unit * amplitude * generator.bell() / 1_024).clamp(FLOOR, CEILING);
            let high = open.max(close) + unit * amplitude * generator.draw() / 2_048;
            let low = open.min(close) - unit * amplitude * generator.draw() / 2_048;
            let volume = amplitude * generator.draw() * (1 + generator.draw()) / 8;
            let candle = Candle {
                open_time_ms,
                open,
                high,
                low,
                close,
                volume,
            };
            open = close;
            open_time_ms += MINUTE_MS;
            candle
        })
        .collect()
}

/// Eight-hourly funding rates covering the time from a day before `from_ms` to `to_ms`.
#[must_use]
pub fn funding(seed: u64, from_ms: i64, to_ms: i64) -> Vec<FundingRate> {
    let mut generator = Generator(seed);
    let mut time_ms = from_ms - from_ms.rem_euclid(EIGHT_HOURS_MS) - 3 * EIGHT_HOURS_MS;
    let mut rates = Vec::new();
    while time_ms <= to_ms {
        rates.push(FundingRate {
            time_ms,
            rate: 10_000 + generator.bell() / 8,
        });
        time_ms += EIGHT_HOURS_MS;
    }
    rates
}
