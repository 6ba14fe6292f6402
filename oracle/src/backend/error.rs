//! Why a task was not proven.

use std::{path::PathBuf, process::ExitStatus};

use super::BackendName;

/// Why a task was not proven.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackendError {
    /// Our circuit refuses the network, the input or the statement, or fails.
    #[error(transparent)]
    Circuit(#[from] veriregime_circuits::Error),
    /// A task for a backend that is not here.
    #[error("this worker has no backend `{0}`")]
    Unknown(BackendName),
    /// The file of a task is not what its backend reads.
    #[error("the {backend} backend cannot read the task's file: {problem}")]
    File {
        /// Which backend.
        backend: BackendName,
        /// What is wrong with it.
        problem: String,
    },
    /// The external prover's program is not there.
    #[error(
        "cannot start {program}: {source}; give a Python that has the package with --ezkl-python or VERIREGIME_EZKL_PYTHON"
    )]
    Missing {
        /// The program that was tried.
        program: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The external prover gave up.
    #[error("{backend} ended with {status}: {words}")]
    Failed {
        /// Which backend.
        backend: BackendName,
        /// How its process ended.
        status: ExitStatus,
        /// The end of what it wrote to standard error.
        words: String,
    },
    /// Files of an external prover cannot be written or read.
    #[error("files of the {backend} backend: {source}")]
    Io {
        /// Which backend.
        backend: BackendName,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A result that does not belong to its task.
    #[error("the proof is not one of this task: {0}")]
    Foreign(String),
}

impl BackendError {
    /// Whether the same task would fail again anywhere.
    pub fn is_final(&self) -> bool {
        use veriregime_circuits::Error;
        match self {
            Self::Circuit(error) => !matches!(
                error,
                Error::Io { .. } | Error::Srs { .. } | Error::Prover(_)
            ),
            Self::File { .. } => true,
            Self::Unknown(_)
            | Self::Missing { .. }
            | Self::Failed { .. }
            | Self::Io { .. }
            | Self::Foreign(_) => false,
        }
    }
}
