//! What a queue of jobs promises, whatever keeps it.
//!
//! ```text
//!            submit                take                    finish
//! caller ----------------> ready ---------> lease (worker) ---------> result, once for ever
//!                            ^                |  |   |
//!                            |  release,      |  |   | bury
//!                            +-- lease ran out +  |   +------> dead letter with the reason
//!                                                 +- extend: the worker is alive
//! ```

use std::{collections::BTreeSet, future::Future, sync::Arc, time::Duration};

use super::{Dead, Digest, FarmError, Finished, Job, JobId, Outcome};

/// A job in the hands of one worker until its lease runs out.
#[derive(Debug)]
pub struct Lease<T> {
    /// Its id.
    pub id: JobId,
    /// The job.
    pub job: Job,
    /// Which attempt this is, from 1. Attempts whose worker vanished count.
    pub attempt: u32,
    /// When it was queued: UNIX time in milliseconds.
    pub queued_ms: u64,
    /// How the queue knows the lease.
    pub ticket: T,
}

/// What submitting did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submitted {
    /// The job is queued.
    New,
    /// It was queued already and is not done.
    Waiting,
    /// Its result is there.
    Finished,
}

/// What handing a result over did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handed {
    /// It is the job's result.
    First,
    /// The job had one: this one is dropped and counted.
    Duplicate,
}

/// A durable queue of jobs with their files and results.
///
/// Every method may be called from any number of tasks and, where the queue allows it, machines.
pub trait Queue: Send + Sync + 'static {
    /// How the queue knows a lease.
    type Ticket: Send + Sync + 'static;

    /// How long a lease lasts unless it is extended.
    fn patience(&self) -> Duration;

    /// Keeps a file under its digest; does nothing if it is there.
    fn keep(&self, file: Arc<[u8]>) -> impl Future<Output = Result<Digest, FarmError>> + Send;

    /// A file that was kept, with its digest checked.
    fn fetch(&self, digest: Digest) -> impl Future<Output = Result<Arc<[u8]>, FarmError>> + Send;

    /// Queues a job unless it is queued or done. One that was given up is queued again, with all attempts
    /// before it.
    fn submit(&self, job: &Job) -> impl Future<Output = Result<Submitted, FarmError>> + Send;

    /// The next job, or none within `wait`.
    fn take(
        &self,
        wait: Duration,
    ) -> impl Future<Output = Result<Option<Lease<Self::Ticket>>, FarmError>> + Send;

    /// Makes a lease last for [`Self::patience`] from now on.
    fn extend(
        &self,
        lease: &Lease<Self::Ticket>,
    ) -> impl Future<Output = Result<(), FarmError>> + Send;

    /// Hands a job's result over: the first one stays for ever, whoever holds the lease. The same one again changes
    /// nothing.
    fn finish(
        &self,
        lease: &Lease<Self::Ticket>,
        finished: &Finished,
    ) -> impl Future<Output = Result<Handed, FarmError>> + Send;

    /// Takes a job off the queue whose result is there already.
    fn settle(
        &self,
        lease: &Lease<Self::Ticket>,
    ) -> impl Future<Output = Result<(), FarmError>> + Send;

    /// Gives a job back, to be taken again after `pause`.
    fn release(
        &self,
        lease: &Lease<Self::Ticket>,
        pause: Duration,
    ) -> impl Future<Output = Result<(), FarmError>> + Send;

    /// Gives a job up with a reason.
    fn bury(
        &self,
        lease: &Lease<Self::Ticket>,
        dead: &Dead,
    ) -> impl Future<Output = Result<(), FarmError>> + Send;

    /// The result of a job, if it has one.
    fn result(&self, id: JobId)
    -> impl Future<Output = Result<Option<Finished>, FarmError>> + Send;

    /// Outcomes of some of these jobs: waits for at least one, for `wait` at most. Dead letters from before the
    /// job's last submission do not count.
    fn outcomes(
        &self,
        ids: &BTreeSet<JobId>,
        wait: Duration,
    ) -> impl Future<Output = Result<Vec<(JobId, Outcome)>, FarmError>> + Send;

    /// Removes a result that does not hold, so that the job can be submitted again.
    fn refuse(&self, id: JobId) -> impl Future<Output = Result<(), FarmError>> + Send;

    /// How often a job's result came again and was dropped.
    fn duplicates(
        &self,
        ids: &BTreeSet<JobId>,
    ) -> impl Future<Output = Result<u64, FarmError>> + Send;
}
