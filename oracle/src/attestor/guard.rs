//! The attestor's memory: which digest it has vouched for, per market and close time.

use std::path::{Path, PathBuf};

use alloy::primitives::B256;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use crate::statement::WindowId;

/// A durable, exclusive record of every digest signed.
#[derive(Debug)]
pub struct AttestorGuard {
    database: Connection,
    path: PathBuf,
}

/// Why a digest may not be signed.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    /// Signing would be equivocation.
    #[error(
        "already vouched for digest {signed} (last close {signed_close}) at close time {close_time}, now asked for {asked}: one digest per close time, for ever; compare the candle sources"
    )]
    AlreadySigned {
        /// Close time of the window.
        close_time: u64,
        /// Digest on record.
        signed: B256,
        /// Last close on record.
        signed_close: i64,
        /// Digest now asked for.
        asked: B256,
    },
    /// A time beyond what the store can hold.
    #[error("close time {0} is beyond the year 9999")]
    Time(u64),
    /// The store failed; nothing may be signed without it.
    #[error("attestation store {path}: {source}: check disk space and permissions")]
    Store {
        /// The database file.
        path: PathBuf,
        /// SQLite's reason.
        source: rusqlite::Error,
    },
}

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS vouched (
    symbol TEXT NOT NULL,
    timeframe INTEGER NOT NULL,
    close_time INTEGER NOT NULL,
    inputs_digest BLOB NOT NULL,
    last_close_e8 INTEGER NOT NULL,
    PRIMARY KEY (symbol, timeframe, close_time)
) STRICT;";

impl AttestorGuard {
    /// Opens or creates the store (write-ahead log, every commit synced to disk).
    pub fn open(path: &Path) -> Result<Self, GuardError> {
        crate::store::open_database(path, SCHEMA)
            .map(|database| Self {
                database,
                path: path.to_owned(),
            })
            .map_err(|source| GuardError::Store {
                path: path.to_owned(),
                source,
            })
    }

    /// Records that `digest` will be signed for the window, before it is signed.
    ///
    /// The transaction is exclusive and on disk when this returns: a crash afterwards can lose a signature, never the
    /// memory of it. Asking again for the same digest and price is allowed.
    ///
    /// # Errors
    /// [`GuardError::AlreadySigned`] when another digest or price is on record.
    pub fn claim(&mut self, window: &WindowId, digest: B256) -> Result<(), GuardError> {
        let close_time = window.close_time;
        let key = i64::try_from(close_time).map_err(|_| GuardError::Time(close_time))?;
        let recorded = self
            .record(window, key, digest)
            .map_err(|source| GuardError::Store {
                path: self.path.clone(),
                source,
            })?;
        match recorded {
            Some((signed, signed_close))
                if (signed, signed_close) != (digest, window.last_close) =>
            {
                Err(GuardError::AlreadySigned {
                    close_time,
                    signed,
                    signed_close,
                    asked: digest,
                })
            }
            _ => Ok(()),
        }
    }

    fn record(
        &mut self,
        window: &WindowId,
        key: i64,
        digest: B256,
    ) -> Result<Option<(B256, i64)>, rusqlite::Error> {
        let transaction = self
            .database
            .transaction_with_behavior(TransactionBehavior::Exclusive)?;
        let recorded = transaction
            .query_row(
                "SELECT inputs_digest, last_close_e8 FROM vouched WHERE symbol = ? AND timeframe = ? AND close_time = ?",
                params![window.market.symbol, window.market.timeframe, key],
                |row| Ok((B256::from(row.get::<_, [u8; 32]>(0)?), row.get(1)?)),
            )
            .optional()?;
        if recorded.is_none() {
            transaction.execute(
                "INSERT INTO vouched VALUES (?, ?, ?, ?, ?)",
                params![
                    window.market.symbol,
                    window.market.timeframe,
                    key,
                    digest.as_slice(),
                    window.last_close
                ],
            )?;
        }
        transaction.commit()?;
        Ok(recorded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::Market;

    fn window(close_time: u64, last_close: i64) -> WindowId {
        WindowId {
            market: Market::btc_usdt_minutes(),
            close_time,
            last_close,
        }
    }

    #[test]
    fn claim_allows_one_digest_per_close_time_across_restarts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("guard.sqlite");
        let (first, second) = (B256::repeat_byte(1), B256::repeat_byte(2));
        let mut guard = AttestorGuard::open(&path).unwrap();
        guard.claim(&window(60, 5), first).unwrap();
        guard.claim(&window(60, 5), first).unwrap();
        guard.claim(&window(120, 5), second).unwrap();
        drop(guard);
        let mut guard = AttestorGuard::open(&path).unwrap();
        assert!(matches!(
            guard.claim(&window(60, 5), second),
            Err(GuardError::AlreadySigned { close_time: 60, signed, .. }) if signed == first
        ));
        assert!(matches!(
            guard.claim(&window(60, 6), first),
            Err(GuardError::AlreadySigned { .. })
        ));
        guard.claim(&window(60, 5), first).unwrap();
    }

    #[test]
    fn claim_by_two_openers_of_one_store_lets_one_win() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("guard.sqlite");
        let wins: Vec<bool> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..8u8)
                .map(|racer| {
                    let path = path.clone();
                    scope.spawn(move || {
                        let mut guard = AttestorGuard::open(&path).unwrap();
                        guard
                            .claim(&window(60, 5), B256::repeat_byte(racer))
                            .is_ok()
                    })
                })
                .collect();
            racers
                .into_iter()
                .map(|racer| racer.join().unwrap())
                .collect()
        });
        assert_eq!(wins.iter().filter(|won| **won).count(), 1, "{wins:?}");
    }
}
