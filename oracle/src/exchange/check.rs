//! Candles are refused, never repaired: every error names the candle that broke a rule.

use veriregime_features::Candle;

use super::ExchangeError;

/// Checks each candle, their order and the exchange's clock, and drops the candle that is still open at `now_ms`.
///
/// # Errors
/// [`ExchangeError::BadResponse`] naming the first offending candle: impossible by itself (see [`Candle::check`]),
/// not after its predecessor, or opening in the exchange's future.
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
        if at > now_ms {
            return Err(refuse(format!(
                "candle {index} at {at} ms opens after the exchange's clock ({now_ms} ms)"
            )));
        }
        previous = at;
    }
    if candles
        .last()
        .is_some_and(|last| last.open_time_ms + step_ms > now_ms)
    {
        candles.pop();
    }
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
