//! Options of the commands that prove networks: backends, queues, inputs.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use clap::Args;
use tokio::runtime::Handle;

use crate::{
    backend::{Backends, Ezkl, Input, Points, Sheet},
    farm::{NatsQueue, NatsSettings},
    project,
    usage::Usage,
};

/// Provers and what they may use.
#[derive(Debug, Clone, Args)]
pub(super) struct BackendOptions {
    /// Ceremony file, or folder that holds it; default: the cache, then the public mirror, then a development SRS.
    #[arg(long, env = "VERIREGIME_SRS", value_name = "PATH")]
    srs: Option<PathBuf>,
    /// Memory for tables that make proving faster, in MiB for each key; 0 for none.
    #[arg(long, default_value_t = 64, value_name = "MIB")]
    table_memory: usize,
    /// Memory for keys, in MiB: the least recently used go first.
    #[arg(long, default_value_t = 4_096, value_name = "MIB")]
    key_memory: u64,
    /// Python of an environment with the package ezkl, for jobs of that backend.
    #[arg(
        long,
        env = "VERIREGIME_EZKL_PYTHON",
        default_value = "python3",
        value_name = "PROGRAM"
    )]
    ezkl_python: PathBuf,
}

impl BackendOptions {
    /// Reference strings as the options say.
    pub(super) fn points(&self) -> Arc<Points> {
        Arc::new(Points::new(self.srs.clone(), Handle::current()))
    }

    /// Every backend.
    pub(super) fn backends(&self) -> Backends {
        let sheet = Sheet::new(
            self.points(),
            self.key_memory << 20,
            self.table_memory << 20,
        );
        let ezkl = Ezkl::new(self.ezkl_python.clone(), std::env::temp_dir());
        Backends::new(vec![Arc::new(sheet), Arc::new(ezkl)])
    }

    /// The options that give another process the same backends.
    pub(super) fn arguments(&self) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = vec![
            "--table-memory".into(),
            self.table_memory.to_string().into(),
            "--key-memory".into(),
            self.key_memory.to_string().into(),
            "--ezkl-python".into(),
            self.ezkl_python.clone().into(),
        ];
        if let Some(srs) = &self.srs {
            arguments.extend(["--srs".into(), srs.into()]);
        }
        arguments
    }
}

/// A queue and how patient it is.
#[derive(Debug, Clone, Args)]
pub(super) struct QueueOptions {
    /// NATS server with JetStream, for example nats://host:4222.
    #[arg(
        long,
        env = "VERIREGIME_NATS",
        value_name = "URL",
        hide_env_values = true
    )]
    nats: Option<String>,
    /// Name of the queue on the server.
    #[arg(long, default_value = "veriregime", value_name = "NAME")]
    queue: String,
    /// A worker that is not heard of for so long has lost its job. On a server the first to come decides.
    #[arg(long, default_value_t = 30, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    patience: u64,
    /// A job is given up after so many attempts.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    attempts: u32,
}

impl QueueOptions {
    pub(super) fn attempts(&self) -> u32 {
        self.attempts
    }

    pub(super) fn patience(&self) -> Duration {
        Duration::from_secs(self.patience)
    }

    /// The queue on the server, if one is named.
    pub(super) async fn connect(&self) -> Result<Option<NatsQueue>> {
        let Some(url) = &self.nats else {
            return Ok(None);
        };
        let settings = NatsSettings {
            url: url.clone(),
            name: self.queue.clone(),
            patience: self.patience(),
        };
        Ok(Some(NatsQueue::connect(&settings).await?))
    }
}

/// Where workers keep networks' files.
pub(super) fn files() -> PathBuf {
    project::cache().join("farm")
}

/// A worker's name: the machine's and the process's.
pub(super) fn worker_name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = match host.trim() {
        "" => "host",
        host => host,
    };
    format!("{host}-{}", std::process::id())
}

/// Windows from a JSON file: an array of arrays of numbers, or one such array.
pub(super) fn windows(path: &Path) -> Result<Vec<Input>> {
    let text = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    let one = serde_json::from_slice::<Input>(&text).map(|input| vec![input]);
    let windows = one
        .or_else(|_| serde_json::from_slice::<Vec<Input>>(&text))
        .with_context(|| {
            format!(
                "{}: want an array of inputs, each an array of numbers",
                path.display()
            )
        })?;
    if windows.is_empty() || windows.iter().any(Input::is_empty) {
        return Err(Usage::new(format!(
            "{} holds no input, or an empty one",
            path.display()
        ))
        .into());
    }
    Ok(windows)
}
