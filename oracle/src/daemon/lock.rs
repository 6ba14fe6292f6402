//! One running node per store, and per key on one machine: a lock that the system takes back when the process ends,
//! however it ends.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
};

use alloy::primitives::Address;

use crate::project;

/// Held for as long as the node runs.
#[derive(Debug)]
pub struct InstanceLock {
    _file: File,
}

/// Another node runs, or the lock cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody holds it.
    #[error(
        "{path} is held by process {holder}: a node already runs with this store or key; stop it first"
    )]
    Held {
        /// The lock file.
        path: PathBuf,
        /// What the holder wrote into it.
        holder: String,
    },
    /// The file cannot be used.
    #[error("{path}: {source}: check the folder's permissions")]
    Io {
        /// The lock file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

impl InstanceLock {
    /// Takes the lock beside a store.
    pub fn of_store(store: &Path) -> Result<Self, LockError> {
        let mut name = store.as_os_str().to_owned();
        name.push(".lock");
        Self::take(Path::new(&name))
    }

    /// Takes the lock of a key on a chain: two nodes with one key would take each other's nonces.
    pub fn of_key(chain_id: u64, key: Address) -> Result<Self, LockError> {
        let name = format!("locks/{chain_id}-{key}.lock");
        Self::take(&project::cache().join(name))
    }

    fn take(path: &Path) -> Result<Self, LockError> {
        let failed = |source| LockError::Io {
            path: path.into(),
            source,
        };
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder).map_err(failed)?;
                return Err(LockError::Held {
                    path: path.into(),
                    holder: holder.trim().to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        file.set_len(0).map_err(failed)?;
        file.rewind().map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_refused_and_told_who_the_first_is() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("deeper/rounds.sqlite");
        let first = InstanceLock::of_store(&store).unwrap();
        let refused = InstanceLock::of_store(&store).unwrap_err();
        assert!(
            matches!(&refused, LockError::Held { holder, .. } if *holder == std::process::id().to_string()),
            "{refused}"
        );
        drop(first);
        InstanceLock::of_store(&store).unwrap();
    }
}
