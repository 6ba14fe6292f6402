//! The weight budget of one host: Binance counts the weight of a minute's calls and says the sum with every answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

/// Pauses once the minute's weight reaches the budget; every later answer tells whether the minute has passed.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    used: Arc<AtomicU32>,
    budget: u32,
    pause: Duration,
}

impl Pace {
    pub(super) fn new(budget: u32, pause: Duration) -> Self {
        Self {
            used: Arc::default(),
            budget,
            pause,
        }
    }

    /// Waits if the budget is spent.
    pub(super) async fn wait(&self) {
        let used = self.used.load(Ordering::Relaxed);
        if used >= self.budget {
            let (budget, pause) = (self.budget, self.pause);
            tracing::info!(used, budget, ?pause, "weight budget spent: pausing");
            tokio::time::sleep(pause).await;
            self.used.store(0, Ordering::Relaxed);
        }
    }

    /// Notes what the exchange counted.
    pub(super) fn saw(&self, used: Option<u32>) {
        if let Some(used) = used {
            self.used.store(used, Ordering::Relaxed);
        }
    }
}
