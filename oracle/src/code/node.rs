//! Codes of the running node: store, locks, proofs, rounds.

use super::Coded;
use crate::{
    cli::NoNode,
    daemon::{LockError, StartError},
    prover::ProverError,
    publisher::PublishError,
    store::StoreError,
};

impl Coded for veriregime_circuits::Error {
    fn code(&self) -> &'static str {
        // The crate's own method: it has no catch-all either.
        Self::code(self)
    }
}

impl Coded for NoNode {
    fn code(&self) -> &'static str {
        "node.no-status"
    }
}

impl Coded for StartError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooFewAttestors { .. } => "quorum.too-few-attestors",
        }
    }
}

impl Coded for LockError {
    fn code(&self) -> &'static str {
        match self {
            Self::Held { .. } => "node.already-running",
            Self::Io { .. } => "node.lock",
        }
    }
}

impl Coded for ProverError {
    fn code(&self) -> &'static str {
        match self {
            Self::Circuit(error) => error.code(),
            Self::Filler(error) => error.code(),
        }
    }
}

impl Coded for StoreError {
    fn code(&self) -> &'static str {
        match self {
            Self::Equivocation { .. } => "store.equivocation",
            Self::Order { .. } => "store.order",
            Self::Time(_) => "store.time",
            Self::Store { .. } => "store.failed",
        }
    }
}

impl Coded for PublishError {
    fn code(&self) -> &'static str {
        match self {
            Self::Already { .. } => "chain.already-accepted",
            Self::Send(error) => error.code(),
            Self::Source(error) => error.code(),
            Self::Prover(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Quorum(error) => error.code(),
            Self::Chain(error) => error.code(),
            Self::Client(_) | Self::Thread(_) => "internal",
        }
    }
}
