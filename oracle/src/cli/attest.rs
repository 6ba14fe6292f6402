//! `veriregime attest`: an attestor node.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use anyhow::{Context, Result};
use clap::Args;

use super::{
    Ending,
    options::{self, KeyOptions, ModelOptions, OracleOptions, SourceOptions},
};
use crate::{
    attestor::{Attestor, AttestorGuard, serve},
    demo::Listening,
};

/// Run an attestor node: it recomputes windows from its own candles and signs their digests.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veriregime attest --listen 127.0.0.1:8787 --deployment deployments/31337.json --key attestor.key \\\n      --password-file attestor.password --store attestor.sqlite --data ../shared/data\n\nThe first line on standard output is JSON: url, signer, source. The store is the node's memory of what it has signed: back it up, never share it."
)]
pub(super) struct Attest {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    /// Memory of everything signed (SQLite). One per oracle: the windows of two models differ, and a store vouches for one
    /// digest per close time.
    #[arg(long, default_value = "attestor.sqlite")]
    store: PathBuf,
    /// End when standard input closes: for a parent process that must not leave nodes behind.
    #[arg(long, hide = true)]
    with_parent: bool,
    #[command(flatten)]
    key: KeyOptions,
    #[command(flatten)]
    oracle: OracleOptions,
    #[command(flatten)]
    model: ModelOptions,
    #[command(flatten)]
    source: SourceOptions,
}

impl Attest {
    pub(super) async fn run(self) -> Result<Ending> {
        let oracle = self.oracle.oracle()?;
        let key = self.key.open()?;
        let guard = AttestorGuard::open(&self.store)?;
        let model = self.model.model()?;
        let source = self.source.source(options::market(&model)?).await?;
        let kind = source.kind();
        let attestor = Arc::new(Attestor::new(
            source,
            model.manifest.scale,
            oracle,
            key,
            guard,
        ));
        let listener = tokio::net::TcpListener::bind(self.listen)
            .await
            .with_context(|| {
                format!(
                    "listening on {}: is the port in use? choose another --listen",
                    self.listen
                )
            })?;
        let url = format!("http://{}", listener.local_addr()?);
        let listening = Listening {
            url,
            signer: attestor.address(),
            source: kind,
        };
        println!("{}", serde_json::to_string(&listening)?);
        let stop = parent_gone(self.with_parent);
        serve(attestor, listener, stop).await.context("serving")?;
        Ok(Ending::Holds)
    }
}

/// Resolves when standard input closes; never, if nobody watches.
async fn parent_gone(watch: bool) {
    if !watch {
        return std::future::pending().await;
    }
    let (tell, told) = tokio::sync::oneshot::channel();
    // A thread of its own: a blocked read must not hold the runtime back when the program ends.
    std::thread::spawn(move || {
        let read = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        tracing::debug!(?read, "standard input closed");
        let _ = tell.send(());
    });
    let _ = told.await;
}
