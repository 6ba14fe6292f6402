//! Everything the node lives in, joined.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use alloy::primitives::Address;
use anyhow::{Context, Result};
use veriregime::{
    key_file,
    model::Model,
    project::{self, Project},
    prover::Prover,
    reference_string,
    statement::OracleId,
    verifier_source,
};
use veriregime_circuits::tape::{Layout, Profile};

use crate::{
    chain::{Chain, Miner},
    clock::Clock,
    exchange::{Market, Replay},
    front::Front,
    node::{AttestorNode, Daemon, Log, Missed, NodeConfig, Stopped},
    proxy::RpcProxy,
};

/// 2024-07-29 00:00 UTC: a day that the public history has without gaps.
pub const FIRST_CLOSE: u64 = 1_722_211_200;
/// Simulated seconds between blocks.
const BLOCK_S: u64 = 12;
/// Real time after which a block comes even if the clock stands.
const BLOCK_PATIENCE: Duration = Duration::from_millis(250);
/// The chain begins this long before the first close.
const HEAD_START: u64 = 3_600;

/// What kind of world.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of its folder.
    pub name: &'static str,
    /// Attestors, each a process.
    pub attestors: usize,
    /// Attestations needed.
    pub threshold: usize,
    /// Minutes of market that may be played.
    pub minutes: u64,
    /// `latest` or `all`.
    pub catch_up: &'static str,
    /// Seed of everything left to chance.
    pub seed: u64,
}

/// A market, an exchange, a chain, attestors, and a daemon that is started, stopped and killed.
#[derive(Debug)]
pub struct World {
    /// Simulated time.
    pub clock: Clock,
    /// What is played.
    pub market: Market,
    /// The exchange.
    pub exchange: Front<Replay>,
    /// What stands before the chain.
    pub rpc: Front<RpcProxy>,
    /// The chain itself.
    pub chain: Arc<Chain>,
    /// Its blocks.
    pub miner: Miner,
    /// The attestors.
    pub attestors: Vec<AttestorNode>,
    /// Attestations needed.
    pub threshold: usize,
    /// The daemon's address.
    pub node: Address,
    /// The daemon's configuration: written anew at every start.
    pub config: NodeConfig,
    /// The daemon's log, all lives.
    pub log: Log,
    /// Scratch folder; every file of this world.
    pub folder: PathBuf,
    /// The daemon, while it runs.
    pub daemon: Option<Daemon>,
    /// The model's folder.
    pub model: PathBuf,
    /// Lives of the daemon so far.
    pub lives: u32,
}

impl World {
    /// Builds everything but the daemon; the attestors run. The clock stands a second after
    /// the first close: that window is the one a fresh daemon begins with.
    ///
    /// # Errors
    /// When a program is missing or does not start.
    pub async fn build(plan: &Plan) -> Result<Self> {
        let project = Project::find(Some(Path::new(env!("CARGO_MANIFEST_DIR"))))?;
        let model = Model::only(&project.models())?;
        let folder = scratch(&project, plan.name)?;
        let clock = Clock::standing_at(FIRST_CLOSE + 1);
        let last = FIRST_CLOSE + plan.minutes * 60;
        let market = Market::choose(FIRST_CLOSE, last, plan.seed)?;
        let exchange = Front::start(Replay::new(market.clone(), clock.clone())).await?;

        let mut attestors = Vec::new();
        for number in 1..=plan.attestors {
            attestors.push(AttestorNode::create(&folder, number, &market, &clock).await?);
        }
        let members: Vec<_> = attestors.iter().map(|attestor| attestor.address).collect();
        let srs = std::env::var_os("VERIREGIME_SRS")
            .filter(|path| !path.is_empty())
            .map(PathBuf::from);
        let verifier = verifier(&project, &model, srs.as_deref()).await?;
        let begin = FIRST_CLOSE - HEAD_START;
        let chain = Chain::start(
            &project,
            &folder,
            begin,
            &verifier,
            &members,
            plan.threshold,
        )
        .await?;
        let chain = Arc::new(chain);
        let rpc = Front::start(RpcProxy::new(&chain.rpc())?).await?;
        for attestor in &mut attestors {
            attestor.start(chain.oracle(), &model.directory).await?;
        }

        let key = (folder.join("node.key"), folder.join("node.password"));
        key_file::write_secret(&key.1, "the node's password")?;
        let node = key_file::create(&key.0, &key.1)?;
        chain.fund(node).await?;
        chain.mine(clock.now()).await?;
        let miner = Miner::start(chain.clone(), clock.clone(), BLOCK_S, BLOCK_PATIENCE);
        let config = NodeConfig {
            store: folder.join("node.sqlite"),
            listen: "127.0.0.1:0".into(),
            catch_up: plan.catch_up,
            settle_ms: 20,
            poll_ms: 20,
            retry_ms: 50,
            stop_within_s: 10,
            srs,
            exchange: exchange.url.clone(),
            checks: Vec::new(),
            rpc: vec![rpc.url.clone()],
            confirmations: 3,
            chain_poll_ms: 20,
            stuck_after_s: 2,
            max_fee_gwei: 200,
            key,
            model: model.directory.clone(),
            deployment: folder.join("deployment.json"),
            attestors: attestors
                .iter()
                .map(|attestor| attestor.front.url.clone())
                .collect(),
        };
        Ok(Self {
            clock,
            market,
            exchange,
            rpc,
            chain,
            miner,
            attestors,
            threshold: plan.threshold,
            node,
            config,
            log: Log::new(),
            folder,
            daemon: None,
            model: model.directory,
            lives: 0,
        })
    }

    /// The oracle.
    #[must_use]
    pub fn oracle(&self) -> &OracleId {
        self.chain.oracle()
    }

    /// Starts the daemon and waits until it says where it listens.
    ///
    /// # Errors
    /// When it ends instead.
    pub async fn start(&mut self) -> Result<()> {
        let path = self.folder.join("veriregime.toml");
        self.config.write(&path)?;
        self.lives += 1;
        self.daemon = Some(Daemon::start(&path, &self.log, self.lives).await?);
        Ok(())
    }

    /// `kill -9` of the daemon.
    ///
    /// # Errors
    /// When it did not run any more.
    pub async fn kill(&mut self) -> Result<()> {
        self.daemon.take().context("no daemon runs")?.kill().await
    }

    /// `SIGTERM` to the daemon.
    ///
    /// # Errors
    /// When it did not run any more, or does not end.
    pub async fn terminate(&mut self) -> Result<Stopped> {
        self.daemon
            .take()
            .context("no daemon runs")?
            .terminate()
            .await
    }

    /// Starts attestor `index`, again if it runs.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_attestor(&mut self, index: usize) -> Result<()> {
        let oracle = *self.chain.oracle();
        let attestor = self.attestors.get_mut(index).context("no such attestor")?;
        attestor.kill().await?;
        attestor.start(&oracle, &self.model).await
    }

    /// `kill -9` of attestor `index`, if it runs.
    ///
    /// # Errors
    /// When there is none of that number.
    pub async fn kill_attestor(&mut self, index: usize) -> Result<()> {
        self.attestors
            .get_mut(index)
            .context("no such attestor")?
            .kill()
            .await
    }

    /// Waits until the round of a close time is final or recorded as missed; returns the reason of a miss.
    ///
    /// # Errors
    /// When nothing of it is said.
    pub async fn settled(&self, close_time: u64) -> Result<Option<Missed>> {
        let what = format!("the end of the round of {close_time}");
        self.log
            .until(0, &what, |line| match line.missed() {
                Some((missed, reason)) if missed == close_time => Some(Some(reason)),
                _ => line.is_stage(close_time, "final").then_some(None),
            })
            .await
    }

    /// Waits until the round of a close time reaches a stage.
    ///
    /// # Errors
    /// When nothing of it is said.
    pub async fn stage(&self, close_time: u64, stage: &str) -> Result<()> {
        let what = format!("stage {stage} of the round of {close_time}");
        self.log
            .until(0, &what, |line| {
                line.is_stage(close_time, stage).then_some(())
            })
            .await
    }
}

/// An empty folder below `target`, where forge's scripts may write.
fn scratch(project: &Project, name: &str) -> Result<PathBuf> {
    let folder = project.root().join("target/testbed").join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)
            .with_context(|| format!("removing {}", folder.display()))?;
    }
    std::fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    Ok(folder)
}

/// The verifier contract that fits model and reference string.
async fn verifier(project: &Project, model: &Model, srs: Option<&Path>) -> Result<PathBuf> {
    let layout = Layout::plan(&model.network, Profile::Gas).context("planning the circuit")?;
    let cache = project::cache();
    let srs = reference_string::locate(srs, layout.k, &cache).await?;
    let prover =
        tokio::task::spawn_blocking(move || Prover::open(layout, srs, &cache, 0)).await??;
    Ok(verifier_source::prepare(&prover, project)?)
}
