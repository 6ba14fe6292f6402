//! What a second exchange says about the same minutes.
//!
//! ```text
//! clock ─ candles ─ clocks agree? ─ has the last minute? ─ every common close within the bound?
//!   └───────┴─ no answer in time ──┴───────── silent         └ no: refused, whoever is right
//! ```
//! An exchange that is silent vouches for nothing. Opens, highs, lows and volumes are not compared: markets differ in them, and
//! no feature reads the first three.

use std::{fmt, sync::Arc, time::Duration};

use veriregime_features::{Candle, decimal::format_e8};

use super::{
    Exchange, ExchangeError,
    clock::{ClockSkew, Reading},
    source::{Span, fetch_span},
};
use crate::market::Market;

/// Longest wait for a checking exchange: a window is worth more in time than with one more check.
const CHECK_LIMIT: Duration = Duration::from_secs(4);

/// Two exchanges that tell different closes of one minute.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{first} and {second} disagree: the candle that closes at {close_time} closes at {} on {first} and at {} on {second}, {difference_bps} bps apart, more than {bound_bps} ({minutes} such minutes): nothing is published; find out which one is wrong, or raise max_difference_bps if neither is",
    format_e8(*.first_close),
    format_e8(*.second_close)
)]
pub struct Disagreement {
    /// The exchange that makes the window.
    pub first: &'static str,
    /// The exchange that checks it.
    pub second: &'static str,
    /// Close of the minute that is furthest apart, UNIX seconds.
    pub close_time: u64,
    /// Its close price on the first, eight decimals.
    pub first_close: i64,
    /// Its close price on the second, eight decimals.
    pub second_close: i64,
    /// Their difference, in basis points of the lower one, rounded up.
    pub difference_bps: u64,
    /// Largest difference allowed.
    pub bound_bps: u32,
    /// Minutes beyond it.
    pub minutes: usize,
}

/// A checking exchange that vouched for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silent {
    /// Exchange id.
    pub exchange: &'static str,
    /// Why.
    pub silence: Silence,
}

/// Why an exchange vouched for nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Silence {
    /// It failed.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// It took too long, retries included.
    #[error("no candles within {} s", CHECK_LIMIT.as_secs())]
    Slow,
    /// Its clock and the first exchange's are too far apart: one of them does not know which candles are closed.
    #[error(transparent)]
    Clock(#[from] ClockSkew),
    /// By its clock the window's last candle is still open.
    #[error("by its clock ({now}) the candle that closes at {close_time} is still open")]
    NotClosed {
        /// Close of the window, UNIX seconds.
        close_time: u64,
        /// Its clock, UNIX seconds.
        now: u64,
    },
    /// It has not published the window's last candle.
    #[error("no candle that closes at {close_time}{}", newest_words(.newest))]
    LastCandle {
        /// Close of the window, UNIX seconds.
        close_time: u64,
        /// Close of the newest candle that it has of the window, UNIX seconds.
        newest: Option<u64>,
    },
}

pub(super) fn newest_words(newest: &Option<u64>) -> String {
    match newest {
        Some(newest) => format!(" (the newest closes at {newest})"),
        None => " (none of the window's)".into(),
    }
}

impl fmt::Display for Silent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = self.silence.to_string();
        if said.starts_with(self.exchange) {
            return f.write_str(&said);
        }
        write!(f, "{}: {said}", self.exchange)
    }
}

/// What a checking exchange told.
pub(super) struct Told {
    pub(super) exchange: &'static str,
    /// Its clock, and its candles of the window unless that is still open by it.
    pub(super) answer: Result<(Reading, Option<Vec<Candle>>), Silence>,
}

/// Asks one exchange for the minutes of a window.
pub(super) async fn ask(exchange: Arc<dyn Exchange>, market: &Market, span: Span) -> Told {
    let asked = async {
        let reading = Reading::take(&*exchange).await?;
        if span.to > reading.seconds() {
            return Ok((reading, None));
        }
        let candles = fetch_span(&*exchange, market, span, reading.now_ms).await?;
        Ok((reading, Some(candles)))
    };
    let answer = tokio::time::timeout(CHECK_LIMIT, asked).await;
    Told {
        exchange: exchange.id(),
        answer: answer.unwrap_or(Err(Silence::Slow)),
    }
}

/// Holds a checking exchange's answer against the window's candles.
///
/// # Errors
/// The inner error is a disagreement; the outer [`Silent`] vouches for nothing.
pub(super) fn judge(
    first: (&Reading, &[Candle]),
    told: Told,
    bound_bps: u32,
) -> Result<Result<(), Box<Disagreement>>, Silent> {
    let (reading, candles) = first;
    let exchange = told.exchange;
    let silent = |silence| Silent { exchange, silence };
    let (their_reading, theirs) = told.answer.map_err(silent)?;
    reading
        .against(&their_reading)
        .map_err(|skew| silent(skew.into()))?;
    let close_time = candles.last().map_or(0, Candle::close_time);
    let now = their_reading.seconds();
    let theirs = theirs.ok_or(Silent {
        exchange,
        silence: Silence::NotClosed { close_time, now },
    })?;
    let newest = theirs.last().map(Candle::close_time);
    if newest != Some(close_time) {
        return Err(silent(Silence::LastCandle { close_time, newest }));
    }
    Ok(compare(
        (reading.exchange, candles),
        (exchange, &theirs),
        bound_bps,
    ))
}

/// Compares the closes of the minutes that both have; both ascend.
fn compare(
    first: (&'static str, &[Candle]),
    second: (&'static str, &[Candle]),
    bound_bps: u32,
) -> Result<(), Box<Disagreement>> {
    let mut worst: Option<(u64, &Candle, &Candle)> = None;
    let mut minutes = 0;
    let mut theirs = second.1.iter().peekable();
    for ours in first.1 {
        while theirs
            .next_if(|candle| candle.open_time_ms < ours.open_time_ms)
            .is_some()
        {}
        let Some(same) = theirs.next_if(|candle| candle.open_time_ms == ours.open_time_ms) else {
            continue;
        };
        let apart = difference(ours.close, same.close);
        if apart <= u64::from(bound_bps).saturating_mul(PARTS) {
            continue;
        }
        minutes += 1;
        if worst.is_none_or(|(most, ..)| apart > most) {
            worst = Some((apart, ours, same));
        }
    }
    let Some((apart, ours, same)) = worst else {
        return Ok(());
    };
    Err(Box::new(Disagreement {
        first: first.0,
        second: second.0,
        close_time: ours.close_time(),
        first_close: ours.close,
        second_close: same.close,
        difference_bps: apart.div_ceil(PARTS),
        bound_bps,
        minutes,
    }))
}

/// Parts of a basis point that differences are counted in: rounding up to one keeps the bound exact.
const PARTS: u64 = 1_000_000;

/// The difference of two prices in parts of a basis point of the lower one, rounded up.
fn difference(one: i64, other: i64) -> u64 {
    let low = one.min(other).max(1);
    let high = one.max(other).max(low);
    let apart = i128::from(high) - i128::from(low);
    let parts = apart * 10_000 * i128::from(PARTS);
    let low = i128::from(low);
    let rounded_up = parts / low + i128::from(parts % low != 0);
    u64::try_from(rounded_up).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use veriregime_features::candle::E8;

    use super::*;

    fn candle(minute: i64, close: i64) -> Candle {
        Candle {
            open_time_ms: minute * 60_000,
            open: close,
            high: close,
            low: close,
            close,
            volume: 0,
        }
    }

    fn closes(closes: &[(i64, i64)]) -> Vec<Candle> {
        closes
            .iter()
            .map(|(minute, close)| candle(*minute, *close))
            .collect()
    }

    #[test]
    fn bound_is_exact() {
        let ours = closes(&[(1, 1_000_000), (2, 1_000_000)]);
        for (theirs, agrees) in [
            (1_005_000, true),
            (1_005_001, false),
            (995_025, true),
            (995_024, false),
        ] {
            let theirs = closes(&[(1, 1_000_000), (2, theirs)]);
            let compared = compare(("a", &ours), ("b", &theirs), 50);
            assert_eq!(compared.is_ok(), agrees, "{theirs:?}");
        }
    }

    #[test]
    fn minutes_that_only_one_has_are_passed_over() {
        let ours = closes(&[(1, 100), (2, 100), (3, 100), (5, 100)]);
        let theirs = closes(&[(0, 999), (2, 100), (4, 999), (5, 100), (6, 999)]);
        assert_eq!(compare(("a", &ours), ("b", &theirs), 0), Ok(()));
    }

    #[test]
    fn disagreement_names_the_worst_minute_and_counts_all() {
        let ours = closes(&[(1, 100 * E8), (2, 1_000 * E8), (3, 101 * E8)]);
        let theirs = closes(&[(1, 100 * E8), (2, 100 * E8), (3, 100 * E8)]);
        let error = compare(("a", &ours), ("b", &theirs), 50).unwrap_err();
        assert_eq!(
            *error,
            Disagreement {
                first: "a",
                second: "b",
                close_time: 180,
                first_close: 1_000 * E8,
                second_close: 100 * E8,
                difference_bps: 90_000,
                bound_bps: 50,
                minutes: 2,
            }
        );
        let words = error.to_string();
        for part in [
            "a and b",
            "at 180",
            "1000 on a",
            "100 on b",
            "90000 bps",
            "than 50",
        ] {
            assert!(words.contains(part), "{words}: {part}");
        }
    }

    #[test]
    fn prices_at_the_ends_of_the_range_do_not_overflow() {
        assert_eq!(difference(1, i64::MAX), u64::MAX);
        assert_eq!(difference(i64::MAX, i64::MAX), 0);
        assert_eq!(difference(0, 0), 0);
    }
}
