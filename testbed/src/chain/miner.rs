//! Blocks as simulated time passes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::task::JoinHandle;

use super::Chain;
use crate::clock::Clock;

/// How often the miner looks at the clock.
const BEAT: Duration = Duration::from_millis(10);

/// Mines until dropped.
#[derive(Debug)]
pub struct Miner {
    resting: Arc<AtomicBool>,
    /// One block at a time, and none while the past is changed.
    turn: Arc<tokio::sync::Mutex<()>>,
    task: JoinHandle<()>,
}

impl Miner {
    /// Mines a block per `block_s` simulated seconds, and at the latest every `patience` of real time: a clock that
    /// stands does not stop the chain.
    #[must_use]
    pub fn start(chain: Arc<Chain>, clock: Clock, block_s: u64, patience: Duration) -> Self {
        let resting = Arc::new(AtomicBool::new(false));
        let turn = Arc::new(tokio::sync::Mutex::new(()));
        let (rests, turns) = (resting.clone(), turn.clone());
        let task = tokio::spawn(async move {
            let (mut mined_at, mut mined_for) = (Instant::now(), clock.now());
            loop {
                tokio::time::sleep(BEAT).await;
                let _turn = turns.lock().await;
                let now = clock.now();
                let due = now >= mined_for + block_s || mined_at.elapsed() >= patience;
                if !due || rests.load(Ordering::SeqCst) {
                    continue;
                }
                // A failure is anvil's end: whoever needs the chain will say so.
                let _ = chain.mine(now).await;
                (mined_at, mined_for) = (Instant::now(), now);
            }
        });
        Self {
            resting,
            turn,
            task,
        }
    }

    /// Stops mining, or goes on; a block in the making is finished first.
    pub async fn rest(&self, rest: bool) {
        let _turn = self.turn.lock().await;
        self.resting.store(rest, Ordering::SeqCst);
    }

    /// Waits for the block in the making and mines none until the guard is dropped.
    pub async fn pause(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }
}

impl Drop for Miner {
    fn drop(&mut self) {
        self.task.abort();
    }
}
