//! Why the farm cannot go on.

use std::path::PathBuf;

use super::{Digest, JobId};
use crate::backend::BackendError;

/// Why the farm cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FarmError {
    /// The NATS server does not answer, or not as it should.
    #[error("NATS: {action}: {problem}")]
    Server {
        /// What was being done.
        action: &'static str,
        /// What came back.
        problem: String,
    },
    /// A name that subjects and streams cannot carry.
    #[error("`{0}` is no name of a queue: want 1 to 32 lower-case letters, digits and dashes")]
    Name(String),
    /// A network's file that the queue does not have.
    #[error("the queue has no file {0}")]
    NoFile(Digest),
    /// A file or message that is not what its digest or format says.
    #[error("{what} is damaged: {problem}")]
    Damaged {
        /// Which.
        what: String,
        /// How it shows.
        problem: String,
    },
    /// A file of this machine.
    #[error("{action} {path}: {source}")]
    Io {
        /// What was being done.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A job cannot be proven or its proof does not hold.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The process of a worker ended or said nonsense.
    #[error("a worker's process {0}")]
    Process(String),
    /// A process of its own could not prove the job.
    #[error("{reason}")]
    Failed {
        /// Why.
        reason: String,
        /// Whether it would fail again anywhere.
        is_final: bool,
    },
    /// Jobs of this run that did not end well.
    #[error("{failed} of {all} jobs have no proof; the first: job {id}: {reason}")]
    Unfinished {
        /// How many have none.
        failed: usize,
        /// How many there are.
        all: usize,
        /// The first of them.
        id: JobId,
        /// Why it has none.
        reason: String,
    },
}

impl FarmError {
    /// Whether the same job would fail again anywhere.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Backend(error) => error.is_final(),
            Self::Failed { is_final, .. } => *is_final,
            _ => false,
        }
    }
}
