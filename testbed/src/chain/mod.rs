//! The chain under the node: real contracts on anvil, its blocks mined by simulated time, its past open to change.

mod history;
mod miner;

use std::path::Path;

use alloy::{
    primitives::{Address, B256, Bytes},
    providers::{DynProvider, Provider, ProviderBuilder},
};
use anyhow::{Context, Result};
pub use history::{Accepted, Mined};
pub use miner::Miner;
use serde_json::{Value, json};
use veriregime::{chain::Deployment, demo::LocalChain, project::Project, statement::OracleId};

/// A running chain with the oracle on it; killed when dropped.
pub struct Chain {
    local: LocalChain,
    provider: DynProvider,
    oracle: OracleId,
    first_block: u64,
}

impl Chain {
    /// Starts anvil at `timestamp` and deploys for the given attestors; blocks are mined on demand from then on.
    ///
    /// # Errors
    /// When a Foundry program is missing or a deployment fails.
    pub async fn start(
        project: &Project,
        output: &Path,
        timestamp: u64,
        verifier: &Path,
        attestors: &[Address],
        threshold: usize,
    ) -> Result<Self> {
        let local = LocalChain::start(project, output, timestamp).await?;
        let deployment: Deployment = local.deploy(verifier, attestors, threshold, false).await?;
        let url = local.rpc().parse().context("anvil's URL")?;
        let provider = ProviderBuilder::new()
            .disable_recommended_fillers()
            .connect_http(url)
            .erased();
        let chain = Self {
            oracle: deployment.oracle_id(),
            first_block: provider.get_block_number().await?,
            local,
            provider,
        };
        chain.ask("evm_setAutomine", json!([false])).await?;
        Ok(chain)
    }

    /// anvil's own URL: past every proxy.
    #[must_use]
    pub fn rpc(&self) -> String {
        self.local.rpc()
    }

    /// The oracle.
    #[must_use]
    pub fn oracle(&self) -> &OracleId {
        &self.oracle
    }

    /// Gives an account play money.
    ///
    /// # Errors
    /// When anvil fails.
    pub async fn fund(&self, account: Address) -> Result<()> {
        self.local.fund(account).await
    }

    /// Number and timestamp of the latest block.
    ///
    /// # Errors
    /// When anvil fails.
    pub async fn head(&self) -> Result<(u64, u64)> {
        let block = self
            .ask("eth_getBlockByNumber", json!(["latest", false]))
            .await?;
        let number =
            |name: &str| quantity(&block[name]).with_context(|| format!("a block's {name}"));
        Ok((number("number")?, number("timestamp")?))
    }

    /// Mines a block at `timestamp`, or a second after the last one if that is later.
    ///
    /// # Errors
    /// When anvil fails.
    pub async fn mine(&self, timestamp: u64) -> Result<()> {
        let (_, latest) = self.head().await?;
        let at = timestamp.max(latest + 1);
        self.ask("evm_setNextBlockTimestamp", json!([at])).await?;
        self.ask("evm_mine", json!([])).await?;
        Ok(())
    }

    /// Takes the last `depth` blocks back and puts empty ones in their place; their transactions are forgotten.
    ///
    /// # Errors
    /// When anvil fails.
    pub async fn reorganise(&self, depth: u64) -> Result<()> {
        self.ask("anvil_reorg", json!([depth, []])).await?;
        Ok(())
    }

    /// Forgets a transaction that waits for a block.
    ///
    /// # Errors
    /// When anvil fails.
    pub async fn forget(&self, hash: B256) -> Result<()> {
        self.ask("anvil_dropTransaction", json!([hash])).await?;
        Ok(())
    }

    /// Hands over a signed transaction; one that is known or outdated already is no error.
    pub async fn hand_over(&self, raw: &Bytes) {
        let _ = self.ask("eth_sendRawTransaction", json!([raw])).await;
    }

    /// Any call of anvil.
    ///
    /// # Errors
    /// When anvil fails.
    pub async fn ask(&self, method: &'static str, parameters: Value) -> Result<Value> {
        self.provider
            .raw_request(method.into(), parameters)
            .await
            .context(method)
    }
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Chain({})", self.local.rpc())
    }
}

/// A hexadecimal number of JSON-RPC.
fn quantity(value: &Value) -> Option<u64> {
    u64::from_str_radix(value.as_str()?.trim_start_matches("0x"), 16).ok()
}
