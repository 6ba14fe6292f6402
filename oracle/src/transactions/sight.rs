//! What the chain says: its head, our account, and where a purpose stands.

use alloy::{
    eips::{BlockId, BlockNumberOrTag},
    primitives::{B256, U256},
    providers::Provider,
    rpc::types::{TransactionReceipt, TransactionRequest},
    transports::RpcError,
};

use super::{Attempt, Record, Revert, SendError, fees::FeeMarket, sender::Inner};
use crate::chain::{ChainError, rpc_error};

/// Blocks whose tips are looked at for an estimate, and the percentile of the tips.
const HISTORY: (u64, f64) = (10, 20.0);

/// The newest block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    /// Its number.
    pub(super) number: u64,
    /// Its time, UNIX seconds.
    pub(super) timestamp: u64,
}

/// Where a purpose's nonce stands.
pub(super) enum Sight {
    /// No block has a transaction with it.
    Unused,
    /// One of ours is in a canonical block.
    Mined(Attempt, Box<TransactionReceipt>),
    /// It is used, and none of ours has a receipt.
    Used,
    /// The node contradicts itself: its parts are at different blocks.
    Unclear,
}

/// Whether a block that was seen is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is.
    Same,
    /// Another block has its number.
    Gone,
    /// The chain, as this node knows it, is shorter.
    Shorter,
}

impl Inner {
    pub(super) async fn head(&self) -> Result<Head, SendError> {
        let block = self
            .provider
            .get_block_by_number(BlockNumberOrTag::Latest)
            .await
            .map_err(rpc_error("reading the newest block"))?
            .ok_or_else(|| rpc_error("reading the newest block")(RpcError::NullResp))?;
        Ok(Head {
            number: block.header.number,
            timestamp: block.header.timestamp,
        })
    }

    /// How many nonces of our account blocks have used, up to `block` or the newest.
    pub(super) async fn used_nonces(&self, block: Option<u64>) -> Result<u64, SendError> {
        let block = block.map_or_else(BlockId::latest, BlockId::number);
        Ok(self
            .provider
            .get_transaction_count(self.address)
            .block_id(block)
            .await
            .map_err(rpc_error("reading the nonce"))?)
    }

    pub(super) async fn balance(&self) -> Result<U256, SendError> {
        Ok(self
            .provider
            .get_balance(self.address)
            .await
            .map_err(rpc_error("reading the balance"))?)
    }

    pub(super) async fn fee_market(&self) -> Result<FeeMarket, SendError> {
        let (blocks, percentile) = HISTORY;
        let history = self
            .provider
            .get_fee_history(blocks, BlockNumberOrTag::Latest, &[percentile])
            .await
            .map_err(rpc_error("estimating fees"))?;
        let market = FeeMarket::read(&history, self.policy.max_fee_per_gas);
        Ok(market.ok_or_else(|| {
            ChainError::Missing("the node knows no base fee: EIP-1559 is needed".into())
        })?)
    }

    /// Whether the node has a transaction, in its pool or in a block.
    pub(super) async fn knows(&self, hash: B256) -> Result<bool, SendError> {
        let found = self
            .provider
            .get_transaction_by_hash(hash)
            .await
            .map_err(rpc_error("looking a transaction up"))?;
        Ok(found.is_some())
    }

    /// Where a purpose's nonce stands, if `used` nonces are used.
    pub(super) async fn sight(&self, record: &Record, used: u64) -> Result<Sight, SendError> {
        if used <= record.nonce {
            return Ok(Sight::Unused);
        }
        for attempt in record.attempts.iter().rev() {
            let receipt = self
                .provider
                .get_transaction_receipt(attempt.hash)
                .await
                .map_err(rpc_error("reading a receipt"))?;
            let Some(receipt) = receipt else { continue };
            return Ok(match self.standing(&receipt).await? {
                Standing::Same => Sight::Mined(attempt.clone(), Box::new(receipt)),
                Standing::Gone | Standing::Shorter => Sight::Unclear,
            });
        }
        Ok(Sight::Used)
    }

    /// Whether a receipt's block is part of the chain.
    pub(super) async fn standing(
        &self,
        receipt: &TransactionReceipt,
    ) -> Result<Standing, SendError> {
        let (Some(number), Some(hash)) = (receipt.block_number, receipt.block_hash) else {
            return Ok(Standing::Shorter);
        };
        let block = self
            .provider
            .get_block_by_number(BlockNumberOrTag::Number(number))
            .await
            .map_err(rpc_error("reading a block"))?;
        Ok(match block {
            None => Standing::Shorter,
            Some(block) if block.header.hash == hash => Standing::Same,
            Some(_) => Standing::Gone,
        })
    }

    /// Why a call reverted, by making it again on the state its block left.
    pub(super) async fn explain(
        &self,
        record: &Record,
        attempt: &Attempt,
        receipt: &TransactionReceipt,
    ) -> Result<Revert, SendError> {
        let block = receipt.block_number.unwrap_or_default();
        let request = TransactionRequest::default()
            .from(self.address)
            .to(record.to)
            .input(record.data.clone().into())
            .gas_limit(attempt.gas);
        let replayed = self
            .provider
            .call(request)
            .block(BlockId::number(block))
            .await;
        let spent = receipt.gas_used >= attempt.gas;
        match replayed {
            Ok(_) if spent => Ok(Revert::OutOfGas),
            Ok(_) => Ok(Revert::Unexplained(format!(
                "the same call passes at the end of block {block}"
            ))),
            Err(error) => match Revert::of(&error) {
                Some(reason) => Ok(reason),
                None if error.is_error_resp() => Ok(Revert::Unexplained(format!(
                    "it could not be replayed at block {block}: {error}"
                ))),
                None => Err(rpc_error("replaying a reverted call")(error).into()),
            },
        }
    }
}
