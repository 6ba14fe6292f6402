//! Codes of backends and of the farm.

use super::Coded;
use crate::{backend::BackendError, farm::FarmError};

impl Coded for BackendError {
    fn code(&self) -> &'static str {
        match self {
            Self::Circuit(error) => error.code(),
            Self::Unknown(_) => "backend.unknown",
            Self::File { .. } => "backend.file",
            Self::Missing { .. } => "backend.missing",
            Self::Failed { .. } => "backend.failed",
            Self::Io { .. } => "file.failed",
            Self::Foreign(_) => "proof.foreign",
        }
    }
}

impl Coded for FarmError {
    fn code(&self) -> &'static str {
        match self {
            Self::Server { .. } => "farm.server",
            Self::Name(_) => "farm.name",
            Self::NoFile(_) => "farm.no-file",
            Self::Damaged { .. } => "farm.damaged",
            Self::Io { .. } => "file.failed",
            Self::Backend(error) => error.code(),
            Self::Process(_) => "farm.process",
            Self::Failed { .. } => "farm.job",
            Self::Unfinished { .. } => "farm.unfinished",
        }
    }
}
