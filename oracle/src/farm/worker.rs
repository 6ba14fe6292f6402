//! A worker: takes jobs, proves them, hands results over.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use super::{
    Dead, Executor, FarmError, Files, Finished, Handed, Lease, Made, Queue, clock::now_ms,
};
use crate::{
    backend::{Proof, Report},
    code::Coded,
};

/// A worker looks for a job for so long, then asks whether it is to stop.
const LOOK: Duration = Duration::from_secs(2);
/// After a failure of the queue it waits for so long.
const PAUSE: Duration = Duration::from_secs(1);
/// A result is handed over so often before it is thrown away, and the job left to others.
const HANDING_OVER: u32 = 30;
/// A job that failed is tried again after so long, longer with every attempt.
const AGAIN: Duration = Duration::from_millis(500);

/// A worker on a queue.
#[derive(Debug)]
pub struct Worker<Q, E> {
    queue: Arc<Q>,
    executor: E,
    files: Files,
    name: String,
    attempts: u32,
    /// What it has done.
    pub done: Tally,
}

/// What a worker has done.
#[derive(Debug, Default)]
pub struct Tally {
    /// Results handed over.
    pub finished: AtomicU64,
    /// Results that somebody else had handed over before.
    pub duplicates: AtomicU64,
    /// Attempts that failed and are repeated.
    pub retries: AtomicU64,
    /// Jobs given up.
    pub dead: AtomicU64,
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl<Q: Queue, E: Executor> Worker<Q, E> {
    /// A worker of this name, which gives a job up after `attempts`.
    pub fn new(queue: Arc<Q>, executor: E, files: Files, name: String, attempts: u32) -> Self {
        Self {
            queue,
            executor,
            files,
            name,
            attempts: attempts.max(1),
            done: Tally::default(),
        }
    }

    /// Works on `parallel` jobs at a time until it is told to stop; what is in progress then is finished
    /// first.
    pub async fn serve(self: Arc<Self>, parallel: usize, stop: CancellationToken) {
        let mut hands = tokio::task::JoinSet::new();
        for _ in 0..parallel.max(1) {
            let (worker, stop) = (self.clone(), stop.clone());
            hands.spawn(async move { worker.hand(stop).await });
        }
        while hands.join_next().await.is_some() {}
    }

    async fn hand(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            // Not dropped half-way: a job that is on its way would be held until its lease runs out.
            let taken = self.queue.take(LOOK).await;
            let done = match taken {
                Ok(Some(lease)) => self.work(&lease).await,
                Ok(None) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = done {
                tracing::warn!(code = "farm.queue", worker = self.name, error_code = error.code(), %error, "the queue fails: trying again");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// One attempt at one job.
    ///
    /// # Errors
    /// Of the queue; those of the job go into its outcome.
    pub async fn work(&self, lease: &Lease<Q::Ticket>) -> Result<(), FarmError> {
        if self.queue.result(lease.id).await?.is_some() {
            tracing::info!(code = "farm.known", job = %lease.id, "its result is there already");
            return self.queue.settle(lease).await;
        }
        if lease.attempt > self.attempts {
            let tried = lease.attempt - 1;
            return self
                .bury(
                    lease,
                    tried,
                    format!("no worker came to an end with it in {tried} attempts"),
                )
                .await;
        }
        tracing::info!(code = "farm.taken", job = %lease.id, attempt = lease.attempt, worker = self.name, "proving");
        let begun_ms = now_ms();
        match self.prove(lease).await {
            Ok((proof, report)) => {
                let made = Made {
                    worker: self.name.clone(),
                    attempt: lease.attempt,
                    queued_ms: lease.queued_ms,
                    begun_ms,
                    ended_ms: now_ms(),
                };
                let finished = Finished {
                    id: lease.id,
                    proof,
                    report,
                    made,
                };
                self.finish(lease, &finished).await
            }
            Err(error) if error.is_final() || lease.attempt >= self.attempts => {
                self.bury(lease, lease.attempt, error.to_string()).await
            }
            Err(error) => {
                count(&self.done.retries);
                let pause = AGAIN * lease.attempt;
                tracing::warn!(code = "farm.retry", job = %lease.id, attempt = lease.attempt, error_code = error.code(), %error, "failed: tried again");
                self.queue.release(lease, pause).await
            }
        }
    }

    /// Proves, telling the queue all the while that this worker is alive.
    async fn prove(&self, lease: &Lease<Q::Ticket>) -> Result<(Proof, Report), FarmError> {
        let proving = async {
            let file = self.files.get(&*self.queue, lease.job.network).await?;
            self.executor.prove(&lease.job, file).await
        };
        tokio::pin!(proving);
        let mut pulse = tokio::time::interval(self.queue.patience() / 3);
        pulse.tick().await;
        loop {
            tokio::select! {
                proven = &mut proving => return proven,
                _ = pulse.tick() => {
                    if let Err(error) = self.queue.extend(lease).await {
                        tracing::warn!(code = "farm.lease", job = %lease.id, error_code = error.code(), %error, "the lease is not extended");
                    }
                }
            }
        }
    }

    async fn finish(&self, lease: &Lease<Q::Ticket>, finished: &Finished) -> Result<(), FarmError> {
        let mut tries = 1;
        let handed = loop {
            match self.queue.finish(lease, finished).await {
                Ok(handed) => break handed,
                // The proof took longer than the server will be away, perhaps.
                Err(error) if tries < HANDING_OVER => {
                    tries += 1;
                    tracing::warn!(code = "farm.queue", worker = self.name, error_code = error.code(), %error, "the result is handed over again");
                    tokio::time::sleep(PAUSE).await;
                }
                Err(error) => return Err(error),
            }
        };
        match handed {
            Handed::First => {
                count(&self.done.finished);
                tracing::info!(code = "farm.finished", job = %lease.id, prove_ms = finished.report.prove_ms, worker = self.name, "finished");
            }
            Handed::Duplicate => {
                count(&self.done.duplicates);
                tracing::warn!(code = "farm.duplicate", job = %lease.id, worker = self.name, "another worker was first: dropped");
            }
        }
        Ok(())
    }

    async fn bury(
        &self,
        lease: &Lease<Q::Ticket>,
        attempts: u32,
        reason: String,
    ) -> Result<(), FarmError> {
        count(&self.done.dead);
        tracing::error!(code = "farm.dead", job = %lease.id, attempts, reason, "given up");
        let dead = Dead {
            id: lease.id,
            reason,
            attempts,
            worker: self.name.clone(),
        };
        self.queue.bury(lease, &dead).await
    }
}
