//! One look at a purpose, and the one thing that follows from it.

use alloy::{primitives::B256, providers::Provider, transports::RpcError};

use super::{
    Attempt, Event, Kind, Outcome, Record, SendError,
    event::Voice,
    refusal::Refusal,
    sender::{Inner, now_ms},
    sight::{Head, Sight, Standing},
};
use crate::chain::{ChainError, rpc_error};

/// Earlier nonces that are looked after in one go.
const EARLIER: u64 = 16;

/// What became of handing a transaction to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Handed {
    /// It has it.
    Taken,
    /// Not now: its nonce is used or too high, or there is no room; the next look tells.
    Later,
    /// It wants higher fees.
    Underpriced,
}

impl Inner {
    /// Looks at a purpose, and at earlier nonces that stand in its way, and does what follows. The record comes back if
    /// its outcome is certain at this moment.
    pub(super) async fn advance(
        &self,
        id: i64,
        voice: &Voice<'_>,
    ) -> Result<Option<Record>, SendError> {
        let _turn = self.turn.lock().await;
        let record = self.journal(|journal| journal.of_id(id))?;
        if record.is_final {
            return Ok(Some(record));
        }
        let used = self.used_nonces(None).await?;
        self.forget_gaps(used);
        for nonce in (used..record.nonce).take(usize::try_from(EARLIER).unwrap_or(1)) {
            self.look_after(nonce, used).await?;
        }
        let settled = self.step(record, used, voice).await?;
        if !settled {
            return Ok(None);
        }
        Ok(Some(self.journal(|journal| journal.of_id(id))?))
    }

    /// Makes sure that an earlier nonce gets used: nothing above it can be included before.
    async fn look_after(&self, nonce: u64, used: u64) -> Result<(), SendError> {
        match self.journal(|journal| journal.at_nonce(nonce))? {
            Some(earlier) => {
                let purpose = earlier.purpose.clone();
                let voice = Voice::new(&purpose, &|event| tracing::info!(?event, "earlier nonce"));
                self.step(earlier, used, &voice).await?;
            }
            None => self.fill(nonce).await?,
        }
        Ok(())
    }

    /// One step of one purpose; true if its outcome is certain at this moment.
    async fn step(&self, record: Record, used: u64, voice: &Voice<'_>) -> Result<bool, SendError> {
        match self.sight(&record, used).await? {
            Sight::Mined(attempt, receipt) => {
                self.forget_stranger(record.id);
                let known = record.outcome.as_ref().and_then(Outcome::receipt);
                if known.is_some_and(|known| known.block_hash == receipt.block_hash) {
                    return Ok(true);
                }
                self.lost(&record, voice)?;
                let outcome = match attempt.kind {
                    Kind::Cancel => Outcome::Cancelled(receipt),
                    Kind::Call if receipt.status() => Outcome::Included(receipt),
                    Kind::Call => Outcome::Reverted {
                        reason: self.explain(&record, &attempt, &receipt).await?,
                        receipt,
                    },
                };
                self.journal(|journal| journal.settle(record.id, &outcome))?;
                Ok(true)
            }
            Sight::Used => self.used_by_stranger(record, voice).await,
            Sight::Unclear => Ok(false),
            Sight::Unused => {
                self.forget_stranger(record.id);
                self.unused(record, used, voice).await?;
                Ok(false)
            }
        }
    }

    /// A recorded block has left the chain: counted, told.
    fn lost(&self, record: &Record, voice: &Voice<'_>) -> Result<(), SendError> {
        if let Some(receipt) = record.outcome.as_ref().and_then(Outcome::receipt) {
            self.journal(|journal| journal.reorganised(record.id))?;
            voice.say(Event::Reorged {
                hash: receipt.transaction_hash,
                block: receipt.block_number.unwrap_or_default(),
            });
        }
        Ok(())
    }

    /// The nonce is used, but by none of ours: by whom? A node whose receipts lag behind is given time.
    async fn used_by_stranger(&self, record: Record, voice: &Voice<'_>) -> Result<bool, SendError> {
        if matches!(record.outcome, Some(Outcome::Foreign { .. })) {
            return Ok(true);
        }
        let head = self.head().await?;
        let first_seen = self.stranger_first_seen(record.id, head.number);
        let hash = self.culprit(&record, head).await?;
        let ours = |hash: B256| record.attempts.iter().any(|attempt| attempt.hash == hash);
        let certain = match hash {
            Some(hash) => !ours(hash),
            None => head.number >= first_seen + self.policy.confirmations,
        };
        if certain {
            self.lost(&record, voice)?;
            let outcome = Outcome::Foreign { hash };
            self.journal(|journal| journal.settle(record.id, &outcome))?;
        }
        Ok(certain)
    }

    /// No block has the nonce: unless the node is behind what was seen before, the transaction belongs into its pool.
    async fn unused(&self, record: Record, used: u64, voice: &Voice<'_>) -> Result<(), SendError> {
        let Some(outcome) = &record.outcome else {
            return self.push(record, used, voice).await;
        };
        let standing = match outcome.receipt() {
            Some(receipt) => self.standing(receipt).await?,
            None => Standing::Gone,
        };
        match standing {
            Standing::Same => Ok(()),
            Standing::Shorter => {
                let last = last(&record)?;
                self.hand_over(&record, last, voice).await?;
                Ok(())
            }
            Standing::Gone => {
                self.lost(&record, voice)?;
                // Whoever asked was told that a stranger used the nonce: it must not take effect any more.
                let deadline = outcome.receipt().is_none().then_some(0);
                self.journal(|journal| journal.reopen(record.id, deadline))?;
                let record = self.journal(|journal| journal.of_id(record.id))?;
                self.push(record, used, voice).await
            }
        }
    }

    /// Keeps an open purpose's transaction in the pool, and worth taking.
    async fn push(&self, record: Record, used: u64, voice: &Voice<'_>) -> Result<(), SendError> {
        let head = self.head().await?;
        let last = last(&record)?;
        if last.kind == Kind::Call && is_over(record.deadline, head) {
            return self
                .replace(&record, Kind::Cancel, false, head, voice)
                .await;
        }
        if !last.broadcast || !self.knows(last.hash).await? {
            return match self.hand_over(&record, last, voice).await? {
                Handed::Underpriced => self.replace(&record, last.kind, true, head, voice).await,
                Handed::Taken | Handed::Later => Ok(()),
            };
        }
        // Behind an earlier nonce, or while no blocks are made, no fee helps.
        let could_be_taken = used == record.nonce && head.number > last.signed_block;
        let waited = u128::from(now_ms().saturating_sub(last.signed_at_ms));
        if could_be_taken && waited >= self.policy.stuck_after.as_millis() {
            return self.replace(&record, last.kind, false, head, voice).await;
        }
        Ok(())
    }

    /// Hands the recorded bytes to a node. What they are worth if the answer is lost, the next look tells.
    pub(super) async fn hand_over(
        &self,
        record: &Record,
        attempt: &Attempt,
        voice: &Voice<'_>,
    ) -> Result<Handed, SendError> {
        let hash = attempt.hash;
        if attempt.raw.is_empty() {
            let words = format!("{hash} left the chain after a day: its bytes are not kept");
            return Err(ChainError::Missing(words).into());
        }
        let refused = match self.provider.send_raw_transaction(&attempt.raw).await {
            Ok(pending) if *pending.tx_hash() == hash => None,
            Ok(pending) => {
                let other = *pending.tx_hash();
                let words = format!("the node took {hash} for {other}: it is not to be trusted");
                return Err(ChainError::Missing(words).into());
            }
            Err(RpcError::ErrorResp(answer)) => match Refusal::of(&answer.message) {
                Refusal::Known => None,
                refusal => Some((refusal, answer.message.into_owned())),
            },
            Err(error) => return Err(rpc_error("handing over a transaction")(error).into()),
        };
        match refused {
            None => {
                self.journal(|journal| journal.handed_over(hash))?;
                voice.say(told(record, attempt));
                Ok(Handed::Taken)
            }
            Some((Refusal::Underpriced, _)) => Ok(Handed::Underpriced),
            Some((Refusal::NonceUsed | Refusal::NonceGap | Refusal::Full, words)) => {
                tracing::debug!(purpose = record.purpose, %hash, words, "not taken now");
                Ok(Handed::Later)
            }
            Some((Refusal::Funds, _)) => Err(SendError::InsufficientFunds {
                address: self.address,
                balance: self.balance().await?,
                need: need(attempt.gas, attempt.fees.max),
            }),
            Some((_, words)) => Err(SendError::NodeRefuses {
                purpose: record.purpose.clone(),
                hash,
                words,
            }),
        }
    }
}

/// What a node's taking an attempt means.
fn told(record: &Record, attempt: &Attempt) -> Event {
    let hash = attempt.hash;
    if attempt.broadcast {
        return Event::Rebroadcast { hash };
    }
    let earlier = record.attempts.iter().take_while(|one| one.hash != hash);
    match earlier.last() {
        Some(before) => Event::Replaced {
            old: before.hash,
            new: hash,
        },
        None => Event::Broadcast { hash },
    }
}

/// The attempt that is in the pool, or belongs there.
pub(super) fn last(record: &Record) -> Result<&Attempt, SendError> {
    let missing = || ChainError::Missing(format!("{} has no transaction", record.purpose));
    Ok(record.attempts.last().ok_or_else(missing)?)
}

/// The most that a transaction can cost, wei.
pub(super) fn need(gas: u64, max_fee: u128) -> alloy::primitives::U256 {
    alloy::primitives::U256::from(gas) * alloy::primitives::U256::from(max_fee)
}

/// Whether a block after `head` would come after the deadline.
pub(super) fn is_over(deadline: Option<u64>, head: Head) -> bool {
    deadline.is_some_and(|deadline| head.timestamp >= deadline)
}
