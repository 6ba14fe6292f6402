//! What the chain says happened: the truth that claims are compared with.

use alloy::{
    eips::BlockNumberOrTag,
    primitives::{Address, B256},
    providers::Provider,
    rpc::types::Filter,
    sol_types::{SolCall, SolEvent},
};
use anyhow::{Context, Result};
use veriregime::chain::ISignalOracle::{SignalAccepted, submitCall};

use super::Chain;

/// A transaction in a block of the present chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mined {
    /// Its hash.
    pub hash: B256,
    /// Its nonce.
    pub nonce: u64,
    /// Whether it had its effect.
    pub ok: bool,
    /// The close time it submits; `None` for anything but `submit`.
    pub close_time: Option<u64>,
}

/// A round that the oracle accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Close of the window.
    pub close_time: u64,
    /// Digest of the packed inputs.
    pub inputs_digest: B256,
    /// Last close, eight decimals.
    pub last_close: i64,
    /// The class.
    pub class: u8,
    /// Who submitted.
    pub submitter: Address,
    /// The transaction.
    pub tx: B256,
}

impl Chain {
    /// Every transaction of an account since the deployment, in the chain's order.
    ///
    /// # Errors
    /// When anvil fails.
    pub async fn mined(&self, from: Address) -> Result<Vec<Mined>> {
        let last = self.provider.get_block_number().await?;
        let mut mined = Vec::new();
        for number in self.first_block + 1..=last {
            let block = self
                .provider
                .get_block_by_number(BlockNumberOrTag::Number(number))
                .full()
                .await?
                .with_context(|| format!("block {number}"))?;
            for transaction in block.transactions.into_transactions() {
                use alloy::consensus::Transaction;
                if transaction.inner.signer() != from {
                    continue;
                }
                let hash = *transaction.inner.tx_hash();
                let receipt = self.provider.get_transaction_receipt(hash).await?;
                let submitted = submitCall::abi_decode(transaction.input()).ok();
                mined.push(Mined {
                    hash,
                    nonce: transaction.nonce(),
                    ok: receipt.is_some_and(|receipt| receipt.status()),
                    close_time: submitted.map(|call| call.submission.closeTime),
                });
            }
        }
        Ok(mined)
    }

    /// Every round the oracle has accepted, in order.
    ///
    /// # Errors
    /// When anvil fails or an event cannot be read.
    pub async fn accepted(&self) -> Result<Vec<Accepted>> {
        let filter = Filter::new()
            .address(self.oracle.address)
            .event_signature(SignalAccepted::SIGNATURE_HASH)
            .from_block(self.first_block);
        let logs = self.provider.get_logs(&filter).await?;
        logs.iter()
            .map(|log| {
                let event = SignalAccepted::decode_log(&log.inner)?.data;
                Ok(Accepted {
                    close_time: event.closeTime,
                    inputs_digest: event.inputsDigest,
                    last_close: event.lastCloseE8,
                    class: event.class,
                    submitter: event.submitter,
                    tx: log
                        .transaction_hash
                        .context("an event without transaction")?,
                })
            })
            .collect()
    }

    /// The account's number of transactions in blocks.
    ///
    /// # Errors
    /// When anvil fails.
    pub async fn nonce(&self, account: Address) -> Result<u64> {
        Ok(self.provider.get_transaction_count(account).await?)
    }
}
