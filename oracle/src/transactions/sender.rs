//! The sender: one per key and chain, for as long as the process lives.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use alloy::{
    network::{Ethereum, EthereumWallet, NetworkWallet},
    primitives::{Address, B256, Bytes, U256},
    providers::{DynProvider, Provider},
    rpc::types::{TransactionReceipt, TransactionRequest},
};

use super::{
    Event, Fees, Journal, JournalError, Outcome, Record, Revert, SendError, SendPolicy,
    event::Voice,
    journal::NewRecord,
    replace::Draft,
    step::{is_over, last, need},
};
use crate::chain::{Endpoints, rpc_error};

/// Sends transactions of one key on one chain; clones are the same sender.
///
/// Two senders of one key, in two processes or over two journals, are noticed ([`SendError::Foreign`]) but not made
/// safe: give every node a key of its own.
#[derive(Clone)]
pub struct Sender(Arc<Inner>);

pub(super) struct Inner {
    pub(super) provider: DynProvider,
    pub(super) chain_id: u64,
    pub(super) wallet: EthereumWallet,
    pub(super) address: Address,
    pub(super) policy: SendPolicy,
    /// Held from the choice of a nonce, or a look at one, until what follows is recorded and handed over.
    pub(super) turn: tokio::sync::Mutex<()>,
    journal: Mutex<Journal>,
    /// The block at which a purpose's nonce was first seen used by nobody we know.
    strangers: Mutex<HashMap<i64, u64>>,
    /// When a nonce that nothing in the journal has was first in the way.
    gaps: Mutex<HashMap<u64, Instant>>,
}

/// A transaction in a canonical block, with effect.
#[derive(Debug, Clone, PartialEq)]
pub struct Included {
    /// Its hash: the one of several with the same nonce that a block took.
    pub hash: B256,
    /// The block's number.
    pub block: u64,
    /// Gas used.
    pub gas_used: u64,
    /// What was paid for the gas, in wei.
    pub fee_wei: U256,
    /// The receipt.
    pub receipt: TransactionReceipt,
}

/// A transaction that is deep enough.
#[derive(Debug, Clone, PartialEq)]
pub struct Final {
    /// Where it is: not always where it was first seen.
    pub included: Included,
    /// How often a block that held it left the chain.
    pub reorgs: u32,
}

impl Sender {
    /// Opens the sender of a key over endpoints, with its journal in the SQLite file `store`.
    ///
    /// # Errors
    /// A policy that makes no sense, or a journal that cannot be opened. The chain is not asked.
    pub fn open(
        endpoints: &Endpoints,
        key: impl Into<EthereumWallet>,
        policy: SendPolicy,
        store: &Path,
    ) -> Result<Self, SendError> {
        policy.check()?;
        let (wallet, chain_id) = (key.into(), endpoints.chain_id());
        let address = NetworkWallet::<Ethereum>::default_signer_address(&wallet);
        Ok(Self(Arc::new(Inner {
            provider: endpoints.provider(),
            chain_id,
            wallet,
            address,
            policy,
            turn: tokio::sync::Mutex::default(),
            journal: Mutex::new(Journal::open(store, chain_id, address)?),
            strangers: Mutex::default(),
            gaps: Mutex::default(),
        })))
    }

    /// The key's address.
    pub fn address(&self) -> Address {
        self.0.address
    }

    /// What is recorded for a purpose: if anything is, it was signed, and may take effect.
    pub fn recorded(&self, purpose: &str) -> Result<Option<Record>, SendError> {
        Ok(self.0.journal(|journal| journal.of_purpose(purpose))?)
    }

    /// Calls `to` with `data` once, and waits until that is in a block.
    ///
    /// Whatever is recorded for `purpose` goes on, also after a crash: then `data` and `deadline` are the recorded ones.
    /// From the first block time that reaches `deadline` (UNIX seconds) on, a transaction in no block is cancelled.
    ///
    /// # Errors
    /// [`SendError::Refused`], [`SendError::TooLate`], [`SendError::InsufficientFunds`] before anything is signed;
    /// [`SendError::Reverted`], [`SendError::Cancelled`] and [`SendError::Foreign`] are the purpose's end, and come again
    /// whenever it is asked for. The rest passes: ask again. Endpoints that fail after signing are waited for.
    pub async fn submit(
        &self,
        purpose: &str,
        to: Address,
        data: Bytes,
        deadline: Option<u64>,
        on: impl Fn(Event) + Send + Sync,
    ) -> Result<Included, SendError> {
        let voice = Voice::new(purpose, &on);
        let id = self.begin(purpose, to, data, deadline, &voice).await?;
        self.settled(id, &voice).await
    }

    /// Waits until an included transaction has its confirmations. If a reorganisation takes it out, it is brought in
    /// again.
    ///
    /// # Errors
    /// As [`Self::submit`]; [`SendError::NotRecorded`] for another journal's transaction.
    pub async fn finalise(
        &self,
        included: &Included,
        on: impl Fn(Event) + Send + Sync,
    ) -> Result<Final, SendError> {
        let hash = included.hash;
        let record = self.0.journal(|journal| journal.of_hash(hash))?;
        let record = record.ok_or(SendError::NotRecorded(hash))?;
        let voice = Voice::new(&record.purpose, &on);
        let mut seen = included.receipt.block_hash;
        loop {
            let head = self.wait(self.0.head(), &voice).await?;
            // Looked at after the head was read: as deep as this, and still there.
            let found = self.wait(self.0.advance(record.id, &voice), &voice).await?;
            if let Some(Some(record)) = found {
                let included = self.0.report(&record)?;
                if included.receipt.block_hash != seen {
                    seen = included.receipt.block_hash;
                    let (hash, block) = (included.hash, included.block);
                    voice.say(Event::Included { hash, block });
                }
                let depth = head.map_or(0, |head| (head.number + 1).saturating_sub(included.block));
                if record.is_final || depth >= self.0.policy.confirmations {
                    self.0.journal(|journal| journal.finalise(record.id))?;
                    let reorgs = record.reorgs;
                    return Ok(Final { included, reorgs });
                }
            }
            tokio::time::sleep(self.0.policy.poll).await;
        }
    }

    /// The recorded purpose, or a new one: nonce, fees, signature, record, hand-over under one lock.
    async fn begin(
        &self,
        purpose: &str,
        to: Address,
        data: Bytes,
        deadline: Option<u64>,
        voice: &Voice<'_>,
    ) -> Result<i64, SendError> {
        let inner = &self.0;
        loop {
            let turn = inner.turn.lock().await;
            if let Some(record) = inner.journal(|journal| journal.of_purpose(purpose))? {
                let (recorded, asked) = (record.to, to);
                return if recorded == asked {
                    Ok(record.id)
                } else {
                    let purpose = record.purpose;
                    Err(SendError::OtherCall {
                        purpose,
                        recorded,
                        asked,
                    })
                };
            }
            let head = inner.head().await?;
            if let Some(deadline) = deadline.filter(|_| is_over(deadline, head)) {
                return Err(SendError::TooLate {
                    purpose: purpose.to_owned(),
                    deadline,
                    now: head.timestamp,
                });
            }
            let (market, limit) = (inner.fee_market().await?, inner.policy.call_limit());
            let Some(fees) = Fees::first(&market, limit) else {
                drop(turn);
                voice.say(Event::FeeAboveCap {
                    base_fee: market.base,
                    limit,
                });
                tokio::time::sleep(inner.policy.poll).await;
                continue;
            };
            let gas = inner.gas(to, &data).await?;
            let (balance, need) = (inner.balance().await?, need(gas, fees.max));
            if balance < need {
                let address = inner.address;
                return Err(SendError::InsufficientFunds {
                    address,
                    balance,
                    need,
                });
            }
            let above = inner
                .journal(|journal| journal.highest())?
                .map_or(0, |nonce| nonce + 1);
            let nonce = inner.used_nonces(None).await?.max(above);
            let draft = Draft {
                nonce,
                gas,
                fees,
                head,
            };
            let first = inner.call(draft, to, &data).await?;
            let new = NewRecord {
                purpose: purpose.to_owned(),
                nonce,
                to,
                data,
                deadline,
                unused_at: head.number,
            };
            let record = inner.journal(|journal| journal.begin(&new, &first))?;
            let hash = first.hash;
            voice.say(Event::Signed { hash, nonce });
            let handed = inner.hand_over(&record, last(&record)?, voice);
            // An answer that is lost now is looked for in the loop that follows.
            self.wait(handed, voice).await?;
            return Ok(record.id);
        }
    }

    /// Looks until the outcome is certain.
    async fn settled(&self, id: i64, voice: &Voice<'_>) -> Result<Included, SendError> {
        loop {
            let found = self.wait(self.0.advance(id, voice), voice).await?;
            if let Some(Some(record)) = found {
                let reported = self.0.report(&record);
                match &reported {
                    Ok(Included { hash, block, .. }) => voice.say(Event::Included {
                        hash: *hash,
                        block: *block,
                    }),
                    Err(SendError::Cancelled { hash, block, .. }) => voice.say(Event::Cancelled {
                        hash: *hash,
                        block: *block,
                    }),
                    Err(_) => {}
                }
                return reported;
            }
            tokio::time::sleep(self.0.policy.poll).await;
        }
    }

    /// `None` if the way to the chain failed: told, and tried again by the caller.
    async fn wait<T>(
        &self,
        asked: impl Future<Output = Result<T, SendError>>,
        voice: &Voice<'_>,
    ) -> Result<Option<T>, SendError> {
        match asked.await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.is_passing() => {
                let reason = error.to_string();
                voice.say(Event::Unreachable { reason });
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

impl Inner {
    /// Reads or writes the journal: short, and never across an await.
    pub(super) fn journal<T>(
        &self,
        with: impl FnOnce(&mut Journal) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        with(&mut guard(&self.journal))
    }

    /// What a settled record means to whoever asked.
    fn report(&self, record: &Record) -> Result<Included, SendError> {
        match &record.outcome {
            Some(Outcome::Included(receipt)) => Ok(Included {
                hash: receipt.transaction_hash,
                block: receipt.block_number.unwrap_or_default(),
                gas_used: receipt.gas_used,
                fee_wei: need(receipt.gas_used, receipt.effective_gas_price),
                receipt: TransactionReceipt::clone(receipt),
            }),
            Some(Outcome::Reverted { receipt, reason }) => Err(SendError::Reverted {
                hash: receipt.transaction_hash,
                block: receipt.block_number.unwrap_or_default(),
                reason: reason.clone(),
            }),
            Some(Outcome::Cancelled(receipt)) => Err(SendError::Cancelled {
                purpose: record.purpose.clone(),
                nonce: record.nonce,
                hash: receipt.transaction_hash,
                block: receipt.block_number.unwrap_or_default(),
            }),
            Some(Outcome::Foreign { hash }) => Err(SendError::Foreign {
                address: self.address,
                nonce: record.nonce,
                hash: *hash,
            }),
            None => Err(SendError::Unsettled(record.purpose.clone())),
        }
    }

    /// Gas of a call with a margin of a quarter; a call that would revert is refused here.
    async fn gas(&self, to: Address, data: &Bytes) -> Result<u64, SendError> {
        let request = TransactionRequest::default()
            .from(self.address)
            .to(to)
            .input(data.clone().into());
        match self.provider.estimate_gas(request).await {
            Ok(gas) => Ok(gas.saturating_add(gas / 4)),
            Err(error) => Err(match Revert::of(&error) {
                Some(reason) => SendError::Refused(reason),
                None => rpc_error("estimating gas")(error).into(),
            }),
        }
    }

    pub(super) fn stranger_first_seen(&self, id: i64, block: u64) -> u64 {
        *guard(&self.strangers).entry(id).or_insert(block)
    }

    pub(super) fn forget_stranger(&self, id: i64) {
        guard(&self.strangers).remove(&id);
    }

    pub(super) fn forget_gaps(&self, used: u64) {
        guard(&self.gaps).retain(|nonce, _| *nonce >= used);
    }

    pub(super) fn gap_first_seen(&self, nonce: u64, now: Instant) -> Instant {
        *guard(&self.gaps).entry(nonce).or_insert(now)
    }
}

/// Nothing panics while these locks are held; a poisoned one holds what it held.
fn guard<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// This machine's clock, UNIX milliseconds.
pub(super) fn now_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| u64::try_from(since.as_millis()).ok())
        .unwrap_or_default()
}
