//! `veriregime run`: the node as a service.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{Ending, interrupted};
use crate::{config::Config, daemon::Daemon};

/// Run the node: publish every window's signal for the oracles of a configuration file until it is stopped.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  veriregime run --config veriregime.toml\n  curl http://127.0.0.1:8790/ready\n\nThe first line on standard output is JSON: url, address, version. SIGTERM or Ctrl-C stops it with exit code 0; what was in\nprogress is taken up by the next run. A second signal ends it at once."
)]
pub(super) struct Run {
    /// Configuration file, written by `veriregime init`.
    #[arg(long, env = "VERIREGIME_CONFIG", default_value = "veriregime.toml")]
    config: PathBuf,
}

impl Run {
    pub(super) async fn run(self) -> Result<Ending> {
        let config = Config::read(&self.config)?;
        let stop = CancellationToken::new();
        let asked = stop.clone();
        let daemon = tokio::select! {
            daemon = Daemon::start(config) => daemon?,
            _ = interrupted() => return Ok(Ending::Holds),
        };
        tokio::spawn(async move {
            let signal = interrupted().await;
            tracing::info!(code = "node.signal", signal, "asked to stop");
            asked.cancel();
            interrupted().await;
            std::process::exit(130);
        });
        let first = json!({ "url": daemon.url(), "address": daemon.address(), "version": env!("CARGO_PKG_VERSION") });
        println!("{first}");
        daemon.run(stop).await?;
        Ok(Ending::Holds)
    }
}
