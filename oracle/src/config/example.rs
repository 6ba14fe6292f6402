//! Writing the commented example for somebody to edit.

use std::{
    fs::{self, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::EXAMPLE;

/// Why no example was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// There is a file already.
    #[error("{0} exists already and is not overwritten: choose another --out")]
    Exists(PathBuf),
    /// It cannot be written.
    #[error("{path}: {source}: name a file in a folder that may be written")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// Writes [`EXAMPLE`], readable for everybody; never over a file.
///
/// # Errors
/// [`WriteError`].
pub fn write_example(path: &Path) -> Result<(), WriteError> {
    let failed = |source: io::Error| match source.kind() {
        ErrorKind::AlreadyExists => WriteError::Exists(path.into()),
        _ => WriteError::Io {
            path: path.into(),
            source,
        },
    };
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(failed)?;
    file.write_all(EXAMPLE.as_bytes()).map_err(failed)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).map_err(failed)
}
