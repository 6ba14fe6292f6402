//! What happens to a transaction, as it happens.

use std::{
    mem::{Discriminant, discriminant},
    sync::{Mutex, PoisonError},
};

use alloy::primitives::{B256, U256};

/// What happened to a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Signed and on disk; nobody else has seen it yet.
    Signed {
        /// Its hash.
        hash: B256,
        /// Its nonce.
        nonce: u64,
    },
    /// A node took it for the first time.
    Broadcast {
        /// Its hash.
        hash: B256,
    },
    /// A node took a transaction with the same nonce and higher fees, or a cancellation.
    Replaced {
        /// The one before.
        old: B256,
        /// The one now.
        new: B256,
    },
    /// The node had lost it and took the recorded bytes again.
    Rebroadcast {
        /// Its hash.
        hash: B256,
    },
    /// Waiting: the fee is, or would have to be, above what the policy allows. Said once until something else happens.
    FeeAboveCap {
        /// The next block's base fee, wei per gas; capped in the telling.
        base_fee: u128,
        /// What the policy allows here, wei per gas.
        limit: u128,
    },
    /// Waiting with the present fees: the account cannot pay for higher ones. Said once until something else happens.
    CannotRaise {
        /// What the account has, wei.
        balance: U256,
        /// What a replacement could cost, wei.
        need: U256,
    },
    /// Waiting: no endpoint answers. Said once until something else happens.
    Unreachable {
        /// What was wrong.
        reason: String,
    },
    /// In a canonical block, with effect.
    Included {
        /// Its hash.
        hash: B256,
        /// The block's number.
        block: u64,
    },
    /// The block that held it is no longer part of the chain.
    Reorged {
        /// Its hash.
        hash: B256,
        /// The lost block's number.
        block: u64,
    },
    /// The cancellation is in a canonical block: the purpose will never take effect.
    Cancelled {
        /// The cancellation's hash.
        hash: B256,
        /// The block's number.
        block: u64,
    },
}

/// Tells a caller what happens to its transaction.
pub(super) struct Voice<'a> {
    purpose: &'a str,
    on: &'a (dyn Fn(Event) + Send + Sync),
    last: Mutex<Option<Discriminant<Event>>>,
}

impl<'a> Voice<'a> {
    pub(super) fn new(purpose: &'a str, on: &'a (dyn Fn(Event) + Send + Sync)) -> Self {
        Self {
            purpose,
            on,
            last: Mutex::default(),
        }
    }

    /// Tells an event; one of waiting only if the last was of another kind.
    pub(super) fn say(&self, event: Event) {
        let kind = discriminant(&event);
        let last = self
            .last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .replace(kind);
        let waiting = matches!(
            event,
            Event::FeeAboveCap { .. } | Event::CannotRaise { .. } | Event::Unreachable { .. }
        );
        if waiting && last == Some(kind) {
            return;
        }
        tracing::debug!(purpose = self.purpose, ?event, "transaction");
        (self.on)(event);
    }
}
