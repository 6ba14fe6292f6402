//! Transactions that outlive the process: one nonce per purpose, every signed byte on disk before anybody sees it.
//!
//! ```text
//! submit(purpose) ─► estimate, fees ─► nonce ─► sign ─► Journal ─► broadcast ─┐
//!                     nothing signed yet        └──── under one lock ─────────┤
//!   ┌─────────────────────────────────────────────────────────────────────────┘
//!   └► look: in a canonical block ─► Included ─► N confirmations ─► final       Reverted, with the reason
//!        │   nonce used by another hash ─► Foreign                              a reorganisation leads back to look
//!        │   unknown to the node ─► the recorded bytes again
//!        │   blocks pass without it ─► same nonce, higher fees, never above the cap
//!        └   deadline reached ─► same nonce, transfer of nothing to oneself ─► Cancelled
//! ```
//! A purpose such as `31337:0xoracle:1735776000` has one nonce for ever, so that whatever is broadcast for it can take
//! effect once. Dropping a future, or the process, at any point loses nothing: asking again for the same purpose goes
//! on with what is recorded. See docs/transactions.md for what an operator sees.

mod culprit;
mod error;
mod event;
mod fees;
mod journal;
mod policy;
mod refusal;
mod replace;
mod revert;
mod sender;
mod sight;
mod step;

pub use error::SendError;
pub use event::Event;
pub use fees::Fees;
pub use journal::{Attempt, Journal, JournalError, Kind, Outcome, Record};
pub use policy::SendPolicy;
pub use revert::Revert;
pub use sender::{Final, Included, Sender};
