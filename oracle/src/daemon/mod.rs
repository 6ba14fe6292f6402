//! The node as a service: one process, several oracles, keys and provers in memory.
//!
//! ```text
//! Config ─> Daemon::start ─┬─ Service (one per oracle): clock ─> due ─> Publisher ─> store, chain
//!        locks, key, keys  ├─ Board ─> http: /live /ready /metrics /status /candles, dashboard
//!                          └─ stop: everything is on disk already; the next run takes it up
//! ```

mod board;
mod due;
mod error;
mod http;
mod lock;
mod metrics;
mod page;
mod readiness;
mod service;
mod status;
mod verdict;

use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use anyhow::{Context, Result};
pub use error::StartError;
pub use lock::{InstanceLock, LockError};
pub use metrics::{Metrics, OfAttestor, OfOracle, OfReason};
pub use readiness::Check;
use tokio::{
    net::TcpListener,
    sync::{
        Semaphore,
        mpsc::{self, UnboundedReceiver},
    },
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use veriregime_circuits::{public::Schema, tape::Layout};

use self::{board::Board, service::Service};
use crate::{
    chain::{Chain, Deployment, EndpointPolicy, Endpoints},
    confidence::Calibration,
    config::{Config, Oracle},
    filler_file::FillerFile,
    key_file,
    market::Market,
    model::Model,
    project::{self, Project},
    prover::Prover,
    publisher::Publisher,
    reference_string,
    store::RoundStore,
    transactions::Sender,
};

/// A node that is ready to run.
pub struct Daemon {
    board: Arc<Board>,
    followings: Vec<UnboundedReceiver<u64>>,
    listener: Option<TcpListener>,
    listen: SocketAddr,
    stop_within: Duration,
    _locks: Vec<InstanceLock>,
}

impl Daemon {
    /// Takes the locks, opens key, store, chain and candles, makes or reads the proving keys, and listens.
    ///
    /// # Errors
    /// For every prerequisite that is missing, with the remedy; nothing was sent then.
    pub async fn start(config: Config) -> Result<Self> {
        let mut locks = vec![InstanceLock::of_store(&config.node.store)?];
        let key = key_file::open(&config.key.file, &config.key.password_file)?;
        let address = key.address();
        let metrics = Arc::new(Metrics::new());
        let turns = Arc::new(Semaphore::new(1));
        let mut way = None;
        let mut provers = HashMap::new();
        let mut services = Vec::new();
        let mut followings = Vec::new();
        let mut seats = Vec::new();
        for oracle in &config.oracles {
            let context = || format!("oracle `{}`", oracle.name);
            let deployment = Deployment::read(&oracle.deployment).with_context(context)?;
            let model = model(oracle).with_context(context)?;
            let market = Market::checked(
                &model.manifest.schema.symbol,
                model.manifest.schema.timeframe,
            )?;
            let source = config.candles.open(market.clone()).with_context(context)?;
            let prover = prover(&config, oracle, &model, &mut provers)
                .await
                .with_context(context)?;
            let id = deployment.oracle_id();
            let (endpoints, sender) = match &way {
                Some(way) => way,
                None => {
                    locks.push(InstanceLock::of_key(id.chain_id, address)?);
                    way.insert(self::way(&config, id.chain_id, &key)?)
                }
            };
            let chain = Chain::over(endpoints, id, Some(key.clone()))
                .await
                .with_context(context)?;
            chain.require_market(&market).await.with_context(context)?;
            let schema = Schema::of(&model.network);
            chain.require_schema(&schema).await.with_context(context)?;
            chain
                .verifier(prover.model_id())
                .await
                .with_context(context)?;
            let (members, threshold) = chain.quorum().await.with_context(context)?;
            if oracle.attestors.len() < threshold {
                return Err(StartError::TooFewAttestors {
                    oracle: oracle.name.clone(),
                    got: oracle.attestors.len(),
                    want: threshold,
                }
                .into());
            }
            let max_age = chain.max_age().await.with_context(context)?;
            let store = RoundStore::open(&config.node.store, &id)?;
            let publisher = Publisher::new(
                source,
                model.manifest.scale,
                prover.clone(),
                chain,
                sender.clone(),
                store,
                oracle.attestors.clone(),
            );
            let (included, following) = mpsc::unbounded_channel();
            services.push(Arc::new(Service {
                name: oracle.name.clone(),
                question: model.question(),
                publisher: publisher.taking_turns(turns.clone()),
                max_age,
                settings: config.node.clone(),
                metrics: metrics.clone(),
                included,
            }));
            followings.push(following);
            seats.push(board::Seat {
                deployment,
                calibration: Calibration::of_model(&model.directory)?,
                model: model.name().to_owned(),
                model_id: prover.model_id(),
                attestors: members.len(),
                threshold,
            });
        }
        let listener = match TcpListener::bind(config.node.listen).await {
            Ok(listener) => Some(listener),
            Err(error) => {
                tracing::error!(code = "http.unavailable", listen = %config.node.listen, %error, "cannot listen: health, metrics and dashboard are off; free the port or choose another node.listen");
                None
            }
        };
        let board = Board::new(&config, address, metrics, services, seats);
        Ok(Self {
            board: Arc::new(board),
            followings,
            listener,
            listen: config.node.listen,
            stop_within: Duration::from_secs(config.node.stop_within_s),
            _locks: locks,
        })
    }

    /// Who submits.
    pub fn address(&self) -> Address {
        self.board.address
    }

    /// Where health, metrics and dashboard answer; `None` if the port was taken.
    pub fn url(&self) -> Option<String> {
        let address = self.listener.as_ref()?.local_addr().unwrap_or(self.listen);
        Some(format!("http://{address}"))
    }

    /// Serves until `stop`, then ends within the configured time.
    ///
    /// # Errors
    /// When a store fails; the other oracles are stopped then, too.
    pub async fn run(self, stop: CancellationToken) -> Result<()> {
        let mut tasks = JoinSet::new();
        for (service, following) in self.board.services.iter().zip(self.followings) {
            let (service, stop) = (service.clone(), stop.clone());
            tasks.spawn(async move {
                let ended = service.run(following, &stop).await;
                // One oracle without its store must not leave the process looking healthy.
                stop.cancel();
                ended.with_context(|| format!("oracle `{}`", service.name))
            });
        }
        if let Some(listener) = self.listener {
            let (board, stop) = (self.board.clone(), stop.clone());
            tasks.spawn(async move {
                http::serve(board, listener, stop.cancelled_owned())
                    .await
                    .context("serving HTTP")
            });
        }
        stop.cancelled().await;
        tracing::info!(code = "node.stopping", "stopping");
        let finish = async {
            let mut first = Ok(());
            while let Some(ended) = tasks.join_next().await {
                first = first.and(ended.map_err(Into::into).and_then(|ended| ended));
            }
            first
        };
        match tokio::time::timeout(self.stop_within, finish).await {
            Ok(ended) => ended,
            Err(_) => {
                tracing::warn!(code = "node.abandoned", "open connections abandoned");
                Ok(())
            }
        }
    }
}

/// The way to the chain that all oracles share, and the one sender of the key.
fn way(config: &Config, chain_id: u64, key: &PrivateKeySigner) -> Result<(Endpoints, Sender)> {
    let endpoints = Endpoints::new(&config.chain.rpc, chain_id, EndpointPolicy::default())?;
    let sender = Sender::open(
        &endpoints,
        key.clone(),
        config.chain.policy(),
        &config.node.store,
    )?;
    Ok((endpoints, sender))
}

fn model(oracle: &Oracle) -> Result<Model> {
    if oracle.model.join("manifest.json").is_file() {
        return Ok(Model::read(&oracle.model)?);
    }
    let models = Project::find(None)?.models();
    Ok(Model::named(&models, &oracle.model)?)
}

/// Oracles that serve the same circuit share one prover.
async fn prover(
    config: &Config,
    oracle: &Oracle,
    model: &Model,
    known: &mut HashMap<String, Arc<Prover>>,
) -> Result<Arc<Prover>> {
    let filler = oracle.filler.as_deref().map(FillerFile::open).transpose()?;
    let secret = filler.as_ref().map(|file| file.filler().clone());
    let layout = Layout::plan_private(&model.network, oracle.profile, secret)
        .context("planning the circuit")?;
    let name = format!(
        "{} {} {:?}",
        model.manifest.weights.sha256,
        layout.describe(),
        oracle.filler
    );
    if let Some(prover) = known.get(&name) {
        return Ok(prover.clone());
    }
    let srs =
        reference_string::locate(config.node.srs.as_deref(), layout.k, &project::cache()).await?;
    tracing::info!(code = "keys.preparing", model = model.name(), srs = srs.kind().as_str(), k = layout.k, layout = %layout.describe(), "preparing keys (the first time takes a while)");
    let memory = usize::try_from(config.node.table_memory_mib)? << 20;
    let prover =
        tokio::task::spawn_blocking(move || Prover::open(layout, srs, &project::cache(), memory))
            .await??;
    let prover = Arc::new(prover.counting(filler));
    known.insert(name, prover.clone());
    Ok(prover)
}
