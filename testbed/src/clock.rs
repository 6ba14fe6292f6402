//! Simulated time: the exchange's clock and the chain's, one for all.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use crate::locked;

/// How often a waiting task looks at the clock.
const LOOK: Duration = Duration::from_millis(2);

/// A clock that stands, runs at any speed, or is set forward; never back. Clones show the same time.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// The time at `since`, UNIX milliseconds.
    base_ms: i64,
    since: Instant,
    /// Simulated milliseconds per real one.
    speed: f64,
    /// Latest time the clock may show.
    limit_ms: i64,
}

impl State {
    fn now_ms(&self) -> i64 {
        let passed = self.since.elapsed().as_secs_f64() * 1e3 * self.speed;
        self.base_ms
            .saturating_add(passed as i64)
            .min(self.limit_ms.max(self.base_ms))
    }

    fn rebase(&mut self) {
        self.base_ms = self.now_ms();
        self.since = Instant::now();
    }
}

impl Clock {
    /// A clock that stands at `seconds`, UNIX.
    #[must_use]
    pub fn standing_at(seconds: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            base_ms: millis(seconds),
            since: Instant::now(),
            speed: 0.0,
            limit_ms: i64::MAX,
        })))
    }

    /// UNIX milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        locked(&self.0).now_ms()
    }

    /// UNIX seconds.
    #[must_use]
    pub fn now(&self) -> u64 {
        u64::try_from(self.now_ms() / 1_000).unwrap_or(0)
    }

    /// Runs on at `speed` simulated seconds per real one; 0 stops the clock.
    pub fn run(&self, speed: f64) {
        let mut state = locked(&self.0);
        state.rebase();
        state.speed = speed;
    }

    /// Goes no further than `seconds` until the limit is moved.
    pub fn hold_at(&self, seconds: u64) {
        let mut state = locked(&self.0);
        state.rebase();
        state.limit_ms = millis(seconds);
    }

    /// Sets the clock forward to `seconds`; an earlier time changes nothing.
    pub fn advance_to(&self, seconds: u64) {
        let mut state = locked(&self.0);
        state.rebase();
        state.base_ms = state.base_ms.max(millis(seconds));
    }

    /// Waits until the clock shows `seconds`.
    pub async fn reach(&self, seconds: u64) {
        while self.now_ms() < millis(seconds) {
            tokio::time::sleep(LOOK).await;
        }
    }
}

fn millis(seconds: u64) -> i64 {
    i64::try_from(seconds)
        .unwrap_or(i64::MAX / 1_000)
        .saturating_mul(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advance_moves_forward_only() {
        let clock = Clock::standing_at(100);
        clock.advance_to(160);
        clock.advance_to(120);
        assert_eq!(clock.now_ms(), 160_000);
    }

    #[test]
    fn hold_stops_a_running_clock_and_lets_it_go_on_from_there() {
        let clock = Clock::standing_at(100);
        clock.hold_at(101);
        clock.run(1e9);
        std::thread::sleep(Duration::from_millis(5));
        assert_eq!(clock.now(), 101);
        clock.hold_at(102);
        std::thread::sleep(Duration::from_millis(5));
        assert_eq!(clock.now(), 102);
    }
}
