//! One round from candles to chain, every step on disk before the next.
//!
//! ```text
//! window -> infer -> bind (store) -> prove ┐
//!                          gather quorum ──┴-> verify -> simulate -> sign -> record hash -> send -> included
//! ```

use std::{sync::Arc, time::Duration};

use alloy::{primitives::B256, sol_types::SolCall};
use tokio::sync::Mutex;
use veriregime_features::{FeatureScale, Window};

use crate::{
    attestation,
    attestor::{Disagreement, Quorum, QuorumError, Witness},
    chain::{Chain, ChainError, ISignalOracle::submitCall, Submission},
    exchange::{CandleSource, SourceError},
    proof_file::words,
    prover::{Proven, Prover, ProverError},
    statement::{WindowId, inputs_digest},
    store::{Commitment, Progress, RoundStore, Stage, StoreError},
};

/// Longest wait for an attestor's answer.
const ATTESTOR_TIMEOUT: Duration = Duration::from_secs(20);

/// Everything needed to publish for one oracle.
pub struct Publisher {
    source: CandleSource,
    scale: FeatureScale,
    prover: Arc<Prover>,
    chain: Chain,
    store: Mutex<RoundStore>,
    attestors: Vec<String>,
}

/// A round that the oracle accepted.
#[derive(Debug, Clone)]
pub struct Published {
    /// The oracle's round id.
    pub round: u128,
    /// The window's statement and proof.
    pub proven: Proven,
    /// Calldata of the submission.
    pub submission: Submission,
    /// The transaction.
    pub tx: B256,
    /// Gas the whole submission used.
    pub gas: u64,
    /// Attestors that did not vouch.
    pub disagreements: Vec<Disagreement>,
}

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
    /// This node's transaction waits for a block, or reverted in one.
    #[error(
        "close time {close_time} was sent as {tx}, which {}: nothing is sent twice; look the transaction up before doing anything by hand",
        if *.reverted { "reverted" } else { "is in no block yet" }
    )]
    Unsettled {
        /// The close time.
        close_time: u64,
        /// This node's own transaction.
        tx: B256,
        /// In a block, but without effect.
        reverted: bool,
    },
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

impl Publisher {
    /// Joins the parts.
    pub fn new(
        source: CandleSource,
        scale: FeatureScale,
        prover: Arc<Prover>,
        chain: Chain,
        store: RoundStore,
        attestors: Vec<String>,
    ) -> Self {
        Self {
            source,
            scale,
            prover,
            chain,
            store: Mutex::new(store),
            attestors,
        }
    }

    /// Makes, attests and submits the signal of the window that closes at `close_time`.
    ///
    /// # Errors
    /// Typed by step; until the store has recorded the transaction's hash nothing has left this machine.
    pub async fn publish(&self, close_time: u64) -> Result<Published, PublishError> {
        self.settle(close_time).await?;
        self.store.lock().await.begin(close_time)?;
        let window = self.source.window(close_time, &self.scale).await?;
        let id = WindowId {
            market: self.source.market().clone(),
            close_time: window.close_time,
            last_close: window.last_close,
        };
        let commitment = self.commitment(&window)?;
        self.store.lock().await.commit(close_time, commitment)?;

        let (proven, witness) = tokio::join!(
            self.prove(&id, window),
            self.gather(&id, commitment.inputs_digest)
        );
        let proven = proven?;
        self.advance(close_time, Stage::Proven).await?;
        self.advance(close_time, Stage::Verified).await?;
        let Witness {
            attestations,
            disagreements,
        } = witness?;
        self.advance(close_time, Stage::Attested).await?;

        let submission = Submission {
            modelId: commitment.model_id,
            closeTime: close_time,
            lastCloseE8: id.last_close,
            proof: proven.proof.bytes.clone().into(),
            publicInputs: words(&proven.proof.public_inputs),
            attestations: attestation::encode(&attestations),
        };
        let oracle = self.chain.oracle().address;
        let call = submitCall {
            submission: submission.clone(),
        };
        self.chain
            .simulate(oracle, &call)
            .await
            .map_err(|error| match error {
                ChainError::AlreadyAccepted => PublishError::Already {
                    close_time,
                    tx: None,
                },
                error => error.into(),
            })?;
        self.advance(close_time, Stage::Simulated).await?;
        let signed = self.chain.sign(oracle, call.abi_encode().into()).await?;
        let tx = signed.hash();
        self.store.lock().await.send(close_time, commitment, tx)?;
        let receipt = self.chain.send(signed).await?;
        let round = self.chain.accepted_round(&receipt)?;
        self.advance(close_time, Stage::Included).await?;
        Ok(Published {
            round,
            proven,
            submission,
            tx,
            gas: receipt.gas_used,
            disagreements,
        })
    }

    /// After a restart: what became of a transaction that was sent before.
    async fn settle(&self, close_time: u64) -> Result<(), PublishError> {
        let Some(Progress {
            stage,
            transaction: Some(tx),
            ..
        }) = self.store.lock().await.progress(close_time)?
        else {
            return Ok(());
        };
        if stage == Stage::Included {
            return Err(PublishError::Already {
                close_time,
                tx: Some(tx),
            });
        }
        match self.chain.outcome(tx).await? {
            Some(true) => {
                self.advance(close_time, Stage::Included).await?;
                Err(PublishError::Already {
                    close_time,
                    tx: Some(tx),
                })
            }
            outcome => Err(PublishError::Unsettled {
                close_time,
                tx,
                reverted: outcome.is_some(),
            }),
        }
    }

    fn commitment(&self, window: &Window) -> Result<Commitment, PublishError> {
        let inference = self.prover.infer(window).map_err(ProverError::from)?;
        Ok(Commitment {
            model_id: self.prover.model_id(),
            inputs_digest: inputs_digest(&window.values).map_err(ProverError::from)?,
            last_close: window.last_close,
            class: u8::try_from(inference.class).unwrap_or(u8::MAX),
        })
    }

    async fn prove(&self, id: &WindowId, window: Window) -> Result<Proven, PublishError> {
        let (prover, oracle, id) = (self.prover.clone(), *self.chain.oracle(), id.clone());
        Ok(tokio::task::spawn_blocking(move || prover.prove(&oracle, &id, &window)).await??)
    }

    async fn gather(&self, id: &WindowId, digest: B256) -> Result<Witness, PublishError> {
        let (members, threshold) = self.chain.quorum().await?;
        let quorum = Quorum::new(self.attestors.clone(), members, threshold, ATTESTOR_TIMEOUT)?;
        Ok(quorum.gather(self.chain.oracle(), id, digest).await?)
    }

    async fn advance(&self, close_time: u64, stage: Stage) -> Result<(), PublishError> {
        tracing::debug!(close_time, %stage, "round");
        Ok(self.store.lock().await.advance(close_time, stage)?)
    }
}
