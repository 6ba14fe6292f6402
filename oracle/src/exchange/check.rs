//! Candles and funding rates are refused, never repaired: every error names the row that broke a rule.
//!
//! ```text
//! rows ─ each possible by itself ─ ascending ─ not of the future ─ closed by the clock ─ asked for
//! ```

use veriregime_features::{Candle, FundingRate, candle::MINUTE_MS};

use super::ExchangeError;

/// Which candles an exchange was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// Open time of the first, UNIX milliseconds; the latest ones if none is given.
    pub(super) since: Option<i64>,
    /// Whether the exchange sends rows before `since` at times.
    pub(super) earlier: bool,
    /// The most of them.
    pub(super) limit: usize,
    /// The exchange's clock before it was asked: what closes later is left out.
    pub(super) now_ms: i64,
}

/// Checks an answer and leaves out what is open or more than was asked for.
///
/// # Errors
/// See [`checked_candles`]; and for a row before `since` of an exchange that sends none.
pub(super) fn asked_candles(
    exchange: &'static str,
    candles: Vec<Candle>,
    asked: Asked,
) -> Result<Vec<Candle>, ExchangeError> {
    let mut closed = checked_candles(exchange, candles, MINUTE_MS, asked.now_ms)?;
    match asked.since {
        Some(since) => {
            let first = closed.first().map(|candle| candle.open_time_ms);
            if let Some(first) = first.filter(|first| *first < since && !asked.earlier) {
                let reason = format!("asked for candles from {since} ms on, got one of {first} ms");
                return Err(ExchangeError::BadResponse { exchange, reason });
            }
            closed.retain(|candle| candle.open_time_ms >= since);
            closed.truncate(asked.limit);
        }
        None => drop(closed.drain(..closed.len().saturating_sub(asked.limit))),
    }
    Ok(closed)
}

/// Checks that funding rates ascend.
///
/// # Errors
/// [`ExchangeError::BadResponse`] naming the first that does not follow its predecessor.
pub(super) fn checked_funding(
    exchange: &'static str,
    rates: Vec<FundingRate>,
) -> Result<Vec<FundingRate>, ExchangeError> {
    for (index, (before, after)) in rates.iter().zip(rates.iter().skip(1)).enumerate() {
        if after.time_ms <= before.time_ms {
            let reason = format!(
                "funding rate {} at {} ms does not follow its predecessor at {} ms",
                index + 1,
                after.time_ms,
                before.time_ms
            );
            return Err(ExchangeError::BadResponse { exchange, reason });
        }
    }
    Ok(rates)
}

/// Checks each candle, their order and the exchange's clock, and leaves out the candles that are still open at `now_ms`.
///
/// The clock is read before the candles, so the minute that begins in between is no fault: it is open.
///
/// # Errors
/// [`ExchangeError::BadResponse`] naming the first offending candle: impossible by itself (see [`Candle::check`]),
/// not after its predecessor, or opening a whole candle or more after `now_ms`.
pub fn checked_candles(
    exchange: &'static str,
    mut candles: Vec<Candle>,
    step_ms: i64,
    now_ms: i64,
) -> Result<Vec<Candle>, ExchangeError> {
    let refuse = |reason| ExchangeError::BadResponse { exchange, reason };
    let mut previous = i64::MIN;
    for (index, candle) in candles.iter().enumerate() {
        candle
            .check(index)
            .map_err(|error| refuse(error.to_string()))?;
        let at = candle.open_time_ms;
        if at <= previous {
            return Err(refuse(format!(
                "candle {index} at {at} ms does not follow its predecessor at {previous} ms"
            )));
        }
        if at.saturating_sub(now_ms) >= step_ms {
            return Err(refuse(format!(
                "candle {index} at {at} ms opens after the exchange's clock ({now_ms} ms)"
            )));
        }
        previous = at;
    }
    candles.retain(|candle| candle.open_time_ms.saturating_add(step_ms) <= now_ms);
    Ok(candles)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candle(minute: i64) -> Candle {
        Candle {
            open_time_ms: minute * 60_000,
            open: 10,
            high: 12,
            low: 9,
            close: 11,
            volume: 5,
        }
    }

    fn refused(candles: Vec<Candle>) -> bool {
        checked_candles("test", candles, 60_000, 100 * 60_000).is_err()
    }

    #[test]
    fn keeps_closed_candles_and_drops_the_open_one() {
        let kept =
            checked_candles("test", vec![candle(1), candle(2)], 60_000, 3 * 60_000 - 1).unwrap();
        assert_eq!(kept.len(), 1);
        let kept = checked_candles("test", vec![candle(1), candle(2)], 60_000, 3 * 60_000).unwrap();
        assert_eq!(kept.len(), 2);
    }

    #[test]
    fn a_minute_that_begins_after_the_clock_was_read_is_open() {
        let rows = vec![candle(1), candle(2), candle(3)];
        let kept = checked_candles("test", rows.clone(), 60_000, 3 * 60_000 - 50).unwrap();
        assert_eq!(kept, [candle(1)]);
        assert!(checked_candles("test", rows, 60_000, 2 * 60_000).is_err());
    }

    #[test]
    fn rows_that_were_not_asked_for_are_left_out() {
        let asked = |since, limit| {
            let asked = Asked {
                since,
                earlier: true,
                limit,
                now_ms: 5 * 60_000,
            };
            let rows = (1..=5).map(candle).collect();
            let kept = asked_candles("test", rows, asked).unwrap();
            kept.iter()
                .map(|candle| candle.open_time_ms / 60_000)
                .collect::<Vec<_>>()
        };
        assert_eq!(asked(Some(2 * 60_000), 10), [2, 3, 4]);
        assert_eq!(asked(Some(2 * 60_000), 2), [2, 3]);
        assert_eq!(asked(None, 2), [3, 4]);
        assert_eq!(asked(None, 10), [1, 2, 3, 4]);

        let asked = Asked {
            since: Some(2 * 60_000),
            earlier: false,
            limit: 10,
            now_ms: 5 * 60_000,
        };
        assert!(asked_candles("test", vec![candle(1), candle(2)], asked).is_err());
        assert!(asked_candles("test", vec![candle(2), candle(3)], asked).is_ok());
    }

    #[test]
    fn funding_rates_that_do_not_ascend_are_refused() {
        let rates = |times: &[i64]| {
            let rate = |time_ms: &i64| FundingRate {
                time_ms: *time_ms,
                rate: 1,
            };
            checked_funding("test", times.iter().map(rate).collect())
        };
        assert!(rates(&[1, 2, 3]).is_ok());
        for times in [[1, 1, 2], [1, 3, 2]] {
            assert!(matches!(
                rates(&times),
                Err(ExchangeError::BadResponse { .. })
            ));
        }
    }

    #[test]
    fn refuses_every_fault() {
        assert!(!refused(vec![candle(1), candle(2)]));
        assert!(
            refused(vec![Candle {
                open_time_ms: 61,
                ..candle(1)
            }]),
            "off the grid"
        );
        assert!(refused(vec![candle(1), candle(1)]), "duplicate");
        assert!(refused(vec![candle(2), candle(1)]), "out of order");
        assert!(refused(vec![candle(101)]), "from the future");
        assert!(
            refused(vec![Candle {
                low: 0,
                ..candle(1)
            }]),
            "price not above zero"
        );
        assert!(
            refused(vec![Candle {
                high: 8,
                ..candle(1)
            }]),
            "high below low"
        );
        assert!(
            refused(vec![Candle {
                close: 13,
                ..candle(1)
            }]),
            "close above high"
        );
        assert!(
            refused(vec![Candle {
                volume: -1,
                ..candle(1)
            }]),
            "negative volume"
        );
    }
}
