//! What is queued, and what comes of it.

use std::sync::Arc;

use alloy::primitives::B256;
use serde::{Deserialize, Serialize};

use super::{Digest, JobId};
use crate::backend::{BackendName, Input, Proof, Report, Statement, Task};

/// One proof to make. Two jobs that ask for the same have the same id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// By whom.
    pub backend: BackendName,
    /// SHA-256 of the network's file, which the queue keeps.
    pub network: Digest,
    /// What is said of it.
    pub statement: Statement,
    /// What it is run on.
    pub input: Input,
    /// The word that ties the proof to its use.
    pub binding: B256,
}

impl Job {
    /// SHA-256 over the job as JSON.
    ///
    /// # Errors
    /// For an input that JSON cannot write, such as infinity.
    pub fn id(&self) -> Result<JobId, serde_json::Error> {
        serde_json::to_vec(self).map(|bytes| Digest::of(&bytes))
    }

    /// With its network's file at hand.
    pub fn task(&self, file: Arc<[u8]>) -> Task {
        Task {
            backend: self.backend,
            network: self.network,
            file,
            statement: self.statement.clone(),
            input: self.input.clone(),
            binding: self.binding,
        }
    }
}

/// A job done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finished {
    /// Which job.
    pub id: JobId,
    /// The proof.
    pub proof: Proof,
    /// What it took.
    pub report: Report,
    /// Who did it and when.
    pub made: Made,
}

/// Who did a job and when. Moments are UNIX time in milliseconds by the clock of who noted them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// Name of the worker.
    pub worker: String,
    /// Which attempt it was, from 1.
    pub attempt: u32,
    /// When the job was queued.
    pub queued_ms: u64,
    /// When this attempt began.
    pub begun_ms: u64,
    /// When it ended.
    pub ended_ms: u64,
}

/// A job given up: nobody tries again unless it is submitted again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dead {
    /// Which job.
    pub id: JobId,
    /// Why.
    pub reason: String,
    /// Attempts that were begun.
    pub attempts: u32,
    /// Who gave it up.
    pub worker: String,
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It is done.
    Finished(Box<Finished>),
    /// It was given up.
    Dead(Dead),
}
