//! The folder in which the steps of the experiment leave files for each other.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use veriregime_features::labels::Question;

use super::Configuration;
use crate::{Error, report};

/// The folder: one below it for each question, one for each configuration.
#[derive(Clone, Debug)]
pub struct Work(PathBuf);

impl Work {
    /// A folder, which is made when something is written.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// What is known of a question's teacher.
    #[must_use]
    pub fn question(&self, question: Question) -> PathBuf {
        self.0.join(name(question))
    }

    /// What is known of a configuration.
    #[must_use]
    pub fn configuration(&self, configuration: Configuration) -> PathBuf {
        self.0.join(configuration.name())
    }
}

/// The question in names of folders and configurations.
#[must_use]
pub fn name(question: Question) -> &'static str {
    match question {
        Question::Signal => "signal",
        Question::Regime => "regime",
    }
}

/// Writes a file, and the folder it lies in.
///
/// # Errors
/// [`Error::Io`] naming it.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let io = |source| Error::Io {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(io)?;
    }
    fs::write(path, bytes).map_err(io)
}

/// Writes a file of numbers.
///
/// # Errors
/// [`Error::Io`] or [`Error::Json`] naming it.
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Error> {
    write(path, b"")?;
    report::json(path, value)
}

/// Reads a file of numbers.
///
/// # Errors
/// [`Error::Io`] or [`Error::Json`] naming it.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let bytes = fs::read(path).map_err(|source| Error::Io {
        path: path.to_owned(),
        source,
    })?;
    serde_json::from_slice(&bytes).map_err(|source| Error::Json {
        path: path.to_owned(),
        source,
    })
}
