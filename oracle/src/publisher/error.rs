//! Why a round was not published.

use alloy::primitives::B256;

use crate::{
    attestor::QuorumError, chain::ChainError, exchange::SourceError, prover::ProverError,
    store::StoreError, transactions::SendError,
};

/// Why a round was not published. Nothing was sent unless the error is about the sent transaction.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// It is published already, by this node or another.
    #[error("close time {close_time} is already published{}: nothing to do", by(.tx))]
    Already {
        /// The close time.
        close_time: u64,
        /// This node's own transaction.
        tx: Option<B256>,
    },
    /// The transaction was not signed, or came to nothing.
    #[error(transparent)]
    Send(#[from] SendError),
    /// No window.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// No inference, proof, or the own proof does not verify.
    #[error(transparent)]
    Prover(#[from] ProverError),
    /// The store forbids it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No quorum.
    #[error(transparent)]
    Quorum(#[from] QuorumError),
    /// The chain refuses or fails.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The HTTP client could not be built.
    #[error("HTTP client: {0}")]
    Client(#[from] reqwest::Error),
    /// The proving thread died.
    #[error("the proving thread ended without a result: {0}")]
    Thread(#[from] tokio::task::JoinError),
}

fn by(tx: &Option<B256>) -> String {
    tx.map_or_else(String::new, |tx| format!(" in transaction {tx}"))
}
