//! The daemon's configuration: one TOML file, every key checked before anything starts.
//!
//! ```text
//! veriregime.toml ── parse (unknown keys refused) ── environment overrides ── relative paths ── Config
//! ```
//! Secrets are never in the file: it names the files that hold them. [`EXAMPLE`] is the file that `veriregime init`
//! writes, with every key and its default.

mod environment;
mod error;
mod example;
mod tables;

use std::path::{Path, PathBuf};

use serde::Deserialize;

pub use environment::OVERRIDES;
pub use error::ConfigError;
pub use example::{WriteError, write_example};
pub use tables::{CatchUp, Chain, Dashboard, Key, Node, Oracle};

use crate::exchange::SourceSettings;

/// The commented example, with every key and its default.
pub const EXAMPLE: &str = include_str!("veriregime.example.toml");

/// Everything `veriregime run` is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The node itself.
    #[serde(default)]
    pub node: Node,
    /// Where candles come from.
    #[serde(default)]
    pub candles: SourceSettings,
    /// The way to the chain.
    #[serde(default)]
    pub chain: Chain,
    /// The submitting key.
    #[serde(default)]
    pub key: Key,
    /// The oracles served, one table each.
    #[serde(default, rename = "oracle")]
    pub oracles: Vec<Oracle>,
    /// What a browser is told.
    #[serde(default)]
    pub dashboard: Dashboard,
}

impl Config {
    /// Reads the file, applies [`OVERRIDES`] from the environment and resolves relative paths against the file's folder.
    ///
    /// # Errors
    /// [`ConfigError`] naming the file and the key, with the remedy.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        Self::read_with(path, |name| std::env::var(name).ok())
    }

    /// The same with another environment.
    pub fn read_with(
        path: &Path,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Io {
            path: path.into(),
            source,
        })?;
        let mut config: Self = toml::from_str(&text).map_err(|source| ConfigError::Toml {
            path: path.into(),
            source: Box::new(source),
        })?;
        let invalid = |key: &str, reason: String| ConfigError::Invalid {
            path: path.into(),
            key: key.into(),
            reason,
        };
        // Paths in the file are meant beside the file, those in the environment beside the working folder.
        config.resolve(path.parent().unwrap_or(Path::new("")));
        environment::apply(&mut config, environment)
            .map_err(|(key, reason)| invalid(&key, reason))?;
        config
            .check()
            .map_err(|(key, reason)| invalid(&key, reason))?;
        Ok(config)
    }

    /// What a browser may read the chain from: what the file says, else the first RPC if that is on this machine and nothing
    /// but host and port. Another one may hold an access token and is not given away.
    pub fn dashboard_rpc(&self) -> Option<String> {
        let local = |url: &&String| {
            reqwest::Url::parse(url).is_ok_and(|url| {
                let bare = url.path() == "/"
                    && url.query().is_none()
                    && url.username().is_empty()
                    && url.password().is_none();
                bare && matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
            })
        };
        let first = || self.chain.rpc.first().filter(local).cloned();
        self.dashboard.rpc.clone().or_else(first)
    }

    fn resolve(&mut self, folder: &Path) {
        let beside = |path: &mut PathBuf| {
            if path.is_relative() && !path.as_os_str().is_empty() {
                *path = folder.join(&*path);
            }
        };
        beside(&mut self.node.store);
        self.node.srs.iter_mut().for_each(beside);
        self.candles.data.iter_mut().for_each(beside);
        beside(&mut self.key.file);
        beside(&mut self.key.password_file);
        for oracle in &mut self.oracles {
            beside(&mut oracle.deployment);
            oracle.filler.iter_mut().for_each(beside);
            // A model may be a name below models/ instead of a folder.
            if folder.join(&oracle.model).is_dir() {
                beside(&mut oracle.model);
            }
        }
    }

    fn check(&self) -> Result<(), (String, String)> {
        self.node.check()?;
        self.candles
            .check()
            .map_err(|error| ("candles".to_owned(), error.to_string()))?;
        self.chain.check()?;
        self.key.check()?;
        if self.oracles.is_empty() {
            let reason =
                "no oracle to serve: add an [[oracle]] table with name, model and deployment";
            return Err(("oracle".into(), reason.into()));
        }
        for (index, oracle) in self.oracles.iter().enumerate() {
            oracle.check(index)?;
            if self
                .oracles
                .iter()
                .take(index)
                .any(|other| other.name == oracle.name)
            {
                let reason = format!(
                    "`{}` is used twice: every oracle needs a name of its own",
                    oracle.name
                );
                return Err((format!("oracle[{index}].name"), reason));
            }
        }
        Ok(())
    }
}
