//! The secret of a private model, and how many proofs have been made with it.
//!
//! One file holds both, because one without the other is worthless: filler rows hide the weights for a fixed number of
//! proofs (docs/privacy.md). Every proof is counted on disk before it is made; past the number, none is made.

use std::{
    fs::{self, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use rand::RngCore;
use rusqlite::{Connection, TransactionBehavior};
use veriregime_circuits::tape::Filler;

use crate::{
    key_file::{self, KeyError},
    store::open_database,
};

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS filler (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seed BLOB NOT NULL CHECK (length(seed) = 32),
    proofs INTEGER NOT NULL CHECK (proofs > 0),
    made INTEGER NOT NULL DEFAULT 0 CHECK (made BETWEEN 0 AND proofs)
)";

/// A filler with its counter.
#[derive(Debug)]
pub struct FillerFile {
    database: Mutex<Connection>,
    path: PathBuf,
    filler: Filler,
}

/// Why a private model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FillerError {
    /// Unreadable, exposed or existing file.
    #[error(transparent)]
    File(#[from] KeyError),
    /// The database fails.
    #[error(
        "{path}: {source}: restore the file, or make a new one with `veriregime keys filler` (a new verifying key)"
    )]
    Database {
        /// The file.
        path: PathBuf,
        /// The database's reason.
        source: rusqlite::Error,
    },
    /// All proofs are made.
    #[error(
        "{path}: all {proofs} proofs that hide this key's weights are made: make a new filler with `veriregime keys filler` and route its verifier"
    )]
    Exhausted {
        /// The file.
        path: PathBuf,
        /// Proofs that the filler was made for.
        proofs: u32,
    },
}

impl FillerFile {
    /// Makes a random secret for a number of proofs, with mode 600; never overwrites a file.
    ///
    /// # Errors
    /// [`FillerError::File`] if the file exists or cannot be written.
    pub fn create(path: &Path, proofs: u32) -> Result<Self, FillerError> {
        if path.exists() {
            return Err(KeyError::Exists(path.into()).into());
        }
        let io = |source| KeyError::Io {
            path: path.into(),
            source,
        };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(io)?;
        }
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(io)?;
        let database = |source| FillerError::Database {
            path: path.into(),
            source,
        };
        let connection = open_database(path, SCHEMA).map_err(database)?;
        let mut seed = [0u8; 32];
        rand::rngs::OsRng.fill_bytes(&mut seed);
        connection
            .execute(
                "INSERT INTO filler (id, seed, proofs) VALUES (1, ?1, ?2)",
                (seed, proofs),
            )
            .map_err(database)?;
        drop(connection);
        Self::open(path)
    }

    /// Opens a file that [`Self::create`] made.
    ///
    /// # Errors
    /// [`FillerError::File`] if others could read it, [`FillerError::Database`] if it is none.
    pub fn open(path: &Path) -> Result<Self, FillerError> {
        key_file::closed(path)?;
        let database = |source| FillerError::Database {
            path: path.into(),
            source,
        };
        let connection = open_database(path, SCHEMA).map_err(database)?;
        let (seed, proofs): ([u8; 32], u32) = connection
            .query_row("SELECT seed, proofs FROM filler", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .map_err(database)?;
        Ok(Self {
            database: Mutex::new(connection),
            path: path.into(),
            filler: Filler::new(seed, proofs as usize),
        })
    }

    /// The filler for the layout.
    pub fn filler(&self) -> &Filler {
        &self.filler
    }

    /// Counts one proof, on disk, before it is made; the number of proofs left after it.
    ///
    /// # Errors
    /// [`FillerError::Exhausted`] when there is none left.
    pub fn count(&self) -> Result<u32, FillerError> {
        let database = |source| FillerError::Database {
            path: self.path.clone(),
            source,
        };
        let mut connection = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(database)?;
        let (proofs, made): (u32, u32) = transaction
            .query_row("SELECT proofs, made FROM filler", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .map_err(database)?;
        if made >= proofs {
            return Err(FillerError::Exhausted {
                path: self.path.clone(),
                proofs,
            });
        }
        transaction
            .execute("UPDATE filler SET made = made + 1", [])
            .map_err(database)?;
        transaction.commit().map_err(database)?;
        Ok(proofs - made - 1)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "test")]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn count_refuses_past_the_number_also_after_reopening() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.filler");
        let made = FillerFile::create(&path, 3).unwrap();
        assert_eq!(made.count().unwrap(), 2);
        drop(made);
        // Two processes share the count.
        let (a, b) = (
            FillerFile::open(&path).unwrap(),
            FillerFile::open(&path).unwrap(),
        );
        assert_eq!(a.filler().to_string(), b.filler().to_string());
        assert_eq!(a.count().unwrap(), 1);
        assert_eq!(b.count().unwrap(), 0);
        for file in [a, b, FillerFile::open(&path).unwrap()] {
            let error = file.count().unwrap_err().to_string();
            assert!(error.contains("all 3 proofs"), "{error}");
        }
    }

    #[test]
    fn open_refuses_exposed_missing_and_foreign_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.filler");
        assert!(FillerFile::open(&path).is_err());
        FillerFile::create(&path, 1).unwrap();
        assert!(matches!(
            FillerFile::create(&path, 1),
            Err(FillerError::File(KeyError::Exists(_)))
        ));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(
            FillerFile::open(&path),
            Err(FillerError::File(KeyError::Exposed { .. }))
        ));
        let foreign = folder.path().join("foreign");
        fs::write(&foreign, "no database").unwrap();
        fs::set_permissions(&foreign, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(matches!(
            FillerFile::open(&foreign),
            Err(FillerError::Database { .. })
        ));
    }
}
