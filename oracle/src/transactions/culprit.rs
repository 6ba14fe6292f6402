//! Who used a nonce of ours, if not we.

use alloy::{
    primitives::{Address, B256, U64},
    providers::Provider,
};
use serde::Deserialize;

use super::{Record, SendError, sender::Inner, sight::Head};
use crate::chain::rpc_error;

/// A reorganisation may move a transaction below the block at which its nonce was still unused, by no more than this.
const REORGANISED: u64 = 32;

/// The part of a transaction that names its maker: of whatever type, also one that only this chain knows.
#[derive(Debug, Deserialize)]
struct Made {
    hash: B256,
    from: Address,
    nonce: U64,
}

#[derive(Debug, Deserialize)]
struct Block {
    transactions: Vec<Made>,
}

impl Inner {
    /// The transaction that used a purpose's nonce; `None` if the node has not kept the state to find it.
    pub(super) async fn culprit(
        &self,
        record: &Record,
        head: Head,
    ) -> Result<Option<B256>, SendError> {
        let used_at = |block| async move {
            match self.used_nonces(Some(block)).await {
                Ok(used) => Ok(Some(used > record.nonce)),
                Err(error) if error.is_refused_read() => Ok(None),
                Err(error) => Err(error),
            }
        };
        let (mut before, mut after) = (record.unused_at.saturating_sub(REORGANISED), head.number);
        if used_at(before).await? != Some(false) || used_at(after).await? != Some(true) {
            return Ok(None);
        }
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            match used_at(middle).await? {
                Some(true) => after = middle,
                Some(false) => before = middle,
                None => return Ok(None),
            }
        }
        let block: Option<Block> = self
            .provider
            .raw_request("eth_getBlockByNumber".into(), (U64::from(after), true))
            .await
            .map_err(rpc_error("reading a block"))?;
        let made = block.and_then(|block| {
            let mut made = block.transactions.into_iter();
            made.find(|made| made.from == self.address && made.nonce.to::<u64>() == record.nonce)
        });
        Ok(made.map(|made| made.hash))
    }
}
