//! Clocks against each other: whoever's clock is wrong takes open candles for closed ones, or closed ones for open ones.
//!
//! ```text
//! first ─┬─ each other exchange: more than 30 s apart ─ that exchange does not count as a check
//!        └─ this machine: behind the first by more than 30 s ─ refused if no other exchange confirms the first's clock
//! ```

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::{Exchange, ExchangeError};

/// Furthest that two clocks may be apart.
pub(super) const MOST_SKEW: Duration = Duration::from_secs(30);

/// Two clocks that are too far apart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the clock of {first} ({first_ms} ms) is {} s {} that of {second} ({second_ms} ms), more than {} s: set this machine's clock by NTP; if it is right, the exchange's is wrong",
    skew_ms.unsigned_abs() / 1_000,
    if *.skew_ms < 0 { "behind" } else { "ahead of" },
    MOST_SKEW.as_secs()
)]
pub struct ClockSkew {
    /// Exchange id.
    pub first: &'static str,
    /// Its clock, UNIX milliseconds.
    pub first_ms: i64,
    /// Exchange id, or `this machine`.
    pub second: &'static str,
    /// Its clock, UNIX milliseconds.
    pub second_ms: i64,
    /// How far the first is ahead at the same moment, milliseconds.
    pub skew_ms: i64,
}

/// An exchange's clock and when it was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub(super) exchange: &'static str,
    pub(super) now_ms: i64,
    at: Instant,
    machine_ms: i64,
    /// Whether it is a clock that runs.
    runs: bool,
}

impl Reading {
    /// Asks the exchange.
    pub(super) async fn take(exchange: &dyn Exchange) -> Result<Self, ExchangeError> {
        let now_ms = exchange.fetch_time().await?;
        let since_1970 = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Ok(Self {
            exchange: exchange.id(),
            now_ms,
            at: Instant::now(),
            machine_ms: i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX),
            runs: exchange.has().fetch_time,
        })
    }

    /// The exchange's clock in whole UNIX seconds.
    pub(super) fn seconds(&self) -> u64 {
        u64::try_from(self.now_ms / 1_000).unwrap_or(0)
    }

    /// Compares two exchanges' clocks.
    pub(super) fn against(&self, other: &Self) -> Result<(), ClockSkew> {
        let apart = |later: &Self, earlier: &Self| {
            let passed = later.at.saturating_duration_since(earlier.at).as_millis();
            i64::try_from(passed).unwrap_or(i64::MAX)
        };
        // One of the two is zero: the readings were taken one after the other.
        let passed = apart(self, other).saturating_sub(apart(other, self));
        let skew_ms = self
            .now_ms
            .saturating_sub(other.now_ms)
            .saturating_sub(passed);
        if self.runs && other.runs && beyond(skew_ms) {
            return Err(ClockSkew {
                first: self.exchange,
                first_ms: self.now_ms,
                second: other.exchange,
                second_ms: other.now_ms,
                skew_ms,
            });
        }
        Ok(())
    }

    /// Compares the exchange's clock with this machine's; the error tells the direction.
    pub(super) fn against_machine(&self) -> Result<(), ClockSkew> {
        let skew_ms = self.now_ms.saturating_sub(self.machine_ms);
        if self.runs && beyond(skew_ms) {
            return Err(ClockSkew {
                first: self.exchange,
                first_ms: self.now_ms,
                second: "this machine",
                second_ms: self.machine_ms,
                skew_ms,
            });
        }
        Ok(())
    }
}

fn beyond(skew_ms: i64) -> bool {
    u128::from(skew_ms.unsigned_abs()) > MOST_SKEW.as_millis()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(now_ms: i64, at: Instant) -> Reading {
        Reading {
            exchange: "test",
            now_ms,
            at,
            machine_ms: 1_000_000,
            runs: true,
        }
    }

    #[test]
    fn time_between_two_readings_is_no_skew() {
        let start = Instant::now();
        let later = start + Duration::from_secs(60);
        let (first, second) = (reading(0, start), reading(60_000, later));
        assert!(first.against(&second).is_ok() && second.against(&first).is_ok());
        let stopped = reading(0, later);
        assert_eq!(first.against(&stopped).unwrap_err().skew_ms, 60_000);
        assert_eq!(stopped.against(&first).unwrap_err().skew_ms, -60_000);
    }

    #[test]
    fn bound_is_thirty_seconds_either_way() {
        let at = Instant::now();
        for (now_ms, holds) in [
            (1_030_000, true),
            (1_030_001, false),
            (970_000, true),
            (969_999, false),
            (1_300_000, false),
        ] {
            let reading = reading(now_ms, at);
            assert_eq!(reading.against_machine().is_ok(), holds, "{now_ms}");
            let other = Reading {
                now_ms: 1_000_000,
                ..reading
            };
            assert_eq!(reading.against(&other).is_ok(), holds, "{now_ms}");
        }
    }

    #[test]
    fn series_that_ended_has_no_clock_to_compare() {
        let ended = Reading {
            runs: false,
            ..reading(0, Instant::now())
        };
        assert!(ended.against_machine().is_ok());
        assert!(reading(1_000_000, Instant::now()).against(&ended).is_ok());
    }

    #[test]
    fn error_names_both_clocks_and_the_direction() {
        let error = reading(1_300_000, Instant::now())
            .against_machine()
            .unwrap_err()
            .to_string();
        for words in [
            "test (1300000 ms)",
            "300 s ahead of",
            "this machine (1000000 ms)",
        ] {
            assert!(error.contains(words), "{error}");
        }
    }
}
