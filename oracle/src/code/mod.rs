//! Stable codes of everything that can go wrong; `docs/errors` has a page for each, and a test compares both.
//!
//! ```text
//! error ── Coded::code ──> "chain.wrong-id" ─┬─ error[chain.wrong-id]: ... on standard error
//!                                            ├─ {"error":{"code","message"}} with --json
//!                                            └─ `error_code` of a log line, `code` of a check of the doctor
//! ```
//! A code never changes its meaning. The matches here have no catch-all: a new kind of error needs a code to compile.

mod candles;
mod chain;
mod farm;
mod files;
mod node;

use std::error::Error;

use crate::{
    attestation::AttestationError,
    attestor::{GuardError, QuorumError},
    backend::BackendError,
    chain::{ChainError, DeploymentError, EndpointsError},
    cli::NoNode,
    confidence::CalibrationError,
    config::{ConfigError, WriteError},
    daemon::{LockError, StartError},
    download::DownloadError,
    evaluate::{EvaluateError, HistoryError},
    exchange::{ExchangeError, SourceError},
    farm::FarmError,
    filler_file::FillerError,
    key_file::KeyError,
    market::MarketError,
    model::ModelError,
    network_proof::NetworkProofError,
    project::ProjectError,
    proof_file::ProofFileError,
    prover::ProverError,
    publisher::PublishError,
    replay::ReplayError,
    store::StoreError,
    transactions::{JournalError, SendError},
    usage::Usage,
};

/// An error that an operator may meet.
pub trait Coded {
    /// Its stable code, `area.what`; `docs/errors/<code>.md` explains it.
    fn code(&self) -> &'static str;
}

/// Finds the code if the error is of one type.
type Finder = fn(&(dyn Error + 'static)) -> Option<&'static str>;

fn find<E: Coded + Error + 'static>(error: &(dyn Error + 'static)) -> Option<&'static str> {
    error.downcast_ref::<E>().map(Coded::code)
}

const FINDERS: [Finder; 32] = [
    find::<Usage>,
    find::<ConfigError>,
    find::<WriteError>,
    find::<KeyError>,
    find::<FillerError>,
    find::<ModelError>,
    find::<CalibrationError>,
    find::<DeploymentError>,
    find::<ProjectError>,
    find::<ProofFileError>,
    find::<NetworkProofError>,
    find::<NoNode>,
    find::<LockError>,
    find::<StartError>,
    find::<PublishError>,
    find::<StoreError>,
    find::<SendError>,
    find::<JournalError>,
    find::<ChainError>,
    find::<EndpointsError>,
    find::<QuorumError>,
    find::<GuardError>,
    find::<AttestationError>,
    find::<SourceError>,
    find::<ExchangeError>,
    find::<MarketError>,
    find::<DownloadError>,
    find::<HistoryError>,
    find::<EvaluateError>,
    find::<ReplayError>,
    find::<BackendError>,
    find::<FarmError>,
];

/// The code of a report: that of the outermost error with a type of ours.
pub fn of(error: &anyhow::Error) -> &'static str {
    let ours = |cause| FINDERS.iter().find_map(|find| find(cause));
    error
        .chain()
        .find_map(ours)
        .or_else(|| error.chain().find_map(foreign))
        .unwrap_or("internal")
}

/// Errors of libraries that need no type of ours around them.
fn foreign(error: &(dyn Error + 'static)) -> Option<&'static str> {
    if let Some(error) = error.downcast_ref::<veriregime_circuits::Error>() {
        return Some(error.code());
    }
    if let Some(error) = error.downcast_ref::<veriregime_circuits::onnx::Error>() {
        return Some(error.code());
    }
    if let Some(error) = error.downcast_ref::<ProverError>() {
        return Some(error.code());
    }
    if error.is::<std::io::Error>() {
        return Some("file.failed");
    }
    error.is::<serde_json::Error>().then_some("file.malformed")
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn of_finds_the_outermost_type_of_ours_below_any_context() {
        let chain = ChainError::WrongChain { got: 1, want: 2 };
        let error = anyhow::Error::new(PublishError::from(chain)).context("oracle `signals`");
        assert_eq!(of(&error), "chain.wrong-id");
        let inner: Result<(), _> = Err(StoreError::Time(1));
        assert_eq!(
            of(&inner.context("a").context("b").unwrap_err()),
            "store.time"
        );
    }

    #[test]
    fn of_names_what_libraries_say() {
        let io = anyhow::Error::new(std::io::Error::other("disk full")).context("writing x");
        assert_eq!(of(&io), "file.failed");
        let json = serde_json::from_str::<u8>("x").unwrap_err();
        assert_eq!(of(&json.into()), "file.malformed");
        let circuit = veriregime_circuits::Error::Rejected("no".into());
        assert_eq!(of(&circuit.into()), "proof.rejected");
        assert_eq!(of(&anyhow::anyhow!("anything")), "internal");
    }
}
