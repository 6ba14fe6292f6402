//! Signing: a first transaction, one in place of another, and one that only uses up a nonce.

use std::time::Instant;

use alloy::{
    eips::eip2718::Encodable2718,
    network::TransactionBuilder,
    primitives::{Address, Bytes, U256},
    providers::Provider,
    rpc::types::TransactionRequest,
};

use super::{
    Attempt, Event, Fees, Kind, Record, SendError,
    event::Voice,
    journal::NewRecord,
    sender::{Inner, now_ms},
    sight::Head,
    step::{Handed, last, need},
};

/// What a transfer costs by protocol.
const TRANSFER_GAS: u64 = 21_000;

/// What every transaction needs beside what it does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draft {
    pub(super) nonce: u64,
    pub(super) gas: u64,
    pub(super) fees: Fees,
    pub(super) head: Head,
}

impl Inner {
    /// Signs, records and hands over a transaction in place of the purpose's last one; tells why not if it may not.
    pub(super) async fn replace(
        &self,
        record: &Record,
        kind: Kind,
        eager: bool,
        head: Head,
        voice: &Voice<'_>,
    ) -> Result<(), SendError> {
        let (before, market) = (last(record)?, self.fee_market().await?);
        let limit = match kind {
            Kind::Call => self.policy.call_limit(),
            Kind::Cancel => self.policy.max_fee_per_gas,
        };
        let percent = self.policy.bump_percent;
        let raised = before.fees.raised(&market, percent, eager, limit);
        // A cancellation is worth its fee whatever the base fee is: it takes the call out of the pool.
        let useful = kind == Kind::Cancel || market.base <= limit;
        let Some(fees) = raised.filter(|_| useful) else {
            voice.say(Event::FeeAboveCap {
                base_fee: market.base,
                limit,
            });
            return Ok(());
        };
        let gas = match kind {
            Kind::Call => before.gas,
            Kind::Cancel => self.transfer_gas().await,
        };
        let (balance, need) = (self.balance().await?, need(gas, fees.max));
        if balance < need {
            voice.say(Event::CannotRaise { balance, need });
            return Ok(());
        }
        let draft = Draft {
            nonce: record.nonce,
            gas,
            fees,
            head,
        };
        let next = match kind {
            Kind::Call => self.call(draft, record.to, &record.data).await?,
            Kind::Cancel => self.nothing(draft).await?,
        };
        let record = self.journal(|journal| journal.replace(record.id, &next))?;
        voice.say(Event::Signed {
            hash: next.hash,
            nonce: record.nonce,
        });
        // Taken or not, the next look tells what follows.
        self.hand_over(&record, &next, voice).await?;
        Ok(())
    }

    /// Uses up a nonce that nothing in the journal uses, once it has been in the way for as long as a stuck
    /// transaction: what used it has left the chain, or was lost with an older journal.
    pub(super) async fn fill(&self, nonce: u64) -> Result<(), SendError> {
        if self.gap_first_seen(nonce, Instant::now()).elapsed() < self.policy.stuck_after {
            return Ok(());
        }
        let (head, market) = (self.head().await?, self.fee_market().await?);
        let Some(fees) = Fees::first(&market, self.policy.call_limit()) else {
            return Ok(());
        };
        let gas = self.transfer_gas().await;
        let first = self
            .nothing(Draft {
                nonce,
                gas,
                fees,
                head,
            })
            .await?;
        let new = NewRecord {
            purpose: format!("fill:{nonce}:{}", first.hash),
            nonce,
            to: self.address,
            data: Bytes::new(),
            deadline: None,
            unused_at: head.number,
        };
        tracing::warn!(
            nonce,
            "a nonce is missing: using it up with a transfer of nothing"
        );
        let record = self.journal(|journal| journal.begin(&new, &first))?;
        let purpose = record.purpose.clone();
        let voice = Voice::new(&purpose, &|event| tracing::info!(?event, "missing nonce"));
        let _: Handed = self.hand_over(&record, &first, &voice).await?;
        Ok(())
    }

    /// Signs a call. Nobody has seen it, and it is not on disk yet.
    pub(super) async fn call(
        &self,
        draft: Draft,
        to: Address,
        data: &Bytes,
    ) -> Result<Attempt, SendError> {
        let request = TransactionRequest::default()
            .with_to(to)
            .with_input(data.clone());
        self.signed(draft, Kind::Call, request).await
    }

    /// Signs a transfer of nothing to oneself.
    async fn nothing(&self, draft: Draft) -> Result<Attempt, SendError> {
        let request = TransactionRequest::default().with_to(self.address);
        self.signed(draft, Kind::Cancel, request).await
    }

    async fn signed(
        &self,
        draft: Draft,
        kind: Kind,
        request: TransactionRequest,
    ) -> Result<Attempt, SendError> {
        let Draft {
            nonce,
            gas,
            fees,
            head,
        } = draft;
        let envelope = request
            .with_chain_id(self.chain_id)
            .with_from(self.address)
            .with_value(U256::ZERO)
            .with_nonce(nonce)
            .with_gas_limit(gas)
            .with_max_fee_per_gas(fees.max)
            .with_max_priority_fee_per_gas(fees.priority)
            .build(&self.wallet)
            .await
            .map_err(|error| SendError::Sign(error.to_string()))?;
        Ok(Attempt {
            hash: *envelope.tx_hash(),
            raw: envelope.encoded_2718().into(),
            kind,
            fees,
            gas,
            signed_at_ms: now_ms(),
            signed_block: head.number,
            broadcast: false,
        })
    }

    /// What a transfer costs here: more than the protocol's price on some rollups.
    async fn transfer_gas(&self) -> u64 {
        let request = TransactionRequest::default()
            .from(self.address)
            .to(self.address);
        match self.provider.estimate_gas(request).await {
            Ok(gas) => gas.max(TRANSFER_GAS).saturating_add(gas / 4),
            Err(error) => {
                tracing::debug!(%error, "no estimate for a transfer");
                TRANSFER_GAS
            }
        }
    }
}
