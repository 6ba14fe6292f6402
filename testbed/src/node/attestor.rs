//! An attestor: a process of its own behind a proxy of its own.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use alloy::primitives::Address;
use anyhow::{Context, Result, bail};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};
use veriregime::{demo::Listening, key_file, statement::OracleId};

use super::{HANG, Log, program};
use crate::{
    clock::Clock,
    exchange::{Market, Replay},
    front::Front,
    proxy::AttestProxy,
};

/// An attestor's files, its process while it runs, and what stands before it.
#[derive(Debug)]
pub struct AttestorNode {
    /// Its address.
    pub address: Address,
    /// Where the daemon asks, through the proxy.
    pub front: Front<AttestProxy>,
    /// Its own exchange: what it sees of the market.
    pub exchange: Front<Replay>,
    /// Its memory of what it signed.
    pub store: PathBuf,
    /// Its log.
    pub log: Log,
    key: PathBuf,
    password: PathBuf,
    life: u32,
    process: Option<Child>,
}

impl AttestorNode {
    /// Makes a key; no process yet.
    ///
    /// # Errors
    /// When the files cannot be written.
    pub async fn create(
        folder: &Path,
        number: usize,
        market: &Market,
        clock: &Clock,
    ) -> Result<Self> {
        let file = |ending: &str| folder.join(format!("attestor-{number}.{ending}"));
        let (key, password) = (file("key"), file("password"));
        key_file::write_secret(&password, &format!("attestor {number}"))?;
        Ok(Self {
            address: key_file::create(&key, &password)?,
            front: Front::start(AttestProxy::new()?).await?,
            exchange: Front::start(Replay::new(market.clone(), clock.clone())).await?,
            store: file("sqlite"),
            log: Log::new(),
            key,
            password,
            life: 0,
            process: None,
        })
    }

    /// Starts the process.
    ///
    /// # Errors
    /// When it does not begin to listen.
    pub async fn start(&mut self, oracle: &OracleId, model: &Path) -> Result<()> {
        self.life += 1;
        let exchange = &self.exchange.url;
        let mut child = Command::new(program()?)
            .args(["attest", "--listen", "127.0.0.1:0", "--with-parent"])
            .arg("--key")
            .arg(&self.key)
            .arg("--password-file")
            .arg(&self.password)
            .arg("--store")
            .arg(&self.store)
            .arg("--model")
            .arg(model)
            .args(["--chain-id", &oracle.chain_id.to_string()])
            .args(["--oracle", &oracle.address.to_string()])
            .args(["--exchange", "binance"])
            .args(["--exchange-url", &format!("binance={exchange}")])
            .env_remove("RUST_LOG")
            .env_remove("VERIREGIME_DATA")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("starting an attestor")?;
        let (output, errors) = (child.stdout.take(), child.stderr.take());
        let (output, errors) = output.zip(errors).context("an attestor without output")?;
        self.log.follow(errors, self.life);
        let mut lines = BufReader::new(output).lines();
        let first = tokio::time::timeout(HANG, lines.next_line()).await;
        let Some(first) = first.context("an attestor says nothing")?? else {
            bail!(
                "attestor {} did not start:\n{}",
                self.address,
                self.log.tail(6)
            );
        };
        let listening: Listening =
            serde_json::from_str(&first).context("an attestor's first line")?;
        self.front.service.lead_to(Some(listening.url));
        self.process = Some(child);
        Ok(())
    }

    /// `kill -9`; nothing happens if it does not run.
    ///
    /// # Errors
    /// When the process cannot be waited for.
    pub async fn kill(&mut self) -> Result<()> {
        self.front.service.lead_to(None);
        if let Some(mut process) = self.process.take() {
            process.kill().await.context("killing an attestor")?;
        }
        Ok(())
    }

    /// Whether a process is there.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.process.is_some()
    }
}
