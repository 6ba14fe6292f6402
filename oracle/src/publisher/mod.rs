//! One round from candles to chain, every step on disk before the next.
//!
//! ```text
//! window -> infer -> bind (store) -> prove ┐
//!                          gather quorum ──┴-> verify -> simulate -> clear (store) -> deliver -> included -> final
//! ```
//! A round can be taken up again after a crash at any point: what was cleared for sending is looked up, never repeated.

mod error;
mod event;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use alloy::{
    primitives::{Address, B256, Bytes, U256},
    sol_types::SolCall,
};
use tokio::sync::Semaphore;
use veriregime_features::{FeatureScale, Window};

pub use error::PublishError;
pub use event::Event;

use crate::{
    attestation,
    attestor::{Disagreement, Quorum, Witness},
    chain::{Chain, ChainError, ISignalOracle::submitCall, Submission},
    exchange::CandleSource,
    proof_file::words,
    prover::{Proven, Prover, ProverError},
    statement::{WindowId, inputs_digest},
    store::{Commitment, Miss, Progress, RoundStore, Stage},
    transactions::{self, Included, Sender},
};

/// Longest wait for an attestor's answer.
const ATTESTOR_TIMEOUT: Duration = Duration::from_secs(20);

/// Everything needed to publish for one oracle.
pub struct Publisher {
    source: CandleSource,
    scale: FeatureScale,
    prover: Arc<Prover>,
    chain: Chain,
    sender: Sender,
    store: Mutex<RoundStore>,
    attestors: Vec<String>,
    proving: Arc<Semaphore>,
}

/// A round that the oracle accepted.
#[derive(Debug, Clone)]
pub struct Published {
    /// Close of the window's last candle, UNIX seconds.
    pub close_time: u64,
    /// The oracle's round id.
    pub round: u128,
    /// The transaction.
    pub tx: B256,
    /// Gas the whole submission used.
    pub gas: u64,
    /// What was paid for it, wei.
    pub fee_wei: U256,
    /// What was made for it; `None` if that was before a restart.
    pub work: Option<Work>,
}

/// What a submission was made of.
#[derive(Debug, Clone)]
pub struct Work {
    /// The window's statement and proof.
    pub proven: Proven,
    /// Calldata of the submission.
    pub submission: Submission,
    /// Attestors that did not vouch.
    pub disagreements: Vec<Disagreement>,
}

/// Who is told of the steps.
pub type Watch<'a> = &'a (dyn Fn(Event<'_>) + Send + Sync);

impl Publisher {
    /// Joins the parts.
    pub fn new(
        source: CandleSource,
        scale: FeatureScale,
        prover: Arc<Prover>,
        chain: Chain,
        sender: Sender,
        store: RoundStore,
        attestors: Vec<String>,
    ) -> Self {
        Self {
            source,
            scale,
            prover,
            chain,
            sender,
            store: Mutex::new(store),
            attestors,
            proving: Arc::new(Semaphore::new(1)),
        }
    }

    /// Shares one permit to prove with other publishers: a proof uses every core.
    #[must_use]
    pub fn taking_turns(mut self, proving: Arc<Semaphore>) -> Self {
        self.proving = proving;
        self
    }

    /// The rounds on disk.
    pub fn store(&self) -> MutexGuard<'_, RoundStore> {
        // A panic elsewhere cannot leave a round half written: every step is one transaction of the database.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection to the oracle.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The candles.
    pub fn source(&self) -> &CandleSource {
        &self.source
    }

    /// The prover.
    pub fn prover(&self) -> &Prover {
        &self.prover
    }

    /// Makes, attests and submits the signal of the window that closes at `close_time`, or takes up what an earlier
    /// attempt has left.
    ///
    /// # Errors
    /// Typed by step; until the round is cleared for sending nothing has left this machine. Dropping the future loses
    /// nothing: the next call goes on.
    pub async fn publish(
        &self,
        close_time: u64,
        watch: Watch<'_>,
    ) -> Result<Published, PublishError> {
        let known = self.store().progress(close_time)?;
        if let Some(Progress {
            stage: Stage::Included | Stage::Final,
            transaction,
            ..
        }) = known
        {
            let tx = transaction;
            return Err(PublishError::Already { close_time, tx });
        }
        if let Some(record) = self.sender.recorded(&self.purpose(close_time))? {
            return self
                .deliver(close_time, (record.to, record.data), None, None, watch)
                .await;
        }
        if known.is_some_and(|known| known.stage == Stage::Sent) {
            // Cleared, but nothing was signed.
            self.store().withdraw(close_time)?;
        }
        let (commitment, work) = self.make(close_time, watch).await?;
        let deadline = close_time.saturating_add(self.chain.max_age().await?);
        self.store().send(close_time, commitment)?;
        watch(Event::Stage(Stage::Sent));
        let call = submitCall {
            submission: work.submission.clone(),
        };
        let oracle = self.chain.oracle().address;
        let call = (oracle, call.abi_encode().into());
        self.deliver(close_time, call, Some(deadline), Some(work), watch)
            .await
    }

    /// Whether a transaction was signed for a close time: its fate is then the chain's.
    pub fn is_signed(&self, close_time: u64) -> Result<bool, PublishError> {
        Ok(self.sender.recorded(&self.purpose(close_time))?.is_some())
    }

    /// Waits until an included round is deep enough: [`Stage::Final`].
    ///
    /// # Errors
    /// [`PublishError::Send`] when a reorganised block took the round away for good.
    pub async fn finalise(&self, close_time: u64, watch: Watch<'_>) -> Result<(), PublishError> {
        let purpose = self.purpose(close_time);
        let Some(record) = self.sender.recorded(&purpose)? else {
            let words = format!("{purpose} is included but not in the journal of transactions");
            return Err(ChainError::Missing(words).into());
        };
        let tell = |event| watch(Event::Transaction(&event));
        let included = self
            .sender
            .submit(&purpose, record.to, record.data, None, tell)
            .await?;
        self.sender.finalise(&included, tell).await?;
        self.advance(close_time, Stage::Final, watch)
    }

    /// Everything up to the last look before sending.
    async fn make(
        &self,
        close_time: u64,
        watch: Watch<'_>,
    ) -> Result<(Commitment, Work), PublishError> {
        let window = self.source.window(close_time, &self.scale).await?;
        self.store().begin(close_time)?;
        watch(Event::Stage(Stage::Fetched));
        let id = WindowId {
            market: self.source.market().clone(),
            close_time: window.close_time,
            last_close: window.last_close,
        };
        let commitment = self.commitment(&window)?;
        self.store().commit(close_time, commitment)?;
        watch(Event::Stage(Stage::Inferred));

        let (proven, witness) = tokio::join!(
            self.prove(&id, window, watch),
            self.gather(&id, commitment.inputs_digest)
        );
        let proven = proven?;
        let Witness {
            attestations,
            disagreements,
        } = witness.inspect_err(|error| {
            if let PublishError::Quorum(error) = error {
                watch(Event::Disagreements(&error.disagreements));
            }
        })?;
        watch(Event::Disagreements(&disagreements));
        self.advance(close_time, Stage::Attested, watch)?;

        let submission = Submission {
            modelId: commitment.model_id,
            closeTime: close_time,
            lastCloseE8: id.last_close,
            proof: proven.proof.bytes.clone().into(),
            publicInputs: words(&proven.proof.public_inputs),
            attestations: attestation::encode(&attestations),
        };
        let call = submitCall {
            submission: submission.clone(),
        };
        self.chain
            .simulate(self.chain.oracle().address, &call)
            .await
            .map_err(|error| match error {
                ChainError::AlreadyAccepted => PublishError::Already {
                    close_time,
                    tx: None,
                },
                error => error.into(),
            })?;
        self.advance(close_time, Stage::Simulated, watch)?;
        let work = Work {
            proven,
            submission,
            disagreements,
        };
        Ok((commitment, work))
    }

    /// Hands the call to the sender, which goes on with whatever it has recorded for this close time.
    async fn deliver(
        &self,
        close_time: u64,
        (to, data): (Address, Bytes),
        deadline: Option<u64>,
        work: Option<Work>,
        watch: Watch<'_>,
    ) -> Result<Published, PublishError> {
        let tell = |event: transactions::Event| {
            if let transactions::Event::Signed { hash, .. } = event
                && let Err(error) = self.store().transaction(close_time, hash)
            {
                // The journal has it; this is for people who look.
                tracing::warn!(code = "store.transaction", close_time, %hash, %error, "not noted");
            }
            watch(Event::Transaction(&event));
        };
        let purpose = self.purpose(close_time);
        let Included {
            hash: tx,
            gas_used: gas,
            fee_wei,
            receipt,
            ..
        } = self
            .sender
            .submit(&purpose, to, data, deadline, tell)
            .await
            .map_err(|error| match error {
                error if error.is_already_accepted() => PublishError::Already {
                    close_time,
                    tx: None,
                },
                error => error.into(),
            })?;
        let round = self.chain.accepted_round(&receipt)?;
        let id = u64::try_from(round).unwrap_or(u64::MAX);
        self.store().include(close_time, tx, id, gas)?;
        watch(Event::Stage(Stage::Included));
        Ok(Published {
            close_time,
            round,
            tx,
            gas,
            fee_wei,
            work,
        })
    }

    /// What a transaction is for: one per oracle and close time, for ever.
    fn purpose(&self, close_time: u64) -> String {
        let oracle = self.chain.oracle();
        format!("{}:{}:{close_time}", oracle.chain_id, oracle.address)
    }

    /// Records that this node will not publish a round.
    pub fn miss(&self, close_time: u64, miss: &Miss) -> Result<(), PublishError> {
        Ok(self.store().miss(close_time, miss)?)
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

    async fn prove(
        &self,
        id: &WindowId,
        window: Window,
        watch: Watch<'_>,
    ) -> Result<Proven, PublishError> {
        let turn = self.proving.clone().acquire_owned().await;
        let (prover, oracle, work) = (self.prover.clone(), *self.chain.oracle(), id.clone());
        let proven = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            prover.prove(&oracle, &work, &window)
        })
        .await??;
        self.store()
            .prove(id.close_time, &proven.inference.logits, proven.prove_ms)?;
        watch(Event::Proven(&proven));
        watch(Event::Stage(Stage::Proven));
        // `Prover::prove` has verified the proof before it gave it out.
        self.advance(id.close_time, Stage::Verified, watch)?;
        Ok(proven)
    }

    async fn gather(&self, id: &WindowId, digest: B256) -> Result<Witness, PublishError> {
        let (members, threshold) = self.chain.quorum().await?;
        let quorum = Quorum::new(self.attestors.clone(), members, threshold, ATTESTOR_TIMEOUT)?;
        Ok(quorum.gather(self.chain.oracle(), id, digest).await?)
    }

    fn advance(&self, close_time: u64, stage: Stage, watch: Watch<'_>) -> Result<(), PublishError> {
        self.store().advance(close_time, stage)?;
        watch(Event::Stage(stage));
        Ok(())
    }
}
