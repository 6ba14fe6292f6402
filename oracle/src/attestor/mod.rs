//! Attestors: independent nodes that recompute a window from their own candles and sign its digest.
//!
//! ```text
//! Quorum::gather ── POST /attest {symbol, timeframe, close_time} ──> Attestor: own candles -> window -> digest
//!   checks signer, digest, last close        <── signature or refusal ──   guard (SQLite) ── then the key
//! ```
//! The guard is written before the key is used: at most one digest per market and close time, for ever.

mod client;
mod guard;
mod message;
mod node;
mod server;

pub use client::{Disagreement, Fault, Quorum, QuorumError, Witness};
pub use guard::{AttestorGuard, GuardError};
pub use message::{Answer, Ask, Refusal, RefusalCode};
pub use node::Attestor;
pub use server::serve;
