//! How fast one host may be asked.
//!
//! ```text
//! wait: held by Retry-After? ─ budget of the host's own count spent? ─ a call's share of time ─ go
//! ```
//! Binance counts the weight of a minute's calls and says the sum with every answer; the others only publish a limit, which
//! a least interval between calls keeps, with a few calls in advance. All clones of a client share one pace.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Longer waits than this are the caller's decision, not a client's.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The pace of the calls to one host.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    state: Arc<Mutex<State>>,
    interval: Duration,
    ahead: u32,
    budget: Option<Budget>,
}

#[derive(Debug, Clone, Copy)]
struct Budget {
    most: u32,
    pause: Duration,
}

#[derive(Debug, Default)]
struct State {
    /// When the calls so far are paid for, at one interval each.
    paid: Option<Instant>,
    /// Until when the host wants no call.
    held: Option<Instant>,
    /// Weight that the host counted last.
    used: u32,
}

impl Pace {
    /// One call per `interval` on average, `ahead` of them at once.
    pub(super) fn every(interval: Duration, ahead: u32) -> Self {
        Self {
            state: Arc::default(),
            interval,
            ahead,
            budget: None,
        }
    }

    /// Pauses, too, once the host has counted `most`.
    pub(super) fn within(mut self, most: u32, pause: Duration) -> Self {
        self.budget = Some(Budget { most, pause });
        self
    }

    /// The least interval between calls.
    pub(super) fn interval(&self) -> Duration {
        self.interval
    }

    /// Waits for the next call's turn.
    ///
    /// # Errors
    /// The time that the host still wants to be left alone, if that is longer than [`LONGEST_WAIT`].
    pub(super) async fn wait(&self) -> Result<(), Duration> {
        tokio::time::sleep(self.turn()?).await;
        Ok(())
    }

    /// Notes what the host counted.
    pub(super) fn saw(&self, used: Option<u32>) {
        if let Some(used) = used {
            self.state().used = used;
        }
    }

    /// Notes that the host wants no call for a while.
    pub(super) fn hold(&self, wait: Duration) {
        self.state().held = Instant::now().checked_add(wait);
    }

    /// How long the next call has to wait; the call counts from here on.
    fn turn(&self) -> Result<Duration, Duration> {
        let now = Instant::now();
        let mut state = self.state();
        let held = state
            .held
            .map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        if held > LONGEST_WAIT {
            return Err(held);
        }
        let pause = match self.budget {
            Some(Budget { most, pause }) if state.used >= most => {
                let used = state.used;
                tracing::info!(used, most, ?pause, "weight budget spent: pausing");
                state.used = 0;
                pause
            }
            _ => Duration::ZERO,
        };
        let paid = state.paid.map_or(now, |paid| paid.max(now));
        state.paid = Some(paid + self.interval);
        let share = (paid - now).saturating_sub(self.interval * self.ahead.saturating_sub(1));
        Ok(held.max(pause).max(share))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn calls_ahead_are_free_and_later_ones_wait_their_turn() {
        let pace = Pace::every(SECOND, 2);
        assert_eq!(pace.turn(), Ok(Duration::ZERO));
        assert_eq!(pace.turn(), Ok(Duration::ZERO));
        let third = pace.turn().unwrap();
        assert!(third > SECOND / 2 && third <= SECOND, "{third:?}");
        let fourth = pace.turn().unwrap();
        assert!(fourth > SECOND && fourth <= 2 * SECOND, "{fourth:?}");
    }

    #[test]
    fn short_holds_are_waited_for_and_long_ones_passed_on() {
        let pace = Pace::every(Duration::ZERO, 1);
        pace.hold(5 * SECOND);
        let wait = pace.turn().unwrap();
        assert!(wait > 4 * SECOND && wait <= 5 * SECOND, "{wait:?}");
        pace.hold(3_600 * SECOND);
        assert!(pace.turn().is_err_and(|left| left > 3_500 * SECOND));
    }

    #[test]
    fn spent_budget_pauses_once_per_count() {
        let pace = Pace::every(Duration::ZERO, 1).within(100, 10 * SECOND);
        pace.saw(Some(99));
        assert_eq!(pace.turn(), Ok(Duration::ZERO));
        pace.saw(Some(100));
        assert_eq!(pace.turn(), Ok(10 * SECOND));
        assert_eq!(pace.turn(), Ok(Duration::ZERO));
        pace.saw(None);
        assert_eq!(pace.turn(), Ok(Duration::ZERO));
    }
}
