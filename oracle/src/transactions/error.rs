//! Why a transaction is not, or not yet, what its purpose wanted.

use alloy::primitives::{Address, B256, U256};

use super::{JournalError, Revert};
use crate::chain::ChainError;

/// Why a transaction is not, or not yet, what its purpose wanted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The policy makes no sense.
    #[error("sending policy: {0}")]
    Policy(&'static str),
    /// The chain could not be read. Nothing was signed for this purpose, or what was is recorded: ask again.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The journal failed: without it nothing is sent.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The key refused.
    #[error("cannot sign the transaction: {0}")]
    Sign(String),
    /// The call would revert; nothing was signed.
    #[error("the call would revert, nothing was sent: {0}")]
    Refused(Revert),
    /// The call reverted in a block.
    #[error("transaction {hash} reverted in block {block}: {reason}")]
    Reverted {
        /// The transaction.
        hash: B256,
        /// Its block.
        block: u64,
        /// Why.
        reason: Revert,
    },
    /// The deadline came before anything was signed.
    #[error("{purpose}: its deadline {deadline} has come (block time {now}), nothing was sent")]
    TooLate {
        /// The purpose.
        purpose: String,
        /// The deadline, UNIX seconds.
        deadline: u64,
        /// The newest block's time, UNIX seconds.
        now: u64,
    },
    /// The deadline came before inclusion, and the nonce was used up by a transfer of nothing.
    #[error(
        "{purpose}: its deadline came before a block took it; nonce {nonce} was used up by {hash} in block {block}, a transfer of nothing"
    )]
    Cancelled {
        /// The purpose.
        purpose: String,
        /// The nonce.
        nonce: u64,
        /// The cancellation.
        hash: B256,
        /// Its block.
        block: u64,
    },
    /// Somebody else used this nonce with this key.
    #[error(
        "nonce {nonce} of {address} was used by {}, which this node did not sign: another process or wallet uses this key; give every node a key of its own",
        .hash.map_or_else(|| "a transaction".to_owned(), |hash| hash.to_string())
    )]
    Foreign {
        /// The key's address.
        address: Address,
        /// The nonce.
        nonce: u64,
        /// The other transaction, if the node still had the state to find it.
        hash: Option<B256>,
    },
    /// The account cannot pay.
    #[error(
        "{address} has {balance} wei and needs {need}: send it funds; what is signed is kept and goes out then"
    )]
    InsufficientFunds {
        /// The key's address.
        address: Address,
        /// What it has.
        balance: U256,
        /// What the transaction may cost at most.
        need: U256,
    },
    /// The node does not take the transaction, for a reason that waiting does not cure.
    #[error(
        "the node does not take transaction {hash} ({purpose}): {words}; it is kept, asking again sends it again"
    )]
    NodeRefuses {
        /// The purpose, not always the one that was asked for: an earlier nonce comes first.
        purpose: String,
        /// The transaction.
        hash: B256,
        /// The node's words.
        words: String,
    },
    /// The purpose is recorded for another contract.
    #[error(
        "{purpose} is recorded as a call of {recorded}, now of {asked}: one purpose is one call"
    )]
    OtherCall {
        /// The purpose.
        purpose: String,
        /// On record.
        recorded: Address,
        /// Asked for.
        asked: Address,
    },
    /// Its outcome was lost between two looks: ask again.
    #[error("{0} has no outcome yet: ask again")]
    Unsettled(String),
    /// Not in the journal.
    #[error("transaction {0} is not in this journal: was it opened from another file or key?")]
    NotRecorded(B256),
}

impl SendError {
    /// Whether the oracle has a round of this close time: somebody else submitted it, and that is as good.
    pub fn is_already_accepted(&self) -> bool {
        match self {
            Self::Refused(reason) | Self::Reverted { reason, .. } => reason.is_already_accepted(),
            Self::Chain(ChainError::AlreadyAccepted) => true,
            _ => false,
        }
    }

    /// Whether a node answered a read with an error, for example for want of old state.
    pub(super) fn is_refused_read(&self) -> bool {
        matches!(self, Self::Chain(ChainError::Rpc { source, .. }) if source.is_error_resp())
    }

    /// Whether the way to the chain failed, which says nothing of the transaction.
    pub(super) fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Chain(ChainError::Rpc { .. } | ChainError::Endpoints(_))
        )
    }
}
