//! Networks' files on a worker's disk, by digest.

use std::{io::ErrorKind, path::PathBuf, sync::Arc};

use super::{Digest, FarmError, Queue};

/// Networks' files on this machine's disk, by digest; fetched from the queue once.
#[derive(Debug, Clone)]
pub struct Files {
    folder: PathBuf,
}

impl Files {
    /// Below this folder, which is made when it is needed.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// A file, from the disk or else from the queue.
    ///
    /// # Errors
    /// As [`Queue::fetch`]; a disk that fails is no reason to.
    pub async fn get(&self, queue: &impl Queue, digest: Digest) -> Result<Arc<[u8]>, FarmError> {
        let path = self.folder.join(digest.to_string());
        match tokio::fs::read(&path).await {
            Ok(bytes) if Digest::of(&bytes) == digest => return Ok(bytes.into()),
            Ok(_) => {
                tracing::warn!(code = "farm.file", file = %digest, "damaged on disk: fetched anew");
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => tracing::debug!(%error, "a network's file is not on disk"),
        }
        let file = queue.fetch(digest).await?;
        if let Err(error) = self.keep(&path, &file).await {
            tracing::debug!(%error, "a network's file is not kept on disk");
        }
        Ok(file)
    }

    /// Under a name of its own first, so that nobody reads half a file.
    async fn keep(&self, path: &std::path::Path, file: &[u8]) -> std::io::Result<()> {
        tokio::fs::create_dir_all(&self.folder).await?;
        let part = path.with_extension(format!("part-{}", std::process::id()));
        tokio::fs::write(&part, file).await?;
        tokio::fs::rename(&part, path).await
    }
}
