//! What the journal knows of one purpose.

use alloy::{
    primitives::{Address, B256, Bytes},
    rpc::types::TransactionReceipt,
};
use serde::{Deserialize, Serialize};

use crate::transactions::{Fees, Revert};

/// A purpose, its nonce, and every transaction signed for it.
#[derive(Debug, Clone)]
pub struct Record {
    pub(in crate::transactions) id: i64,
    /// What it is for, such as `31337:0xoracle:1735776000`.
    pub purpose: String,
    /// The nonce that every attempt has.
    pub nonce: u64,
    /// The contract called.
    pub to: Address,
    /// The call; empty long after the purpose became final.
    pub data: Bytes,
    /// From this block time on it is cancelled, UNIX seconds.
    pub deadline: Option<u64>,
    /// At this block's end the nonce was unused.
    pub unused_at: u64,
    /// How often a block that held it left the chain.
    pub reorgs: u32,
    /// What became of it, as last seen.
    pub outcome: Option<Outcome>,
    /// Whether the outcome has the confirmations that the policy wants.
    pub is_final: bool,
    /// Every signed transaction, oldest first; never empty.
    pub attempts: Vec<Attempt>,
}

impl Record {
    /// The transaction to look up: the one in a block, else the last one signed.
    pub fn hash(&self) -> Option<B256> {
        let mined = self.outcome.as_ref().and_then(Outcome::receipt);
        mined
            .map(|receipt| receipt.transaction_hash)
            .or_else(|| self.attempts.last().map(|attempt| attempt.hash))
    }
}

/// A purpose before it has a number.
#[derive(Debug, Clone)]
pub(in crate::transactions) struct NewRecord {
    pub(in crate::transactions) purpose: String,
    pub(in crate::transactions) nonce: u64,
    pub(in crate::transactions) to: Address,
    pub(in crate::transactions) data: Bytes,
    pub(in crate::transactions) deadline: Option<u64>,
    pub(in crate::transactions) unused_at: u64,
}

/// One signed transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its hash.
    pub hash: B256,
    /// The bytes that nodes take; empty long after the purpose became final.
    pub raw: Bytes,
    /// What it does.
    pub kind: Kind,
    /// What it offers.
    pub fees: Fees,
    /// Its gas limit.
    pub gas: u64,
    /// This machine's clock at signing, UNIX milliseconds.
    pub signed_at_ms: u64,
    /// The newest block at signing.
    pub signed_block: u64,
    /// Whether a node is known to have taken it.
    pub broadcast: bool,
}

/// What an attempt does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What the purpose wants.
    Call,
    /// Nothing: it uses up the nonce.
    Cancel,
}

impl Kind {
    /// The name in the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Cancel => "cancel",
        }
    }

    pub(super) fn of(name: &str) -> Option<Self> {
        [Self::Call, Self::Cancel]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// What became of a purpose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A call is in a block, with effect.
    Included(Box<TransactionReceipt>),
    /// A call is in a block, without effect.
    Reverted {
        /// Its receipt.
        receipt: Box<TransactionReceipt>,
        /// Why.
        reason: Revert,
    },
    /// The cancellation is in a block.
    Cancelled(Box<TransactionReceipt>),
    /// The nonce was used by a transaction that is not in the journal.
    Foreign {
        /// Which, if it was found.
        hash: Option<B256>,
    },
}

impl Outcome {
    /// The name in the store.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Included(_) => "included",
            Self::Reverted { .. } => "reverted",
            Self::Cancelled(_) => "cancelled",
            Self::Foreign { .. } => "foreign",
        }
    }

    /// The receipt of this journal's own transaction.
    pub fn receipt(&self) -> Option<&TransactionReceipt> {
        match self {
            Self::Included(receipt) | Self::Reverted { receipt, .. } | Self::Cancelled(receipt) => {
                Some(receipt)
            }
            Self::Foreign { .. } => None,
        }
    }
}
