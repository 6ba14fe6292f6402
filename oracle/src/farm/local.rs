//! The queue in this process: gone with it, and with nothing to install.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::Notify;

use super::{
    Dead, Digest, FarmError, Finished, Handed, Job, JobId, Lease, Outcome, Queue, Submitted,
    clock::now_ms,
};

/// A queue in this process. Clones share it.
#[derive(Debug, Clone)]
pub struct LocalQueue {
    patience: Duration,
    state: Arc<Mutex<State>>,
    /// Something became ready, or an outcome came.
    news: Arc<Notify>,
}

#[derive(Debug, Default)]
struct State {
    files: HashMap<Digest, Arc<[u8]>>,
    /// Jobs that are queued or leased.
    open: BTreeMap<JobId, Open>,
    results: HashMap<JobId, Finished>,
    dead: HashMap<JobId, Dead>,
    duplicates: HashMap<JobId, u64>,
    /// Counts submissions and leases.
    clock: u64,
}

#[derive(Debug)]
struct Open {
    job: Job,
    queued_ms: u64,
    /// Place in the queue.
    place: u64,
    attempts: u32,
    /// Nobody may take it before.
    free_at: Instant,
    /// The lease that counts.
    lease: Option<u64>,
}

impl LocalQueue {
    /// An empty queue whose leases last for `patience`.
    pub fn new(patience: Duration) -> Self {
        Self {
            patience,
            state: Arc::default(),
            news: Arc::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The oldest job that is free, and when to look again if there is none.
    fn next(&self) -> Result<Lease<u64>, Option<Instant>> {
        let mut state = self.lock();
        let now = Instant::now();
        state.clock += 1;
        let ticket = state.clock;
        let free = state
            .open
            .iter_mut()
            .filter(|(_, open)| open.free_at <= now);
        let Some((id, open)) = free.min_by_key(|(_, open)| open.place) else {
            return Err(state.open.values().map(|open| open.free_at).min());
        };
        open.attempts += 1;
        open.free_at = now + self.patience;
        open.lease = Some(ticket);
        Ok(Lease {
            id: *id,
            job: open.job.clone(),
            attempt: open.attempts,
            queued_ms: open.queued_ms,
            ticket,
        })
    }

    /// Changes a job whose lease this is; a lease that ran out and was given to another changes nothing.
    fn change(&self, lease: &Lease<u64>, change: impl FnOnce(&mut Open)) {
        if let Some(open) = self.lock().open.get_mut(&lease.id)
            && open.lease == Some(lease.ticket)
        {
            change(open);
        }
        self.news.notify_waiters();
    }

    fn found(&self, ids: &BTreeSet<JobId>) -> Vec<(JobId, Outcome)> {
        let state = self.lock();
        let outcome = |id: &JobId| match (state.results.get(id), state.dead.get(id)) {
            (Some(finished), _) => Some(Outcome::Finished(Box::new(finished.clone()))),
            (None, Some(dead)) => Some(Outcome::Dead(dead.clone())),
            (None, None) => None,
        };
        ids.iter()
            .filter_map(|id| Some((*id, outcome(id)?)))
            .collect()
    }
}

impl Queue for LocalQueue {
    type Ticket = u64;

    fn patience(&self) -> Duration {
        self.patience
    }

    async fn keep(&self, file: Arc<[u8]>) -> Result<Digest, FarmError> {
        let digest = Digest::of(&file);
        self.lock().files.entry(digest).or_insert(file);
        Ok(digest)
    }

    async fn fetch(&self, digest: Digest) -> Result<Arc<[u8]>, FarmError> {
        let file = self.lock().files.get(&digest).cloned();
        file.ok_or(FarmError::NoFile(digest))
    }

    async fn submit(&self, job: &Job) -> Result<Submitted, FarmError> {
        let id = super::id_of(job)?;
        let mut state = self.lock();
        if state.results.contains_key(&id) {
            return Ok(Submitted::Finished);
        }
        if state.open.contains_key(&id) {
            return Ok(Submitted::Waiting);
        }
        state.dead.remove(&id);
        state.clock += 1;
        let open = Open {
            job: job.clone(),
            queued_ms: now_ms(),
            place: state.clock,
            attempts: 0,
            free_at: Instant::now(),
            lease: None,
        };
        state.open.insert(id, open);
        drop(state);
        self.news.notify_waiters();
        Ok(Submitted::New)
    }

    async fn take(&self, wait: Duration) -> Result<Option<Lease<u64>>, FarmError> {
        let end = Instant::now() + wait;
        loop {
            let news = self.news.notified();
            tokio::pin!(news);
            news.as_mut().enable();
            let again = match self.next() {
                Ok(lease) => return Ok(Some(lease)),
                Err(free_at) => free_at.unwrap_or(end).min(end),
            };
            if Instant::now() >= end {
                return Ok(None);
            }
            // A job is free from its moment on, not before.
            let again = again + Duration::from_millis(1);
            let _ = tokio::time::timeout_at(again.into(), news).await;
        }
    }

    async fn extend(&self, lease: &Lease<u64>) -> Result<(), FarmError> {
        self.change(lease, |open| open.free_at = Instant::now() + self.patience);
        Ok(())
    }

    async fn finish(&self, lease: &Lease<u64>, finished: &Finished) -> Result<Handed, FarmError> {
        let mut state = self.lock();
        let handed = match state.results.get(&lease.id) {
            Some(known) if known != finished => {
                *state.duplicates.entry(lease.id).or_default() += 1;
                Handed::Duplicate
            }
            Some(_) => Handed::First,
            None => {
                state.results.insert(lease.id, finished.clone());
                Handed::First
            }
        };
        state.open.remove(&lease.id);
        drop(state);
        self.news.notify_waiters();
        Ok(handed)
    }

    async fn settle(&self, lease: &Lease<u64>) -> Result<(), FarmError> {
        self.lock().open.remove(&lease.id);
        Ok(())
    }

    async fn release(&self, lease: &Lease<u64>, pause: Duration) -> Result<(), FarmError> {
        self.change(lease, |open| {
            open.free_at = Instant::now() + pause;
            open.lease = None;
        });
        Ok(())
    }

    async fn bury(&self, lease: &Lease<u64>, dead: &Dead) -> Result<(), FarmError> {
        let mut state = self.lock();
        let counts = |open: &Open| open.lease == Some(lease.ticket);
        if state.open.get(&lease.id).is_some_and(counts) {
            state.open.remove(&lease.id);
            state.dead.insert(lease.id, dead.clone());
        }
        drop(state);
        self.news.notify_waiters();
        Ok(())
    }

    async fn result(&self, id: JobId) -> Result<Option<Finished>, FarmError> {
        Ok(self.lock().results.get(&id).cloned())
    }

    async fn outcomes(
        &self,
        ids: &BTreeSet<JobId>,
        wait: Duration,
    ) -> Result<Vec<(JobId, Outcome)>, FarmError> {
        let end = Instant::now() + wait;
        loop {
            let news = self.news.notified();
            tokio::pin!(news);
            news.as_mut().enable();
            let found = self.found(ids);
            if !found.is_empty() || tokio::time::timeout_at(end.into(), news).await.is_err() {
                return Ok(found);
            }
        }
    }

    async fn refuse(&self, id: JobId) -> Result<(), FarmError> {
        self.lock().results.remove(&id);
        Ok(())
    }

    async fn duplicates(&self, ids: &BTreeSet<JobId>) -> Result<u64, FarmError> {
        let state = self.lock();
        Ok(ids.iter().filter_map(|id| state.duplicates.get(id)).sum())
    }
}
