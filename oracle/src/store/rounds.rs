//! The table of rounds and the guard against two statements for one close time.

use std::path::{Path, PathBuf};

use alloy::primitives::{B256, FixedBytes};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::{Stage, open_database};
use crate::statement::OracleId;

/// Rounds of one oracle on disk.
#[derive(Debug)]
pub struct RoundStore {
    database: Connection,
    path: PathBuf,
    oracle: String,
}

/// What a close time is bound to, once and for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commitment {
    /// The model.
    pub model_id: FixedBytes<4>,
    /// Digest of the packed inputs.
    pub inputs_digest: B256,
    /// Last close price, eight decimals.
    pub last_close: i64,
    /// The class.
    pub class: u8,
}

/// A round as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// How far it has come.
    pub stage: Stage,
    /// What it is bound to, from [`Stage::Inferred`] on.
    pub commitment: Option<Commitment>,
    /// The transaction, from [`Stage::Sent`] on.
    pub transaction: Option<B256>,
}

/// Why the store refuses a step.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Two statements for one close time.
    #[error(
        "close time {close_time} is already bound to {bound:?}, now {asked:?}: refusing to contradict an earlier statement; compare the candle sources"
    )]
    Equivocation {
        /// The close time.
        close_time: u64,
        /// On record.
        bound: Box<Commitment>,
        /// Asked for.
        asked: Box<Commitment>,
    },
    /// A step out of order.
    #[error("round of close time {close_time} is {stage}, it cannot become {next}")]
    Order {
        /// The close time.
        close_time: u64,
        /// Where it stands.
        stage: String,
        /// Where it was to go.
        next: Stage,
    },
    /// A time beyond what the store can hold.
    #[error("close time {0} is beyond the year 9999")]
    Time(u64),
    /// SQLite failed.
    #[error("round store {path}: {source}: check disk space and permissions")]
    Store {
        /// The database file.
        path: PathBuf,
        /// SQLite's reason.
        source: rusqlite::Error,
    },
}

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS rounds (
    oracle TEXT NOT NULL,
    close_time INTEGER NOT NULL,
    stage TEXT NOT NULL,
    model_id BLOB,
    inputs_digest BLOB,
    last_close_e8 INTEGER,
    class INTEGER,
    tx BLOB,
    PRIMARY KEY (oracle, close_time)
) STRICT;";

impl RoundStore {
    /// Opens or creates the store for one oracle.
    pub fn open(path: &Path, oracle: &OracleId) -> Result<Self, StoreError> {
        let database = open_database(path, SCHEMA).map_err(|source| StoreError::Store {
            path: path.to_owned(),
            source,
        })?;
        let oracle = format!("{}:{}", oracle.chain_id, oracle.address);
        Ok(Self {
            database,
            path: path.to_owned(),
            oracle,
        })
    }

    /// The round of a close time, if it was begun.
    pub fn progress(&mut self, close_time: u64) -> Result<Option<Progress>, StoreError> {
        self.exclusively(close_time, |round| round.read())
    }

    /// Begins a round: [`Stage::Fetched`]. Beginning again is allowed until something was sent.
    pub fn begin(&mut self, close_time: u64) -> Result<(), StoreError> {
        self.exclusively(close_time, |round| {
            match round.read()? {
                None => round.insert()?,
                Some(known) if known.stage < Stage::Sent => round.stage(Stage::Fetched)?,
                Some(known) => return Err(round.order(Some(known.stage), Stage::Fetched)),
            }
            Ok(())
        })
    }

    /// Binds the round to a statement: [`Stage::Inferred`]. The first binding holds for ever.
    pub fn commit(&mut self, close_time: u64, asked: Commitment) -> Result<(), StoreError> {
        self.exclusively(close_time, |round| {
            let known = round.read()?;
            if let Some(bound) = known.as_ref().and_then(|known| known.commitment)
                && bound != asked
            {
                let (bound, asked) = (Box::new(bound), Box::new(asked));
                return Err(StoreError::Equivocation {
                    close_time,
                    bound,
                    asked,
                });
            }
            round.advance(known, Stage::Inferred)?;
            round.bind(asked)
        })
    }

    /// Takes the next step.
    pub fn advance(&mut self, close_time: u64, next: Stage) -> Result<(), StoreError> {
        self.exclusively(close_time, |round| {
            let known = round.read()?;
            round.advance(known, next)
        })
    }

    /// The last look before sending: the statement must still be the one on record and nothing sent yet.
    pub fn send(&mut self, close_time: u64, asked: Commitment, tx: B256) -> Result<(), StoreError> {
        self.exclusively(close_time, |round| {
            let known = round.read()?;
            match known.as_ref().and_then(|known| known.commitment) {
                Some(bound) if bound == asked => {}
                Some(bound) => {
                    let (bound, asked) = (Box::new(bound), Box::new(asked));
                    return Err(StoreError::Equivocation {
                        close_time,
                        bound,
                        asked,
                    });
                }
                None => return Err(round.order(known.map(|known| known.stage), Stage::Sent)),
            }
            round.advance(known, Stage::Sent)?;
            round.transaction(tx)
        })
    }

    fn exclusively<T>(
        &mut self,
        close_time: u64,
        step: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let key = i64::try_from(close_time).map_err(|_| StoreError::Time(close_time))?;
        let failed = |source| StoreError::Store {
            path: self.path.clone(),
            source,
        };
        let transaction = self
            .database
            .transaction_with_behavior(TransactionBehavior::Exclusive)
            .map_err(failed)?;
        let row = Row {
            transaction: &transaction,
            path: &self.path,
            oracle: &self.oracle,
            key,
            close_time,
        };
        let done = step(&row)?;
        transaction.commit().map_err(failed)?;
        Ok(done)
    }
}

/// One round inside an exclusive transaction.
struct Row<'a> {
    transaction: &'a Transaction<'a>,
    path: &'a Path,
    oracle: &'a str,
    key: i64,
    close_time: u64,
}

impl Row<'_> {
    fn read(&self) -> Result<Option<Progress>, StoreError> {
        self.transaction
            .query_row(
                "SELECT stage, model_id, inputs_digest, last_close_e8, class, tx FROM rounds WHERE oracle = ? AND close_time = ?",
                params![self.oracle, self.key],
                |row| {
                    let stage: String = row.get(0)?;
                    let stage = stage.parse().map_err(|error: String| {
                        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, error.into())
                    })?;
                    let bound = row.get::<_, Option<[u8; 32]>>(2)?;
                    let commitment = bound
                        .map(|digest| {
                            Ok::<_, rusqlite::Error>(Commitment {
                                model_id: FixedBytes(row.get(1)?),
                                inputs_digest: B256::from(digest),
                                last_close: row.get(3)?,
                                class: row.get(4)?,
                            })
                        })
                        .transpose()?;
                    let transaction = row.get::<_, Option<[u8; 32]>>(5)?.map(B256::from);
                    Ok(Progress { stage, commitment, transaction })
                },
            )
            .optional()
            .map_err(|source| self.failed(source))
    }

    fn insert(&self) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO rounds (stage, oracle, close_time) VALUES (?, ?, ?)",
            params![Stage::Fetched.name(), self.oracle, self.key],
        )
    }

    fn stage(&self, stage: Stage) -> Result<(), StoreError> {
        self.execute(
            "UPDATE rounds SET stage = ? WHERE oracle = ? AND close_time = ?",
            params![stage.name(), self.oracle, self.key],
        )
    }

    fn bind(&self, to: Commitment) -> Result<(), StoreError> {
        self.execute(
            "UPDATE rounds SET model_id = ?, inputs_digest = ?, last_close_e8 = ?, class = ? WHERE oracle = ? AND close_time = ?",
            params![
                to.model_id.as_slice(),
                to.inputs_digest.as_slice(),
                to.last_close,
                to.class,
                self.oracle,
                self.key
            ],
        )
    }

    fn transaction(&self, tx: B256) -> Result<(), StoreError> {
        self.execute(
            "UPDATE rounds SET tx = ? WHERE oracle = ? AND close_time = ?",
            params![tx.as_slice(), self.oracle, self.key],
        )
    }

    fn advance(&self, known: Option<Progress>, next: Stage) -> Result<(), StoreError> {
        match known {
            Some(known) if known.stage.precedes(next) => self.stage(next),
            known => Err(self.order(known.map(|known| known.stage), next)),
        }
    }

    fn order(&self, stage: Option<Stage>, next: Stage) -> StoreError {
        let stage = stage.map_or_else(|| "not begun".into(), |stage| stage.to_string());
        StoreError::Order {
            close_time: self.close_time,
            stage,
            next,
        }
    }

    fn execute(&self, sql: &str, values: impl rusqlite::Params) -> Result<(), StoreError> {
        self.transaction
            .execute(sql, values)
            .map(|_| ())
            .map_err(|source| self.failed(source))
    }

    fn failed(&self, source: rusqlite::Error) -> StoreError {
        StoreError::Store {
            path: self.path.to_owned(),
            source,
        }
    }
}
