//! What is wrong with a configuration.

use std::path::PathBuf;

/// A configuration that nothing can be started with.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: {source}: name the file with --config, or write one with `veriregime init`")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Not TOML, an unknown key, a value of the wrong type.
    #[error("{path}: {source}")]
    Toml {
        /// The file.
        path: PathBuf,
        /// Line, column and reason.
        source: Box<toml::de::Error>,
    },
    /// A value that cannot be used.
    #[error("{path}: {key}: {reason}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The key, such as `chain.rpc`, or the environment variable that replaced it.
        key: String,
        /// What is wrong and what to do.
        reason: String,
    },
}
