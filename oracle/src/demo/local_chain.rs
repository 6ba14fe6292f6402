//! A throw-away chain: anvil on a free port, its clock under our control, contracts deployed by the real scripts.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use alloy::{
    node_bindings::{Anvil, AnvilInstance},
    primitives::Address,
    providers::{Provider, ProviderBuilder},
    rpc::types::TransactionRequest,
    sol_types::SolCall,
};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::json;

use crate::{chain::Deployment, project::Project};

/// Chain id of every local chain; the only one on which a development SRS is allowed.
pub const CHAIN_ID: u64 = 31_337;

/// Longest a deployment script may take; its first run compiles every contract.
const SCRIPT_TIMEOUT: Duration = Duration::from_secs(900);

/// A running anvil; killed when dropped.
pub struct LocalChain {
    anvil: AnvilInstance,
    provider: alloy::providers::DynProvider,
    project: Project,
    output: PathBuf,
}

/// The demo market's contracts, as `DemoMarket.s.sol` writes them.
#[derive(Debug, Clone, Deserialize)]
pub struct Market {
    /// Moves pool and feed to a price.
    pub maker: Address,
    /// The treasury.
    pub safe: Address,
}

impl LocalChain {
    /// Starts anvil (Osaka rules, usual code-size limit) with its clock at `timestamp`; one second per block.
    pub async fn start(project: &Project, output: &Path, timestamp: u64) -> Result<Self> {
        let program = project.foundry("anvil")?;
        std::fs::create_dir_all(output)
            .with_context(|| format!("creating {}", output.display()))?;
        let (chain_id, start) = (CHAIN_ID.to_string(), timestamp.to_string());
        let arguments = [
            "--hardfork",
            "osaka",
            "--chain-id",
            &chain_id,
            "--timestamp",
            &start,
        ];
        let anvil = Anvil::at(&program)
            .args(arguments)
            .try_spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let provider = ProviderBuilder::new()
            .disable_recommended_fillers()
            .connect_http(anvil.endpoint_url())
            .erased();
        // The client polls for receipts at this pace.
        provider
            .client()
            .set_poll_interval(Duration::from_millis(50));
        let chain = Self {
            anvil,
            provider,
            project: project.clone(),
            output: output.into(),
        };
        chain
            .call("anvil_setBlockTimestampInterval", json!([1]))
            .await?;
        Ok(chain)
    }

    /// RPC URL.
    pub fn rpc(&self) -> String {
        self.anvil.endpoint()
    }

    /// Mines a block at `timestamp`, or a second after the last one if that is later.
    pub async fn move_clock(&self, timestamp: u64) -> Result<()> {
        let latest = self
            .provider
            .get_block(alloy::eips::BlockId::latest())
            .await?;
        let now = latest.context("anvil has no block")?.header.timestamp;
        self.call("evm_setNextBlockTimestamp", json!([timestamp.max(now + 1)]))
            .await?;
        self.call("evm_mine", json!([])).await
    }

    /// Gives an account play money.
    pub async fn fund(&self, account: Address) -> Result<()> {
        self.call("anvil_setBalance", json!([account, "0x56bc75e2d63100000"]))
            .await
    }

    /// Sends a call from the operator, an unlocked account of anvil.
    pub async fn operate<C: SolCall>(&self, to: Address, call: &C) -> Result<()> {
        let request = TransactionRequest::default()
            .from(self.operator()?)
            .to(to)
            .input(call.abi_encode().into());
        let pending = self
            .provider
            .send_transaction(request)
            .await
            .map_err(|error| {
                anyhow::anyhow!("{}: {}", C::SIGNATURE, crate::chain::reason(&error))
            })?;
        let receipt = pending.get_receipt().await?;
        if !receipt.status() {
            bail!("{} reverted in {}", C::SIGNATURE, receipt.transaction_hash);
        }
        Ok(())
    }

    /// Deploys tokens, a Uniswap v3 pool, a feed and a Safe with a treasury.
    pub async fn deploy_market(&self, price_e8: i64) -> Result<Market> {
        let file = self.output.join("market.json");
        self.script(
            "scripts/DemoMarket.s.sol",
            &[
                ("PRICE_E8", price_e8.to_string()),
                ("MARKET_OUT", self.named(&file)),
            ],
        )
        .await?;
        read_json(&file)
    }

    /// Deploys verifier, gateway, oracle and, on a market, the treasury module.
    pub async fn deploy(
        &self,
        verifier: &Path,
        attestors: &[Address],
        threshold: usize,
        with_market: bool,
    ) -> Result<Deployment> {
        let file = self.output.join("deployment.json");
        let attestors: Vec<String> = attestors.iter().map(Address::to_string).collect();
        let market = if with_market {
            self.named(&self.output.join("market.json"))
        } else {
            String::new()
        };
        let environment = [
            ("VERIFIER_DIR", self.named(verifier)),
            ("ATTESTORS", attestors.join(",")),
            ("THRESHOLD", threshold.to_string()),
            ("MARKET", market),
            ("DEPLOYMENT_OUT", self.named(&file)),
        ];
        self.script("scripts/Deploy.s.sol", &environment).await?;
        Ok(Deployment::read(&file)?)
    }

    async fn script(&self, script: &str, environment: &[(&str, String)]) -> Result<()> {
        let forge = self.project.foundry("forge")?;
        // One transaction at a time (--slow): sent in a bundle, anvil sometimes never mines one that overtook another.
        let running = tokio::process::Command::new(&forge)
            .current_dir(self.project.root())
            .args([
                "script",
                script,
                "--broadcast",
                "--slow",
                "--unlocked",
                "--rpc-url",
                &self.rpc(),
            ])
            .args(["--sender", &self.operator()?.to_string()])
            .envs(
                environment
                    .iter()
                    .map(|(name, value)| (*name, value.as_str())),
            )
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = tokio::time::timeout(SCRIPT_TIMEOUT, running)
            .await
            .with_context(|| {
                format!(
                    "forge script {script} did not end within {} s",
                    SCRIPT_TIMEOUT.as_secs()
                )
            })?
            .with_context(|| format!("running {}", forge.display()))?;
        if !output.status.success() {
            let words = [output.stdout, output.stderr]
                .map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            bail!(
                "forge script {script} failed ({}):\n{}",
                output.status,
                words.join("\n")
            );
        }
        Ok(())
    }

    fn operator(&self) -> Result<Address> {
        self.anvil
            .addresses()
            .first()
            .copied()
            .context("anvil printed no accounts")
    }

    /// A path as forge's permissions know it: relative to the project.
    fn named(&self, path: &Path) -> String {
        path.strip_prefix(self.project.root())
            .unwrap_or(path)
            .display()
            .to_string()
    }

    async fn call(&self, method: &'static str, parameters: serde_json::Value) -> Result<()> {
        let answer: serde_json::Value = self
            .provider
            .raw_request(method.into(), parameters)
            .await
            .context(method)?;
        tracing::trace!(method, %answer, "anvil");
        Ok(())
    }
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("reading {}", path.display()))
}
