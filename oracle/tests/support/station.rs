//! A whole station on a real local chain: contracts, attestors, a live exchange, a key, a configuration.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use tempfile::TempDir;
use tokio::process::Command;
use veriregime::{
    attestor::{Attestor, AttestorGuard, serve},
    chain::Deployment,
    config::OVERRIDES,
    demo::LocalChain,
    exchange::CandleSource,
    key_file,
    market::Market,
    model::Model,
    project::Project,
    prover::Prover,
    statement::OracleId,
    verifier_source,
};
use veriregime_circuits::{
    srs::Srs,
    tape::{Layout, Profile},
};
use veriregime_features::labels::Question;

use super::front::Front;

/// Everything that a node needs.
pub struct Station {
    pub folder: TempDir,
    pub local: LocalChain,
    pub deployment: Deployment,
    pub deployment_file: PathBuf,
    pub model: PathBuf,
    pub front: Front,
    pub exchange: String,
    pub attestors: Vec<String>,
    pub address: Address,
    pub listen: String,
    srs: Option<PathBuf>,
}

impl Station {
    /// Starts everything but the node; `None` without the chain's programs. `name` keeps tests apart.
    pub async fn start(name: &str) -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let project = Project::find(Some(root)).unwrap();
        if let Err(missing) = project.foundry("anvil") {
            eprintln!("skipped: {name} ({missing})");
            return None;
        }
        let folder = TempDir::new().unwrap();
        let path = super::write_model(folder.path(), "signals", Question::Signal);
        let model = Model::read(&path).unwrap();
        let layout = Layout::plan(&model.network, Profile::Gas).unwrap();
        let srs = std::env::var_os("VERIREGIME_SRS").map(PathBuf::from);
        let points = match &srs {
            Some(path) => Srs::open(path, layout.k, None).unwrap(),
            None => Srs::development(layout.k),
        };
        let prover = Prover::generate(layout, points, 0).unwrap();

        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let output = root.join(format!("target/{name}"));
        let local = LocalChain::start(&project, &output, now.as_secs())
            .await
            .unwrap();
        let keys = [(); 3].map(|()| PrivateKeySigner::random());
        let members: Vec<Address> = keys.iter().map(PrivateKeySigner::address).collect();
        let verifier = verifier_source::prepare(&prover, &project).unwrap();
        let deployment = local.deploy(&verifier, &members, 2, false).await.unwrap();
        let mut attestors = Vec::new();
        for key in keys {
            attestors.push(attestor(&model, deployment.oracle_id(), key, folder.path()).await);
        }
        let (exchange, front) = Front::serve().await;
        let file = |name: &str| folder.path().join(name);
        key_file::write_secret(&file("node.password"), "station").unwrap();
        let address = key_file::create(&file("node.key"), &file("node.password")).unwrap();
        local.fund(address).await.unwrap();
        let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = listen.local_addr().unwrap().to_string();
        Some(Self {
            folder,
            local,
            deployment,
            deployment_file: output.join("deployment.json"),
            model: path,
            front,
            exchange,
            attestors,
            address,
            listen,
            srs,
        })
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The configuration of a node that lacks nothing.
    pub fn config(&self) -> String {
        let srs = match &self.srs {
            Some(path) => format!("srs = {path:?}\n"),
            None => String::new(),
        };
        format!(
            r#"[node]
listen = "{listen}"
store = "node.sqlite"
{srs}
[candles.urls]
binance = "{exchange}"
binance_futures = "{exchange}"
[chain]
rpc = ["{rpc}", "{rpc}/"]
[key]
file = "node.key"
password_file = "node.password"
[[oracle]]
name = "signals"
model = {model:?}
deployment = {deployment:?}
attestors = {attestors:?}
"#,
            listen = self.listen,
            exchange = self.exchange,
            rpc = self.local.rpc(),
            model = self.model,
            deployment = self.deployment_file,
            attestors = self.attestors,
        )
    }

    /// The program with a configuration and nothing of this process's environment that would change it. The mirror of
    /// the ceremony is out of reach: what SRS is used follows from the station alone.
    pub fn program(&self, command: &str, config: &str) -> Command {
        let file = self.file("veriregime.toml");
        std::fs::write(&file, config).unwrap();
        let mut program = program();
        program
            .env("VERIREGIME_CACHE", self.file("cache"))
            .env("HTTPS_PROXY", "http://127.0.0.1:9")
            .arg(command)
            .arg("--config")
            .arg(file);
        program
    }
}

/// The program without any setting from outside.
pub fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_veriregime"));
    for (variable, _) in OVERRIDES {
        program.env_remove(variable);
    }
    program
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    program
}

/// Serves an attestor that knows only the model's scale.
async fn attestor(model: &Model, oracle: OracleId, key: PrivateKeySigner, folder: &Path) -> String {
    let store = folder.join(format!("{}.sqlite", key.address()));
    let attestor = Arc::new(Attestor::new(
        CandleSource::synthetic(Market::btc_usdt_minutes()),
        model.manifest.scale,
        oracle,
        key,
        AttestorGuard::open(&store).unwrap(),
    ));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(serve(attestor, listener, std::future::pending()));
    url
}
