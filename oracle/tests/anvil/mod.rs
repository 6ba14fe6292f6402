//! A real anvil that makes blocks only when told to, contracts of a few bytes, and an account to send from.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod proxy;

use std::time::Duration;

use alloy::{
    network::{EthereumWallet, TransactionBuilder},
    node_bindings::{Anvil, AnvilInstance},
    primitives::{Address, B256, Bytes, U256, address, hex},
    providers::{DynProvider, Provider, ProviderBuilder},
    rpc::types::TransactionRequest,
    signers::local::PrivateKeySigner,
    sol_types::SolError,
};
use axum::Router;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use veriregime::{
    chain::{EndpointPolicy, Endpoints, ISignalOracle},
    project::Project,
    transactions::{SendPolicy, Sender},
};

/// Long enough for any step on a slow machine; only hangs reach it.
pub const HANG: Duration = Duration::from_secs(60);
pub const CHAIN_ID: u64 = 31_337;
pub const GWEI: u128 = 1_000_000_000;
/// Room for a transfer, and for no call.
pub const CROWDED: u64 = 30_000;
pub const ROOMY: u64 = 30_000_000;
/// Adds one to its first word of storage, whatever it is called with.
pub const COUNTER: Address = address!("00000000000000000000000000000000000c0117");
/// Takes one call; every later one reverts as the oracle does on a round that it has.
pub const ONCE: Address = address!("0000000000000000000000000000000000000ace");
/// Takes one call cheaply; a later one burns whatever gas it is given.
pub const BURNER: Address = address!("000000000000000000000000000000000000b042");
/// Burns whatever gas it is given.
const FURNACE: Address = address!("000000000000000000000000000000000000f12e");

/// One chain, one account with play money, one folder.
pub struct Rig {
    pub anvil: AnvilInstance,
    pub provider: DynProvider,
    pub key: PrivateKeySigner,
    crowd: PrivateKeySigner,
    pub folder: TempDir,
}

/// A transaction on chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub nonce: u64,
    pub hash: B256,
    pub to: Address,
    pub max_fee: u128,
    pub priority: u128,
}

/// Quick looks, a fifth of a second until stuck, two confirmations.
pub fn policy() -> SendPolicy {
    SendPolicy {
        max_fee_per_gas: 200 * GWEI,
        bump_percent: 15,
        stuck_after: Duration::from_millis(200),
        confirmations: 2,
        poll: Duration::from_millis(20),
    }
}

/// Serves a router on a free port.
pub async fn spawn(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

/// Says which test is not run, and why.
fn program(what: &str) -> Option<std::path::PathBuf> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap();
    match Project::find(Some(root)).unwrap().foundry("anvil") {
        Ok(program) => Some(program),
        Err(missing) => {
            eprintln!("skipped: {what} ({missing})");
            None
        }
    }
}

impl Rig {
    /// `None`, loudly, without anvil.
    pub async fn start(what: &str) -> Option<Self> {
        let program = program(what)?;
        let chain_id = CHAIN_ID.to_string();
        let anvil = Anvil::at(program)
            .args([
                "--no-mining",
                "--hardfork",
                "osaka",
                "--chain-id",
                &chain_id,
            ])
            .try_spawn()
            .unwrap();
        let provider = ProviderBuilder::new()
            .disable_recommended_fillers()
            .connect_http(anvil.endpoint_url())
            .erased();
        provider
            .client()
            .set_poll_interval(Duration::from_millis(20));
        let rig = Self {
            anvil,
            provider,
            key: PrivateKeySigner::random(),
            crowd: PrivateKeySigner::random(),
            folder: TempDir::new().unwrap(),
        };
        let refusal = ISignalOracle::CloseTimeNotAfterLatest {
            got: 60,
            latest: 60,
        };
        let once = [
            &hex!("600054600c576001600055005b6044601960003960446000fd")[..],
            &refusal.abi_encode(),
        ];
        rig.code(COUNTER, &hex!("600054600101600055 00")).await;
        rig.code(ONCE, &once.concat()).await;
        rig.code(BURNER, &hex!("600054600c576001600055005b600c56"))
            .await;
        rig.code(FURNACE, &hex!("5b600056")).await;
        let plenty = U256::from(10u64.pow(18)) * U256::from(100);
        for key in [&rig.key, &rig.crowd] {
            rig.fund(key.address(), plenty).await;
        }
        Some(rig)
    }

    pub fn url(&self) -> String {
        self.anvil.endpoint()
    }

    pub fn endpoints(&self, urls: &[String]) -> Endpoints {
        Endpoints::new(urls, CHAIN_ID, EndpointPolicy::default()).unwrap()
    }

    /// The sender as a process would open it, over anvil itself.
    pub fn sender(&self, policy: SendPolicy) -> Sender {
        self.sender_over(&[self.url()], policy)
    }

    pub fn sender_over(&self, urls: &[String], policy: SendPolicy) -> Sender {
        let store = self.folder.path().join("node.sqlite");
        Sender::open(&self.endpoints(urls), self.key.clone(), policy, &store).unwrap()
    }

    pub async fn call(&self, method: &'static str, parameters: Value) -> Value {
        self.provider
            .raw_request(method.into(), parameters)
            .await
            .unwrap()
    }

    pub async fn code(&self, at: Address, code: &[u8]) {
        self.call("anvil_setCode", json!([at, Bytes::copy_from_slice(code)]))
            .await;
    }

    pub async fn fund(&self, account: Address, wei: U256) {
        self.call("anvil_setBalance", json!([account, wei])).await;
    }

    pub async fn balance(&self) -> U256 {
        self.provider.get_balance(self.key.address()).await.unwrap()
    }

    pub async fn mine(&self, blocks: u64) {
        for _ in 0..blocks {
            self.call("evm_mine", json!([])).await;
        }
    }

    /// The next block's base fee; later ones follow from it.
    pub async fn base_fee(&self, wei: u128) {
        self.call("anvil_setNextBlockBaseFeePerGas", json!([U256::from(wei)]))
            .await;
    }

    /// Makes a block that somebody who pays more fills. (A transaction with a lower fee than the block's would be thrown
    /// out by anvil; one that does not fit stays in the pool, as on a busy chain.)
    pub async fn mine_full(&self) {
        self.room(120_000).await;
        let nonce = self.provider.get_transaction_count(self.crowd.address());
        let nonce = nonce.await.unwrap();
        self.elsewhere(&self.crowd, FURNACE, nonce, 150 * GWEI)
            .await;
        self.mine(1).await;
    }

    /// What later blocks have room for; larger transactions are refused.
    pub async fn room(&self, gas: u64) {
        self.call("evm_setBlockGasLimit", json!([U256::from(gas)]))
            .await;
    }

    /// Makes a block at a time of its own.
    pub async fn mine_at(&self, timestamp: u64) {
        self.call("evm_setNextBlockTimestamp", json!([timestamp]))
            .await;
        self.mine(1).await;
    }

    pub async fn now(&self) -> u64 {
        let latest = alloy::eips::BlockId::latest();
        let block = self.provider.get_block(latest).await.unwrap();
        block.unwrap().header.timestamp
    }

    pub async fn block(&self) -> u64 {
        self.provider.get_block_number().await.unwrap()
    }

    pub async fn drop_from_pool(&self, hash: B256) {
        self.call("anvil_dropTransaction", json!([hash])).await;
    }

    pub async fn in_pool(&self, hash: B256) -> bool {
        let found = self.provider.get_transaction_by_hash(hash).await.unwrap();
        found.is_some_and(|found| found.block_number.is_none())
    }

    /// A contract's first word of storage: how often it was called.
    pub async fn count(&self, at: Address) -> u64 {
        let word = self.provider.get_storage_at(at, U256::ZERO).await;
        word.unwrap().to::<u64>()
    }

    /// Every transaction of an account in the chain as it is now.
    pub async fn sent_by(&self, account: Address) -> Vec<Sent> {
        let mut sent = Vec::new();
        for number in 0..=self.block().await {
            let block = self
                .call("eth_getBlockByNumber", json!([U256::from(number), true]))
                .await;
            for one in block["transactions"].as_array().unwrap() {
                let number = |key: &str| -> u128 {
                    let text = one[key].as_str().unwrap_or("0x0");
                    u128::from_str_radix(text.trim_start_matches("0x"), 16).unwrap()
                };
                if one["from"].as_str().unwrap().parse::<Address>().unwrap() == account {
                    sent.push(Sent {
                        nonce: number("nonce").try_into().unwrap(),
                        hash: one["hash"].as_str().unwrap().parse().unwrap(),
                        to: one["to"].as_str().unwrap().parse().unwrap(),
                        max_fee: number("maxFeePerGas"),
                        priority: number("maxPriorityFeePerGas"),
                    });
                }
            }
        }
        sent
    }

    /// Our own account's.
    pub async fn sent(&self) -> Vec<Sent> {
        self.sent_by(self.key.address()).await
    }

    /// Sends a call past the sender, as another wallet or process would.
    pub async fn elsewhere(
        &self,
        key: &PrivateKeySigner,
        to: Address,
        nonce: u64,
        max_fee: u128,
    ) -> B256 {
        let envelope = TransactionRequest::default()
            .with_chain_id(CHAIN_ID)
            .with_to(to)
            .with_value(U256::ZERO)
            .with_nonce(nonce)
            .with_gas_limit(100_000)
            .with_max_fee_per_gas(max_fee)
            .with_max_priority_fee_per_gas(max_fee)
            .build(&EthereumWallet::from(key.clone()))
            .await
            .unwrap();
        *self
            .provider
            .send_tx_envelope(envelope)
            .await
            .unwrap()
            .tx_hash()
    }
}
