//! Attestor nodes as child processes of their own: the same binary, its own key, its own store, its own candles.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use alloy::primitives::Address;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::{exchange::SourceKind, key_file, statement::OracleId};

/// First line an attestor prints on its standard output.
#[derive(Debug, Serialize, Deserialize)]
pub struct Listening {
    /// Where it answers.
    pub url: String,
    /// Who it signs as.
    pub signer: Address,
    /// Where its candles come from.
    pub source: SourceKind,
}

/// One attestor's files; the process is started later, when the oracle's address is known.
pub struct AttestorFiles {
    key: PathBuf,
    password: PathBuf,
    store: PathBuf,
    log: PathBuf,
    /// Its address.
    pub address: Address,
}

/// A running attestor; killed when dropped, and gone by itself when the parent's end of its input closes.
pub struct AttestorProcess {
    /// Where it answers.
    pub url: String,
    _child: Child,
}

/// What every attestor of a demonstration is told.
pub struct AttestorPlan<'a> {
    /// The oracle to sign for.
    pub oracle: OracleId,
    /// The model folder (for the feature scale).
    pub model: &'a Path,
    /// The options that say where candles come from.
    pub candles: &'a [OsString],
}

impl AttestorFiles {
    /// Makes a key and the file names of attestor `number`.
    pub fn create(folder: &Path, number: usize) -> Result<Self> {
        let file = |ending: &str| folder.join(format!("attestor-{number}.{ending}"));
        let (key, password) = (file("key"), file("password"));
        key_file::write_secret(&password, &hex::encode(rand::random::<[u8; 24]>()))?;
        let address = key_file::create(&key, &password)?;
        Ok(Self {
            key,
            password,
            store: file("sqlite"),
            log: file("log"),
            address,
        })
    }

    /// Starts the node and waits until it listens.
    pub async fn start(&self, plan: &AttestorPlan<'_>) -> Result<AttestorProcess> {
        let log = std::fs::File::create(&self.log)
            .with_context(|| format!("creating {}", self.log.display()))?;
        let mut command = Command::new(std::env::current_exe().context("finding this program")?);
        command
            .args(["attest", "--listen", "127.0.0.1:0", "--with-parent"])
            .arg("--key")
            .arg(&self.key)
            .arg("--password-file")
            .arg(&self.password)
            .arg("--store")
            .arg(&self.store)
            .arg("--model")
            .arg(plan.model)
            .args(["--chain-id", &plan.oracle.chain_id.to_string()])
            .args(["--oracle", &plan.oracle.address.to_string()])
            .args(plan.candles);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context("starting an attestor")?;
        let output = child.stdout.take().context("an attestor without output")?;
        let mut line = String::new();
        let mut output = BufReader::new(output);
        let read =
            tokio::time::timeout(Duration::from_secs(120), output.read_line(&mut line)).await;
        if !matches!(read, Ok(Ok(1..))) {
            bail!(
                "attestor {} did not start; its log is {}",
                self.address,
                self.log.display()
            );
        }
        let listening: Listening =
            serde_json::from_str(&line).context("reading an attestor's first line")?;
        Ok(AttestorProcess {
            url: listening.url,
            _child: child,
        })
    }
}
