//! The table of rounds and the guard against two statements for one close time.

use std::path::{Path, PathBuf};

use alloy::primitives::{B256, FixedBytes};
use rusqlite::{
    Connection, OptionalExtension, ToSql, Transaction, TransactionBehavior, params, types::Type,
};

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
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// Close of the window's last candle, UNIX seconds.
    pub close_time: u64,
    /// How far it has come.
    pub stage: Stage,
    /// What it is bound to, from [`Stage::Inferred`] on.
    pub commitment: Option<Commitment>,
    /// The transaction, once one is signed.
    pub transaction: Option<B256>,
    /// The network's answer, from [`Stage::Proven`] on.
    pub logits: Vec<i64>,
    /// Wall time of proving, milliseconds.
    pub prove_ms: Option<f64>,
    /// The oracle's round id, from [`Stage::Included`] on.
    pub round: Option<u64>,
    /// Gas used, from [`Stage::Included`] on.
    pub gas: Option<u64>,
    /// Why there will be no round of this node for this close time.
    pub miss: Option<Miss>,
}

impl Progress {
    /// Nothing is left to be done.
    pub fn is_over(&self) -> bool {
        self.miss.is_some() || self.stage == Stage::Final
    }
}

/// Why a due round was not published by this node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// A stable code, for example `no-quorum`.
    pub code: String,
    /// What happened, for a person.
    pub reason: String,
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
    logits TEXT,
    prove_ms REAL,
    round INTEGER,
    gas INTEGER,
    miss TEXT,
    reason TEXT,
    PRIMARY KEY (oracle, close_time)
) STRICT;";

const COLUMNS: &str = "close_time, stage, model_id, inputs_digest, last_close_e8, class, tx, logits, prove_ms, round, gas, miss, reason";

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

    /// Begins a round: [`Stage::Fetched`]. Beginning again is allowed until it was cleared for sending.
    pub fn begin(&mut self, close_time: u64) -> Result<(), StoreError> {
        self.exclusively(close_time, |round| match round.read()? {
            None => round.insert(),
            Some(known) if known.stage < Stage::Sent => round.restart(),
            Some(known) => Err(round.order(Some(known.stage), Stage::Fetched)),
        })
    }

    /// Takes back a clearance to send of which no transaction came: back to [`Stage::Fetched`].
    ///
    /// # Errors
    /// [`StoreError::Order`] if a transaction is on record or the round was never cleared.
    pub fn withdraw(&mut self, close_time: u64) -> Result<(), StoreError> {
        self.exclusively(close_time, |round| match round.read()? {
            Some(known) if known.stage == Stage::Sent && known.transaction.is_none() => {
                round.restart()
            }
            known => Err(round.order(known.map(|known| known.stage), Stage::Fetched)),
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

    /// Notes the proof that was made: [`Stage::Proven`].
    pub fn prove(
        &mut self,
        close_time: u64,
        logits: &[i64],
        prove_ms: f64,
    ) -> Result<(), StoreError> {
        self.exclusively(close_time, |round| {
            round.advance(round.read()?, Stage::Proven)?;
            let logits: Vec<String> = logits.iter().map(i64::to_string).collect();
            round.set(
                "logits = ?, prove_ms = ?",
                params![logits.join(","), prove_ms],
            )
        })
    }

    /// The last look before sending: the statement must still be the one on record and nothing cleared yet.
    pub fn send(&mut self, close_time: u64, asked: Commitment) -> Result<(), StoreError> {
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
            round.advance(known, Stage::Sent)
        })
    }

    /// Notes the transaction of a round that was cleared for sending; a replacement takes its place.
    pub fn transaction(&mut self, close_time: u64, tx: B256) -> Result<(), StoreError> {
        self.exclusively(close_time, |round| match round.read()? {
            Some(known) if known.stage == Stage::Sent => {
                round.set("tx = ?", params![tx.as_slice()])
            }
            known => Err(round.order(known.map(|known| known.stage), Stage::Sent)),
        })
    }

    /// Notes the block's verdict: [`Stage::Included`].
    pub fn include(
        &mut self,
        close_time: u64,
        tx: B256,
        id: u64,
        gas: u64,
    ) -> Result<(), StoreError> {
        self.exclusively(close_time, |round| {
            round.advance(round.read()?, Stage::Included)?;
            let id = i64::try_from(id).unwrap_or(i64::MAX);
            let gas = i64::try_from(gas).unwrap_or(i64::MAX);
            round.set(
                "tx = ?, round = ?, gas = ?",
                params![tx.as_slice(), id, gas],
            )
        })
    }

    /// Notes why there will be no round of this node, whether it was begun or not. The first reason stays.
    ///
    /// # Errors
    /// [`StoreError::Order`] for a round that is final. One in a block may still be lost with it.
    pub fn miss(&mut self, close_time: u64, miss: &Miss) -> Result<(), StoreError> {
        self.exclusively(close_time, |round| {
            match round.read()? {
                None => round.insert()?,
                Some(known) if known.miss.is_some() => return Ok(()),
                Some(known) if known.stage < Stage::Final => {}
                Some(known) => return Err(round.order(Some(known.stage), Stage::Fetched)),
            }
            round.set("miss = ?, reason = ?", params![miss.code, miss.reason])
        })
    }

    /// The latest close time on record.
    pub fn latest(&self) -> Result<Option<u64>, StoreError> {
        Ok(self.list("", 1)?.first().map(|round| round.close_time))
    }

    /// Rounds of which something is left to be done, oldest first.
    pub fn open_rounds(&self) -> Result<Vec<Progress>, StoreError> {
        let mut rounds = self.list("AND miss IS NULL AND stage <> 'final'", u32::MAX)?;
        rounds.reverse();
        Ok(rounds)
    }

    /// The latest rounds, newest first, at most `limit`.
    pub fn recent(&self, limit: u32) -> Result<Vec<Progress>, StoreError> {
        self.list("", limit)
    }

    fn list(&self, condition: &str, limit: u32) -> Result<Vec<Progress>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM rounds WHERE oracle = ? {condition} ORDER BY close_time DESC LIMIT ?"
        );
        let read = || {
            let mut query = self.database.prepare_cached(&sql)?;
            let rows = query.query_map(params![self.oracle, limit], progress)?;
            rows.collect::<Result<Vec<_>, _>>()
        };
        read().map_err(|source| StoreError::Store {
            path: self.path.clone(),
            source,
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
                &format!("SELECT {COLUMNS} FROM rounds WHERE oracle = ? AND close_time = ?"),
                params![self.oracle, self.key],
                progress,
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

    fn restart(&self) -> Result<(), StoreError> {
        self.set(
            "stage = ?, miss = NULL, reason = NULL",
            params![Stage::Fetched.name()],
        )
    }

    fn bind(&self, to: Commitment) -> Result<(), StoreError> {
        self.set(
            "model_id = ?, inputs_digest = ?, last_close_e8 = ?, class = ?",
            params![
                to.model_id.as_slice(),
                to.inputs_digest.as_slice(),
                to.last_close,
                to.class
            ],
        )
    }

    fn advance(&self, known: Option<Progress>, next: Stage) -> Result<(), StoreError> {
        match known {
            Some(known) if known.stage.precedes(next) => {
                self.set("stage = ?", params![next.name()])
            }
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

    /// Sets columns of this round; `values` are those of `columns`, in order.
    fn set(&self, columns: &str, values: &[&dyn ToSql]) -> Result<(), StoreError> {
        let key: [&dyn ToSql; 2] = [&self.oracle, &self.key];
        let values: Vec<_> = values.iter().copied().chain(key).collect();
        self.execute(
            &format!("UPDATE rounds SET {columns} WHERE oracle = ? AND close_time = ?"),
            values.as_slice(),
        )
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

/// A row of [`COLUMNS`].
fn progress(row: &rusqlite::Row<'_>) -> Result<Progress, rusqlite::Error> {
    let unreadable = |column, error: String| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.into())
    };
    let stage: String = row.get(1)?;
    let digest = row.get::<_, Option<[u8; 32]>>(3)?;
    let commitment = digest
        .map(|digest| {
            Ok::<_, rusqlite::Error>(Commitment {
                model_id: FixedBytes(row.get(2)?),
                inputs_digest: B256::from(digest),
                last_close: row.get(4)?,
                class: row.get(5)?,
            })
        })
        .transpose()?;
    let logits = row.get::<_, Option<String>>(7)?.unwrap_or_default();
    let logits = logits
        .split(',')
        .filter(|one| !one.is_empty())
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|error: std::num::ParseIntError| unreadable(7, error.to_string()))?;
    let code: Option<String> = row.get(11)?;
    let reason: Option<String> = row.get(12)?;
    Ok(Progress {
        close_time: row.get(0)?,
        stage: stage.parse().map_err(|error| unreadable(1, error))?,
        commitment,
        transaction: row.get::<_, Option<[u8; 32]>>(6)?.map(B256::from),
        logits,
        prove_ms: row.get(8)?,
        round: row.get(9)?,
        gas: row.get(10)?,
        miss: code.map(|code| Miss {
            code,
            reason: reason.unwrap_or_default(),
        }),
    })
}
