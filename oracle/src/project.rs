//! Where things lie on this machine: the project's folders, the Foundry tools, the cache.

use std::path::{Path, PathBuf};

/// A checkout of the project.
#[derive(Debug, Clone)]
pub struct Project {
    root: PathBuf,
}

/// Something of the project is not where it should be.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// No checkout around.
    #[error(
        "{0} is not inside a VeriRegime checkout (no foundry.toml above it): run there or give --root"
    )]
    Root(PathBuf),
    /// A Foundry tool is missing.
    #[error(
        "{tool} not found in {node_modules}: run `npm ci` in the checkout, or give the folder that holds it with VERIREGIME_FOUNDRY"
    )]
    Tool {
        /// `anvil` or `forge`.
        tool: &'static str,
        /// Where it was looked for.
        node_modules: PathBuf,
    },
}

impl Project {
    /// The checkout at `root`, or the one around the current folder.
    pub fn find(root: Option<&Path>) -> Result<Self, ProjectError> {
        let start = match root {
            Some(root) => root.to_owned(),
            None => std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
        };
        start
            .ancestors()
            .find(|folder| folder.join("foundry.toml").is_file())
            .map(|folder| Self {
                root: folder.to_owned(),
            })
            .ok_or(ProjectError::Root(start.clone()))
    }

    /// The checkout's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The shipped models.
    pub fn models(&self) -> PathBuf {
        self.root.join("models")
    }

    /// The generated verifiers.
    pub fn verifiers(&self) -> PathBuf {
        self.root.join("contracts/verifiers")
    }

    /// A Foundry program: the native binary npm installed, not its JavaScript wrapper, so that killing it ends it.
    pub fn foundry(&self, tool: &'static str) -> Result<PathBuf, ProjectError> {
        if let Some(folder) = std::env::var_os("VERIREGIME_FOUNDRY") {
            return Ok(Path::new(&folder).join(tool));
        }
        let node_modules = self.root.join("node_modules/@foundry-rs");
        let prefix = format!("{tool}-");
        std::fs::read_dir(&node_modules)
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| {
                path.file_name()
                    .and_then(|name| name.to_str())
                    .is_some_and(|name| name.starts_with(&prefix))
            })
            .map(|path| path.join("bin").join(tool))
            .find(|program| program.is_file())
            .ok_or(ProjectError::Tool { tool, node_modules })
    }
}

/// Where keys and the checked SRS are kept: `VERIREGIME_CACHE`, else `$XDG_CACHE_HOME/veriregime`, else
/// `~/.cache/veriregime`.
pub fn cache() -> PathBuf {
    let from = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    from("VERIREGIME_CACHE").unwrap_or_else(|| {
        from("XDG_CACHE_HOME")
            .or_else(|| from("HOME").map(|home| home.join(".cache")))
            .unwrap_or_else(std::env::temp_dir)
            .join("veriregime")
    })
}
