//! Options that several commands share, and what they resolve to.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
};

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use veriregime_circuits::{
    model::IntegerModel,
    prover::DEFAULT_MEMORY_BUDGET,
    srs::Srs,
    tape::{Layout, Profile},
};

use crate::{
    chain::{Chain, Deployment, EndpointPolicy, Endpoints},
    exchange::{CandleSource, SourceKind, SourceName, SourceSettings, Urls},
    filler_file::FillerFile,
    key_file,
    market::Market,
    model::Model,
    project::{self, Project},
    prover::Prover,
    reference_string,
    statement::OracleId,
    usage::Usage,
};

/// Which model.
#[derive(Debug, Clone, Args)]
pub(super) struct ModelOptions {
    /// Model folder, or the name of one below models/ of the checkout; default: the only one there that answers with signals.
    #[arg(long, env = "VERIREGIME_MODEL", value_name = "MODEL")]
    model: Option<PathBuf>,
    /// Checkout of the project; default: the one around the current folder.
    #[arg(long, value_name = "FOLDER")]
    root: Option<PathBuf>,
}

impl ModelOptions {
    pub(super) fn project(&self) -> Result<Project> {
        Ok(Project::find(self.root.as_deref())?)
    }

    pub(super) fn model(&self) -> Result<Model> {
        match &self.model {
            Some(folder) if folder.is_dir() => Ok(Model::read(folder)?),
            Some(name) => {
                let models = self.project()?.models();
                Ok(Model::named(&models, name)?)
            }
            None => Ok(Model::only(&self.project()?.models())?),
        }
    }
}

/// Where candles come from.
#[derive(Debug, Clone, Args)]
pub(super) struct SourceOptions {
    /// Folder with btcusdt_1m.csv(.zst) and funding_rate.csv.
    #[arg(long, env = "VERIREGIME_DATA", value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Insist on one source instead of the first that is there.
    #[arg(long, value_enum, default_value_t = Choice::Auto)]
    source: Choice,
    /// Source by name instead: binance, kraken, coinbase, okx, file (the folder given with --data) or synthetic. Repeat it:
    /// the first makes the window, every other must agree with it (docs/exchanges.md).
    #[arg(long = "exchange", value_name = "NAME", conflicts_with = "source")]
    exchanges: Vec<SourceName>,
    /// Another host of an exchange; the names are binance, binance_futures, kraken, coinbase and okx. Repeat it for each.
    #[arg(long = "exchange-url", value_name = "NAME=URL", requires = "exchanges")]
    urls: Vec<String>,
    /// Largest difference of two exchanges' close prices, in basis points.
    #[arg(long, value_name = "BPS", default_value_t = SourceSettings::default().max_difference_bps)]
    max_difference_bps: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Choice {
    /// --data if given, else the exchange if in reach, else synthetic.
    Auto,
    /// The folder given with --data.
    File,
    /// The exchange's public API.
    Exchange,
    /// Seeded invented candles.
    Synthetic,
}

impl SourceOptions {
    pub(super) async fn source(&self, market: Market) -> Result<CandleSource> {
        if !self.exchanges.is_empty() {
            let source = self.settings()?.open(market)?;
            source.require_market().await?;
            return Ok(source);
        }
        Ok(match (self.source, self.data.as_deref()) {
            (Choice::Auto, data) => CandleSource::choose(data, market).await?,
            (Choice::File, Some(data)) => CandleSource::file(data, market)?,
            (Choice::File, None) => {
                return Err(Usage::new("--source file needs --data or VERIREGIME_DATA").into());
            }
            (Choice::Exchange, _) => CandleSource::exchange(market)?,
            (Choice::Synthetic, _) => CandleSource::synthetic(market),
        })
    }

    fn settings(&self) -> Result<SourceSettings> {
        let mut urls = Urls::default();
        for assignment in &self.urls {
            urls.set(assignment)?;
        }
        Ok(SourceSettings {
            sources: self.exchanges.clone(),
            max_difference_bps: self.max_difference_bps,
            data: self.data.clone(),
            urls,
        })
    }

    /// The options that give another process the same source.
    pub(super) fn arguments(&self, source: &CandleSource) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = Vec::new();
        if self.exchanges.is_empty() {
            arguments.extend(["--source".into(), source.kind().to_string().into()]);
        }
        for name in &self.exchanges {
            arguments.extend(["--exchange".into(), name.as_str().into()]);
        }
        for assignment in &self.urls {
            arguments.extend(["--exchange-url".into(), assignment.into()]);
        }
        if self.exchanges.len() > 1 {
            let bound = self.max_difference_bps.to_string();
            arguments.extend(["--max-difference-bps".into(), bound.into()]);
        }
        let reads = source.kind() == SourceKind::File || self.exchanges.contains(&SourceName::File);
        if let Some(data) = self.data.as_ref().filter(|_| reads) {
            arguments.extend(["--data".into(), data.into()]);
        }
        arguments
    }
}

/// Which circuit: layout, reference string, visibility of the weights.
#[derive(Debug, Clone, Args)]
pub(super) struct CircuitOptions {
    /// What the layout is chosen for: gas, speed, or a layout such as 2xquads (see `veriregime plan`).
    #[arg(long, env = "VERIREGIME_PROFILE", default_value = "gas")]
    profile: Profile,
    /// Memory for tables that make proving faster, in MiB; 0 for none.
    #[arg(long, default_value_t = DEFAULT_MEMORY_BUDGET >> 20, value_name = "MIB")]
    table_memory: usize,
    /// Secret of a private model, made by `veriregime keys filler`; without it the model is public.
    #[arg(long, env = "VERIREGIME_FILLER", value_name = "FILE")]
    filler: Option<PathBuf>,
    /// Ceremony file, or folder that holds it; default: the cache, then the public mirror, then a development SRS.
    #[arg(long, env = "VERIREGIME_SRS", value_name = "PATH")]
    srs: Option<PathBuf>,
}

impl CircuitOptions {
    /// What the layout is chosen for.
    pub(super) fn profile(&self) -> Profile {
        self.profile
    }

    /// Memory for the prover's tables in bytes.
    pub(super) fn table_memory(&self) -> usize {
        self.table_memory << 20
    }

    fn filler(&self) -> Result<Option<FillerFile>> {
        let open = |path: &PathBuf| FillerFile::open(path);
        Ok(self.filler.as_ref().map(open).transpose()?)
    }

    /// The layout of a network.
    pub(super) fn layout(&self, network: &IntegerModel) -> Result<Layout> {
        let filler = self.filler()?.map(|file| file.filler().clone());
        Layout::plan_private(network, self.profile, filler).context("planning the circuit")
    }

    /// Model, SRS and keys, ready to prove.
    pub(super) async fn prover(&self, model: &Model) -> Result<Arc<Prover>> {
        let layout = self.layout(&model.network)?;
        let srs = self.srs(&layout).await?;
        let (filler, memory) = (self.filler()?, self.table_memory());
        tracing::info!(
            code = "keys.preparing",
            model = model.name(),
            srs = srs.kind().as_str(),
            k = layout.k,
            layout = layout.describe(),
            "preparing keys (the first time takes a while)"
        );
        let prover = tokio::task::spawn_blocking(move || {
            Prover::open(layout, srs, &project::cache(), memory)
        })
        .await??;
        Ok(Arc::new(prover.counting(filler)))
    }

    /// The reference string for a layout.
    pub(super) async fn srs(&self, layout: &Layout) -> Result<Srs> {
        Ok(reference_string::locate(self.srs.as_deref(), layout.k, &project::cache()).await?)
    }
}

/// Which oracle a statement is for.
#[derive(Debug, Clone, Args)]
pub(super) struct OracleOptions {
    /// Deployment file; gives chain id and oracle.
    #[arg(long, env = "VERIREGIME_DEPLOYMENT", value_name = "FILE", conflicts_with_all = ["chain_id", "oracle"])]
    deployment: Option<PathBuf>,
    /// Chain id of the oracle.
    #[arg(long, requires = "oracle")]
    chain_id: Option<u64>,
    /// Address of the oracle.
    #[arg(long, requires = "chain_id")]
    oracle: Option<Address>,
}

impl OracleOptions {
    /// The oracle named by the options.
    pub(super) fn oracle(&self) -> Result<OracleId> {
        match (&self.deployment, self.chain_id, self.oracle) {
            (Some(file), ..) => Ok(Deployment::read(file)?.oracle_id()),
            (None, Some(chain_id), Some(address)) => Ok(OracleId { chain_id, address }),
            _ => Err(
                Usage::new("which oracle? give --deployment, or --chain-id with --oracle").into(),
            ),
        }
    }

    /// The oracle named by the options; a placeholder on the local chain id if none is named.
    pub(super) fn oracle_or_none(&self) -> Result<OracleId> {
        if self.deployment.is_none() && self.oracle.is_none() {
            return Ok(OracleId {
                chain_id: crate::demo::CHAIN_ID,
                address: Address::ZERO,
            });
        }
        self.oracle()
    }
}

/// The way to the oracle's chain.
#[derive(Debug, Clone, Args)]
pub(super) struct RpcOptions {
    /// RPC URL of the oracle's chain; several (repeated or comma separated) are tried in turn.
    #[arg(
        long = "rpc",
        env = "VERIREGIME_RPC",
        value_name = "URL",
        value_delimiter = ',',
        hide_env_values = true
    )]
    urls: Vec<String>,
}

impl RpcOptions {
    /// Whether no URL is given.
    pub(super) fn none(&self) -> bool {
        self.urls.is_empty()
    }

    /// Connects to the oracle.
    pub(super) async fn connect(
        &self,
        oracle: &OracleOptions,
        key: Option<PrivateKeySigner>,
    ) -> Result<Chain> {
        let oracle = oracle.oracle()?;
        let endpoints = Endpoints::new(&self.urls, oracle.chain_id, EndpointPolicy::default())?;
        Ok(Chain::over(&endpoints, oracle, key).await?)
    }
}

/// A key on disk.
#[derive(Debug, Clone, Args)]
pub(super) struct KeyOptions {
    /// Encrypted keystore made by `veriregime keys new` (mode 600).
    #[arg(long, env = "VERIREGIME_KEY", value_name = "FILE")]
    key: Option<PathBuf>,
    /// File with the keystore's password (mode 600).
    #[arg(long, env = "VERIREGIME_PASSWORD_FILE", value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl KeyOptions {
    pub(super) fn open(&self) -> Result<PrivateKeySigner> {
        let (Some(key), Some(password)) = (&self.key, &self.password_file) else {
            return Err(Usage::new("a key is needed: give --key and --password-file (make one with `veriregime keys new`)").into());
        };
        Ok(key_file::open(key, password)?)
    }
}

/// The close time asked for, or the latest the source has.
pub(super) async fn close_time(asked: Option<u64>, source: &CandleSource) -> Result<u64> {
    match asked {
        Some(close_time) => Ok(close_time),
        None => Ok(source.latest_close().await?),
    }
}

/// The market of a model.
pub(super) fn market(model: &Model) -> Result<Market> {
    let schema = &model.manifest.schema;
    Ok(Market::checked(&schema.symbol, schema.timeframe)?)
}

/// Writes `text` to `path`, making its folder.
pub(super) fn write(path: &Path, text: &[u8]) -> Result<()> {
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("creating {}", folder.display()))?;
    }
    std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}
