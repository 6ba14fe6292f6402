//! Reference strings by size, each read once.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use tokio::runtime::Handle;
use veriregime_circuits::{Error, srs::Srs};

use crate::{project, reference_string};

/// Reference strings by size.
#[derive(Debug)]
pub struct Points {
    given: Option<PathBuf>,
    runtime: Handle,
    read: Mutex<BTreeMap<u32, Srs>>,
}

impl Points {
    /// From a ceremony file or folder, or as [`reference_string::locate`] finds them. `runtime` does
    /// the download.
    pub fn new(given: Option<PathBuf>, runtime: Handle) -> Self {
        Self {
            given,
            runtime,
            read: Mutex::new(BTreeMap::new()),
        }
    }

    /// Those of circuits with 2^k rows. Blocks: call it off the async threads.
    ///
    /// # Errors
    /// As [`reference_string::locate`].
    pub fn of(&self, k: u32) -> Result<Srs, Error> {
        // The lock is held while reading, so that two proofs of one size read once.
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(srs) = read.get(&k) {
            return Ok(srs.clone());
        }
        let cache = project::cache();
        let locate = reference_string::locate(self.given.as_deref(), k, &cache);
        let srs = self.runtime.block_on(locate)?;
        read.insert(k, srs.clone());
        Ok(srs)
    }
}
