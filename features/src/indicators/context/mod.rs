//! What a window says beside its minutes: how much the market moves, where it comes from, what time it is.
//!
//! ```text
//! closes of the 300 candles --> volatility5 .. volatility240, return240     (squared returns, log2)
//! close time                --> clock0 .. clock7, weekend                   (UTC)
//! ```

mod clock;
mod log2;
mod volatility;

use super::{RAW_ONE, ratio};
use crate::candle::Candle;
use crate::{CONTEXT, WARM_UP};

/// The context of contiguous, checked candles whose last one closes at `close_time` (UNIX seconds).
pub(super) fn compute(candles: &[Candle], close_time: u64) -> [i64; CONTEXT] {
    let [v5, v15, v30, v60, v120, v240] = volatility::compute(candles);
    let [c0, c1, c2, c3, c4, c5, c6, c7] = clock::hats(close_time);
    let weekend = if clock::is_weekend(close_time) {
        RAW_ONE
    } else {
        0
    };
    [
        v5,
        v15,
        v30,
        v60,
        v120,
        v240,
        long_return(candles),
        c0,
        c1,
        c2,
        c3,
        c4,
        c5,
        c6,
        c7,
        weekend,
    ]
}

/// (c - c of 240 minutes ago) / c: positive when the price rose, relative to the last close as the averages are.
fn long_return(candles: &[Candle]) -> i64 {
    let mut backward = candles.iter().rev();
    match (backward.next(), backward.nth(WARM_UP - 1)) {
        (Some(last), Some(past)) => ratio(i128::from(last.close - past.close), last.close.into()),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::long_return;
    use crate::indicators::RAW_ONE;
    use crate::synthetic;

    #[test]
    fn long_return_compares_with_the_close_240_minutes_before_and_is_positive_for_a_rise() {
        let mut candles = synthetic::candles(1, 0, 300);
        candles[299].close = 4_000;
        candles[59].close = 3_000;
        assert_eq!(long_return(&candles), RAW_ONE / 4);
        candles[59].close = 5_000;
        assert_eq!(long_return(&candles), -RAW_ONE / 4);
    }
}
