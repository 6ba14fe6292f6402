//! The journal's tables.

use std::path::{Path, PathBuf};

use alloy::primitives::{Address, B256, keccak256};
use rusqlite::{
    Connection, OptionalExtension, Row, Transaction, TransactionBehavior, named_params, params,
};

use super::{Attempt, JournalError, Kind, NewRecord, Outcome, Record};
use crate::{store::open_database, transactions::Fees};

/// Signed transactions of one key on one chain.
#[derive(Debug)]
pub struct Journal {
    database: Connection,
    path: PathBuf,
    chain_id: i64,
    sender: String,
}

/// So many purposes keep the bytes that were signed for them; a day of one a minute, and a reorganisation of a day is none.
const KEPT: i64 = 1_440;
/// So many older ones are looked at in one go.
const DROPPED: i64 = 64;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS purposes (
    id INTEGER PRIMARY KEY,
    chain_id INTEGER NOT NULL,
    sender TEXT NOT NULL,
    purpose TEXT NOT NULL,
    nonce INTEGER NOT NULL,
    target BLOB NOT NULL,
    data BLOB NOT NULL,
    deadline INTEGER,
    unused_at INTEGER NOT NULL,
    reorgs INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'open',
    outcome TEXT,
    final INTEGER NOT NULL DEFAULT 0,
    UNIQUE (chain_id, sender, purpose)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS open_nonces ON purposes (chain_id, sender, nonce) WHERE state = 'open';
CREATE TABLE IF NOT EXISTS attempts (
    id INTEGER PRIMARY KEY,
    purpose INTEGER NOT NULL REFERENCES purposes (id),
    kind TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    raw BLOB NOT NULL,
    gas INTEGER NOT NULL,
    max_fee_per_gas TEXT NOT NULL,
    max_priority_fee_per_gas TEXT NOT NULL,
    signed_at_ms INTEGER NOT NULL,
    signed_block INTEGER NOT NULL,
    broadcast INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS attempts_of ON attempts (purpose);";

const COLUMNS: &str =
    "id, purpose, nonce, target, data, deadline, unused_at, reorgs, state, outcome, final";

impl Journal {
    /// Opens or creates the journal of one key on one chain.
    ///
    /// # Errors
    /// The file cannot be opened or written.
    pub fn open(path: &Path, chain_id: u64, sender: Address) -> Result<Self, JournalError> {
        let database = open_database(path, SCHEMA).map_err(|source| JournalError::Store {
            path: path.to_owned(),
            source,
        })?;
        let mut journal = Self {
            database,
            path: path.to_owned(),
            chain_id: 0,
            sender: sender.to_string(),
        };
        journal.chain_id = journal.integer(chain_id, "the chain id")?;
        Ok(journal)
    }

    /// What is recorded for a purpose.
    pub fn of_purpose(&self, purpose: &str) -> Result<Option<Record>, JournalError> {
        self.one("purpose = :key", purpose)
    }

    /// The youngest purpose that has a nonce.
    pub(in crate::transactions) fn at_nonce(
        &self,
        nonce: u64,
    ) -> Result<Option<Record>, JournalError> {
        self.one(
            "nonce = :key ORDER BY id DESC LIMIT 1",
            self.integer(nonce, "a nonce")?,
        )
    }

    pub(in crate::transactions) fn of_hash(
        &self,
        hash: B256,
    ) -> Result<Option<Record>, JournalError> {
        self.one(
            "id = (SELECT purpose FROM attempts WHERE hash = :key)",
            hash.as_slice(),
        )
    }

    pub(in crate::transactions) fn of_id(&self, id: i64) -> Result<Record, JournalError> {
        self.one("id = :key", id)?
            .ok_or_else(|| self.damaged(format!("purpose {id}")))
    }

    /// The highest nonce whose purpose is not final.
    pub(in crate::transactions) fn highest(&self) -> Result<Option<u64>, JournalError> {
        let highest: Option<i64> = self
            .database
            .query_row(
                "SELECT MAX(nonce) FROM purposes WHERE chain_id = ? AND sender = ? AND final = 0",
                params![self.chain_id, self.sender],
                |row| row.get(0),
            )
            .map_err(|source| self.failed(source))?;
        highest
            .map(|nonce| u64::try_from(nonce).map_err(|_| self.damaged("a nonce".into())))
            .transpose()
    }

    /// Records a purpose with its first attempt: both or neither.
    pub(in crate::transactions) fn begin(
        &mut self,
        new: &NewRecord,
        first: &Attempt,
    ) -> Result<Record, JournalError> {
        if self.of_purpose(&new.purpose)?.is_some() {
            return Err(JournalError::PurposeHeld(new.purpose.clone()));
        }
        if let Some(holder) = self.at_nonce(new.nonce)?
            && holder.outcome.is_none()
        {
            let (nonce, purpose) = (new.nonce, holder.purpose);
            return Err(JournalError::NonceHeld { nonce, purpose });
        }
        let (nonce, block) = (
            self.integer(new.nonce, "a nonce")?,
            self.integer(new.unused_at, "a block")?,
        );
        let deadline = new
            .deadline
            .map(|deadline| self.integer(deadline, "a deadline"))
            .transpose()?;
        let (chain_id, sender) = (self.chain_id, self.sender.clone());
        let id = self.exclusively(|transaction| {
            transaction.execute(
                "INSERT INTO purposes (chain_id, sender, purpose, nonce, target, data, deadline, unused_at)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                params![
                    chain_id,
                    sender,
                    new.purpose,
                    nonce,
                    new.to.as_slice(),
                    new.data.as_ref(),
                    deadline,
                    block
                ],
            )?;
            let id = transaction.last_insert_rowid();
            insert(transaction, id, first)?;
            Ok(id)
        })?;
        self.of_id(id)
    }

    /// Records another attempt with the purpose's nonce.
    pub(in crate::transactions) fn replace(
        &mut self,
        id: i64,
        next: &Attempt,
    ) -> Result<Record, JournalError> {
        self.exclusively(|transaction| insert(transaction, id, next))?;
        self.of_id(id)
    }

    /// Records that a node took an attempt.
    pub(in crate::transactions) fn handed_over(&mut self, hash: B256) -> Result<(), JournalError> {
        self.exclusively(|transaction| {
            transaction.execute(
                "UPDATE attempts SET broadcast = 1 WHERE hash = ?",
                [hash.as_slice()],
            )
        })?;
        Ok(())
    }

    /// Records what became of a purpose.
    pub(in crate::transactions) fn settle(
        &mut self,
        id: i64,
        outcome: &Outcome,
    ) -> Result<(), JournalError> {
        let text = serde_json::to_string(outcome)
            .map_err(|error| self.damaged(format!("the outcome of purpose {id}: {error}")))?;
        self.exclusively(|transaction| {
            transaction.execute(
                "UPDATE purposes SET state = ?, outcome = ? WHERE id = ?",
                params![outcome.name(), text, id],
            )
        })?;
        Ok(())
    }

    /// Records that a block which held the purpose's transaction left the chain.
    pub(in crate::transactions) fn reorganised(&mut self, id: i64) -> Result<(), JournalError> {
        self.exclusively(|transaction| {
            transaction.execute("UPDATE purposes SET reorgs = reorgs + 1 WHERE id = ?", [id])
        })?;
        Ok(())
    }

    /// Records that a purpose has no outcome after all; `deadline` replaces its own if given.
    pub(in crate::transactions) fn reopen(
        &mut self,
        id: i64,
        deadline: Option<u64>,
    ) -> Result<(), JournalError> {
        let deadline = deadline
            .map(|deadline| self.integer(deadline, "a deadline"))
            .transpose()?;
        self.exclusively(|transaction| {
            transaction.execute(
                "UPDATE purposes SET state = 'open', outcome = NULL, final = 0, deadline = COALESCE(?, deadline)
                 WHERE id = ?",
                params![deadline, id],
            )
        })?;
        Ok(())
    }

    /// Records that the outcome has its confirmations, and drops the bytes of final purposes long before it: what is
    /// left of them is their outcome.
    pub(in crate::transactions) fn finalise(&mut self, id: i64) -> Result<(), JournalError> {
        let (from, to) = (id - KEPT - DROPPED, id - KEPT);
        self.exclusively(|transaction| {
            transaction.execute("UPDATE purposes SET final = 1 WHERE id = ?", [id])?;
            transaction.execute(
                "UPDATE attempts SET raw = x'' WHERE purpose IN
                 (SELECT id FROM purposes WHERE final = 1 AND id BETWEEN ? AND ?)",
                [from, to],
            )?;
            transaction.execute(
                "UPDATE purposes SET data = x'' WHERE final = 1 AND id BETWEEN ? AND ?",
                [from, to],
            )
        })?;
        Ok(())
    }

    fn one(
        &self,
        condition: &str,
        key: impl rusqlite::ToSql,
    ) -> Result<Option<Record>, JournalError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM purposes WHERE chain_id = :chain AND sender = :sender AND {condition}"
        );
        let found = self
            .database
            .query_row(
                &sql,
                named_params! { ":chain": self.chain_id, ":sender": self.sender, ":key": key },
                |row| Ok(self.record(row)),
            )
            .optional()
            .map_err(|source| self.failed(source))?;
        let Some(record) = found else {
            return Ok(None);
        };
        let mut record = record?;
        record.attempts = self.attempts(record.id)?;
        Ok(Some(record))
    }

    fn record(&self, row: &Row<'_>) -> Result<Record, JournalError> {
        let id: i64 = self.column(row, 0)?;
        let damaged = |what: &str| self.damaged(format!("{what} of purpose {id}"));
        let unsigned = |value: i64, what| u64::try_from(value).map_err(|_| damaged(what));
        let target: [u8; 20] = self.column(row, 3)?;
        let data: Vec<u8> = self.column(row, 4)?;
        let deadline: Option<i64> = self.column(row, 5)?;
        let reorgs: i64 = self.column(row, 7)?;
        let (state, outcome): (String, Option<String>) =
            (self.column(row, 8)?, self.column(row, 9)?);
        let outcome: Option<Outcome> = outcome
            .map(|text| serde_json::from_str(&text).map_err(|_| damaged("the outcome")))
            .transpose()?;
        if outcome.as_ref().map_or("open", Outcome::name) != state {
            return Err(damaged("the state"));
        }
        Ok(Record {
            id,
            purpose: self.column(row, 1)?,
            nonce: unsigned(self.column(row, 2)?, "the nonce")?,
            to: Address::from(target),
            data: data.into(),
            deadline: deadline
                .map(|deadline| unsigned(deadline, "the deadline"))
                .transpose()?,
            unused_at: unsigned(self.column(row, 6)?, "the block")?,
            reorgs: u32::try_from(reorgs).map_err(|_| damaged("the reorganisations"))?,
            outcome,
            is_final: self.column(row, 10)?,
            attempts: Vec::new(),
        })
    }

    fn attempts(&self, purpose: i64) -> Result<Vec<Attempt>, JournalError> {
        let mut statement = self
            .database
            .prepare_cached(
                "SELECT id, kind, hash, raw, gas, max_fee_per_gas, max_priority_fee_per_gas, signed_at_ms, signed_block,
                        broadcast FROM attempts WHERE purpose = ? ORDER BY id",
            )
            .map_err(|source| self.failed(source))?;
        let attempts = statement
            .query_map([purpose], |row| Ok(self.attempt(row)))
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|source| self.failed(source))?;
        let attempts = attempts.into_iter().collect::<Result<Vec<_>, _>>()?;
        if attempts.is_empty() {
            return Err(self.damaged(format!("purpose {purpose}, which has no transaction,")));
        }
        Ok(attempts)
    }

    fn attempt(&self, row: &Row<'_>) -> Result<Attempt, JournalError> {
        let id: i64 = self.column(row, 0)?;
        let damaged = |what: &str| self.damaged(format!("{what} of attempt {id}"));
        let kind: String = self.column(row, 1)?;
        let hash: [u8; 32] = self.column(row, 2)?;
        let raw: Vec<u8> = self.column(row, 3)?;
        if !raw.is_empty() && keccak256(&raw) != B256::from(hash) {
            return Err(damaged("the transaction"));
        }
        let fee = |index| {
            let text: String = self.column(row, index)?;
            text.parse().map_err(|_| damaged("the fee"))
        };
        let unsigned = |index| {
            let value: i64 = self.column(row, index)?;
            u64::try_from(value).map_err(|_| damaged("a number"))
        };
        Ok(Attempt {
            hash: B256::from(hash),
            raw: raw.into(),
            kind: Kind::of(&kind).ok_or_else(|| damaged("the kind"))?,
            fees: Fees {
                max: fee(5)?,
                priority: fee(6)?,
            },
            gas: unsigned(4)?,
            signed_at_ms: unsigned(7)?,
            signed_block: unsigned(8)?,
            broadcast: self.column(row, 9)?,
        })
    }

    fn column<T: rusqlite::types::FromSql>(
        &self,
        row: &Row<'_>,
        index: usize,
    ) -> Result<T, JournalError> {
        row.get(index).map_err(|source| self.failed(source))
    }

    fn exclusively<T>(
        &mut self,
        step: impl FnOnce(&Transaction<'_>) -> Result<T, rusqlite::Error>,
    ) -> Result<T, JournalError> {
        let failed = |source| JournalError::Store {
            path: self.path.clone(),
            source,
        };
        let transaction = self
            .database
            .transaction_with_behavior(TransactionBehavior::Exclusive)
            .map_err(failed)?;
        let done = step(&transaction).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(done)
    }

    /// SQLite's integers are signed.
    fn integer(&self, value: u64, what: &str) -> Result<i64, JournalError> {
        i64::try_from(value).map_err(|_| self.damaged(format!("{what} ({value})")))
    }

    fn failed(&self, source: rusqlite::Error) -> JournalError {
        JournalError::Store {
            path: self.path.clone(),
            source,
        }
    }

    fn damaged(&self, what: String) -> JournalError {
        JournalError::Damaged {
            path: self.path.clone(),
            what,
        }
    }
}

fn insert(
    transaction: &Transaction<'_>,
    purpose: i64,
    attempt: &Attempt,
) -> Result<(), rusqlite::Error> {
    let number = |value: u64| {
        i64::try_from(value)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
    };
    transaction.execute(
        "INSERT INTO attempts (purpose, kind, hash, raw, gas, max_fee_per_gas, max_priority_fee_per_gas, signed_at_ms,
                               signed_block, broadcast) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            purpose,
            attempt.kind.name(),
            attempt.hash.as_slice(),
            attempt.raw.as_ref(),
            number(attempt.gas)?,
            attempt.fees.max.to_string(),
            attempt.fees.priority.to_string(),
            number(attempt.signed_at_ms)?,
            number(attempt.signed_block)?,
            attempt.broadcast,
        ],
    )?;
    Ok(())
}
