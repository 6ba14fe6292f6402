//! Where a worker's proofs are made: in a thread of this process, or in a process of their own.

use std::{future::Future, sync::Arc};

use super::{FarmError, Job};
use crate::backend::{Backends, Proof, Report};

/// Makes the proof of a job.
pub trait Executor: Send + Sync + 'static {
    /// Proves a job whose network's file is at hand.
    fn prove(
        &self,
        job: &Job,
        file: Arc<[u8]>,
    ) -> impl Future<Output = Result<(Proof, Report), FarmError>> + Send;
}

/// Threads of this process.
#[derive(Debug, Clone)]
pub struct Threads(pub Backends);

impl Executor for Threads {
    async fn prove(&self, job: &Job, file: Arc<[u8]>) -> Result<(Proof, Report), FarmError> {
        let (backends, task) = (self.0.clone(), job.task(file));
        match tokio::task::spawn_blocking(move || backends.prove(&task)).await {
            Ok(proven) => Ok(proven?),
            Err(error) => Err(FarmError::Process(format!(
                "did not come to an end: {error}"
            ))),
        }
    }
}
