//! How much the market moved: the logarithm of the mean squared one-minute return, over six spans.

use super::log2::log2;
use crate::candle::Candle;
use crate::indicators::ratio;
use crate::rounding::div_nearest;

/// Minutes of each span, ascending.
const SPANS: [usize; 6] = [5, 15, 30, 60, 120, 240];

/// Added to the mean square: 0.005 % squared, in units of 10^-18.
///
/// A market that does not move has this volatility instead of none. On BTC/USDT of 2023 and early 2024 the
/// logarithms then have deviations of 1.7 to 2.2 octaves and a flat market lies 2.5 to 3.7 of them below the mean, inside
/// the four that eight bits hold; without a floor it would lie at 12 to 21 and stretch the scale of the shortest span by a
/// third. Against the 0.05 % a minute at which a market counts as lively, the floor adds 1 %.
const FLOOR: u128 = 50_000 * 50_000;

/// log2(mean of the last n squared returns + [`FLOOR`]) of each span, in units of an octave.
///
/// The return of a minute is round((c - c before) / c before), one = 10^9 and clipped as every raw value; the mean is
/// rounded to nearest.
pub(super) fn compute(candles: &[Candle]) -> [i64; SPANS.len()] {
    let later = candles.iter().rev();
    let earlier = candles.iter().rev().skip(1);
    let mut squares = later.zip(earlier).map(|(now, before)| {
        let change = ratio(i128::from(now.close - before.close), before.close.into());
        i128::from(change) * i128::from(change)
    });
    let (mut sum, mut taken) = (0, 0);
    SPANS.map(|span| {
        // The spans are nested: each goes on where the shorter one ended.
        sum += squares.by_ref().take(span - taken).sum::<i128>();
        taken = span;
        let mean = div_nearest(sum, span as i128);
        log2(mean.unsigned_abs() + FLOOR)
    })
}

#[cfg(test)]
mod tests {
    use super::{FLOOR, compute};
    use crate::candle::{Candle, MAX_PRICE};
    use crate::indicators::context::log2::log2;
    use crate::synthetic;

    fn at(closes: impl Fn(usize) -> i64) -> Vec<Candle> {
        let mut candles = synthetic::candles(1, 0, 300);
        for (minute, candle) in candles.iter_mut().enumerate() {
            candle.close = closes(minute);
        }
        candles
    }

    #[test]
    fn volatility_of_a_flat_market_is_the_floor() {
        assert_eq!(compute(&at(|_| 7)), [log2(FLOOR); 6]);
        assert_eq!(log2(FLOOR), 31_219_280_949);
    }

    #[test]
    fn volatility_of_one_jump_is_shared_by_the_minutes_of_each_span() {
        // A rise by 1 % in the last minute, and nothing before.
        let one = 10_000_000i128 * 10_000_000;
        let want = [5, 15, 30, 60, 120, 240].map(|span| {
            let mean = (one + span / 2) / span;
            log2(mean.unsigned_abs() + FLOOR)
        });
        assert_eq!(
            compute(&at(|minute| if minute == 299 { 101 } else { 100 })),
            want
        );
    }

    #[test]
    fn volatility_reads_no_return_older_than_its_span() {
        let quiet = log2(FLOOR);
        let jump_before =
            |minutes: usize| compute(&at(|at| if at < 300 - minutes { 1 } else { 2 }));
        assert_eq!(jump_before(240)[5].min(quiet + 1), quiet + 1);
        assert_eq!(jump_before(241)[5], quiet);
        assert_eq!(jump_before(6)[0], quiet);
        assert!(jump_before(5)[0] > quiet);
    }

    #[test]
    fn volatility_of_the_wildest_prices_stays_in_range() {
        let wild = compute(&at(|minute| if minute % 2 == 0 { 1 } else { MAX_PRICE }));
        assert!(wild.iter().all(|&value| value < 80_000_000_000), "{wild:?}");
    }
}
