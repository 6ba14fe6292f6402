//! The data folder: one market, one download at a time.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use super::DownloadError;

/// A folder locked for one download; the lock ends with the value, also when the process is killed.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    pub(super) fn lock(path: &Path, market: &str) -> Result<Self, DownloadError> {
        let refuse = |source| DownloadError::Folder {
            path: path.into(),
            source,
        };
        fs::create_dir_all(path).map_err(refuse)?;
        let lock = File::open(path).map_err(refuse)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(DownloadError::Locked { path: path.into() });
            }
            Err(TryLockError::Error(source)) => return Err(refuse(source)),
        }
        if let Some(file) = foreign(path, market).map_err(refuse)? {
            return Err(DownloadError::Foreign { path: file });
        }
        Ok(Self {
            path: path.into(),
            _lock: lock,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// A candle file of another market, whose funding file would be mixed up with ours, or one that readers would prefer.
fn foreign(folder: &Path, market: &str) -> io::Result<Option<PathBuf>> {
    let ours = format!("{market}_1m.csv.");
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.contains("_1m.csv") && !name.starts_with(&ours) {
            return Ok(Some(entry.path()));
        }
    }
    Ok(None)
}
