//! Every transaction ever signed, on disk before anybody sees it.
//!
//! Two tables beside the rounds: `purposes` (one row per purpose: its nonce and what became of it) and `attempts` (every
//! signed transaction with that nonce, oldest first). An operator can read both with sqlite3.

mod record;
mod table;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

pub(super) use record::NewRecord;
pub use record::{Attempt, Kind, Outcome, Record};
pub use table::Journal;

/// Why the journal cannot be used. Nothing is sent without it.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// SQLite failed.
    #[error("transaction journal {path}: {source}: check disk space and permissions")]
    Store {
        /// The database file.
        path: PathBuf,
        /// SQLite's reason.
        source: rusqlite::Error,
    },
    /// A row that this program did not write.
    #[error(
        "transaction journal {path}: {what} is damaged: restore the file from a backup, or move it away and send with a new key"
    )]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// Which row or field.
        what: String,
    },
    /// The nonce belongs to another purpose that is not settled yet.
    #[error("nonce {nonce} is held by {purpose}: is the store open in two processes?")]
    NonceHeld {
        /// The nonce.
        nonce: u64,
        /// Its holder.
        purpose: String,
    },
    /// The purpose has a nonce already.
    #[error("{0} is recorded already: is the store open in two processes?")]
    PurposeHeld(String),
}
