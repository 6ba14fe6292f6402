//! The tables of the file, with their defaults and bounds.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;
use veriregime_circuits::{prover::DEFAULT_MEMORY_BUDGET, tape::Profile};

use crate::transactions::SendPolicy;

/// Key and what is wrong with its value.
type Fault = (String, String);

fn within(key: &str, value: u64, least: u64, most: u64) -> Result<(), Fault> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err((
        key.into(),
        format!("{value} is not between {least} and {most}"),
    ))
}

fn named(key: &str, path: &Path, remedy: &str) -> Result<(), Fault> {
    if path.as_os_str().is_empty() {
        return Err((key.into(), format!("missing: {remedy}")));
    }
    Ok(())
}

fn url(key: &str, value: &str) -> Result<(), Fault> {
    match reqwest::Url::parse(value) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(()),
        // The value may hold an access token: it is not repeated.
        _ => Err((
            key.into(),
            "not a URL such as https://rpc.example.org".into(),
        )),
    }
}

/// What to do with the windows that closed while the node was down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CatchUp {
    /// Publish the latest one; the others are recorded as missed.
    Latest,
    /// Publish every one that the oracle still accepts, oldest first.
    All,
}

/// `[node]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Node {
    /// Rounds and transactions (SQLite); one running node per store.
    pub store: PathBuf,
    /// Where health, metrics and dashboard answer.
    pub listen: SocketAddr,
    /// What to do after downtime.
    pub catch_up: CatchUp,
    /// Wait after a close before its candles are asked for, milliseconds of the exchange's clock.
    pub settle_ms: u64,
    /// Longest pause between two looks at the exchange's clock, milliseconds.
    pub poll_ms: u64,
    /// First pause before a failed round is tried again, milliseconds; it doubles up to ten times that.
    pub retry_ms: u64,
    /// Longest time a stop may take, seconds.
    pub stop_within_s: u64,
    /// Ceremony file, or the folder that holds it.
    pub srs: Option<PathBuf>,
    /// Memory for tables that make proving faster, MiB.
    pub table_memory_mib: u64,
}

impl Default for Node {
    fn default() -> Self {
        Self {
            store: "veriregime.sqlite".into(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8_790)),
            catch_up: CatchUp::Latest,
            settle_ms: 500,
            poll_ms: 5_000,
            retry_ms: 500,
            stop_within_s: 10,
            srs: None,
            table_memory_mib: (DEFAULT_MEMORY_BUDGET >> 20) as u64,
        }
    }
}

impl Node {
    pub(super) fn check(&self) -> Result<(), Fault> {
        named("node.store", &self.store, "name a file for the rounds")?;
        within("node.settle_ms", self.settle_ms, 0, 30_000)?;
        within("node.poll_ms", self.poll_ms, 5, 30_000)?;
        within("node.retry_ms", self.retry_ms, 5, 30_000)?;
        within("node.stop_within_s", self.stop_within_s, 1, 600)?;
        within("node.table_memory_mib", self.table_memory_mib, 0, 65_536)
    }
}

/// `[chain]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Chain {
    /// RPC URLs, tried in this order.
    pub rpc: Vec<String>,
    /// Blocks, the round's own counted, after which a round is final.
    pub confirmations: u64,
    /// Pause between two looks for a receipt, milliseconds.
    pub poll_ms: u64,
    /// Time without a block after which a transaction is replaced by a dearer one, seconds.
    pub stuck_after_s: u64,
    /// How much dearer, percent; nodes refuse less than ten.
    pub bump_percent: u64,
    /// Never offer more than this per gas, gwei.
    pub max_fee_gwei: u64,
}

impl Default for Chain {
    fn default() -> Self {
        Self {
            rpc: Vec::new(),
            confirmations: 2,
            poll_ms: 1_000,
            stuck_after_s: 60,
            bump_percent: 15,
            max_fee_gwei: 200,
        }
    }
}

impl Chain {
    pub(super) fn check(&self) -> Result<(), Fault> {
        if self.rpc.is_empty() {
            let reason =
                "missing: give the chain's RPC URLs, for example rpc = [\"http://127.0.0.1:8545\"]";
            return Err(("chain.rpc".into(), reason.into()));
        }
        for (index, one) in self.rpc.iter().enumerate() {
            url(&format!("chain.rpc[{index}]"), one)?;
        }
        within("chain.confirmations", self.confirmations, 1, 1_000)?;
        within("chain.poll_ms", self.poll_ms, 5, 60_000)?;
        within("chain.stuck_after_s", self.stuck_after_s, 1, 3_600)?;
        within("chain.bump_percent", self.bump_percent, 10, 1_000)?;
        within("chain.max_fee_gwei", self.max_fee_gwei, 1, 1_000_000)
    }

    /// What transactions may cost and how long they are waited for.
    pub fn policy(&self) -> SendPolicy {
        SendPolicy {
            max_fee_per_gas: u128::from(self.max_fee_gwei) * 1_000_000_000,
            bump_percent: u32::try_from(self.bump_percent).unwrap_or(u32::MAX),
            stuck_after: Duration::from_secs(self.stuck_after_s),
            confirmations: self.confirmations,
            poll: Duration::from_millis(self.poll_ms),
        }
    }
}

/// `[key]`: files, never secrets.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Key {
    /// Encrypted keystore, mode 600.
    pub file: PathBuf,
    /// Its password, mode 600.
    pub password_file: PathBuf,
}

impl Key {
    pub(super) fn check(&self) -> Result<(), Fault> {
        named(
            "key.file",
            &self.file,
            "make a key with `veriregime keys new` and name its file",
        )?;
        named(
            "key.password_file",
            &self.password_file,
            "name the file with the keystore's password",
        )
    }
}

/// `[[oracle]]`: a model and the contract that takes its answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oracle {
    /// The name in logs, metrics and on the dashboard.
    pub name: String,
    /// Model folder, or the name of one below `models/`.
    pub model: PathBuf,
    /// Deployment file with chain id and contracts.
    pub deployment: PathBuf,
    /// What the circuit's layout is chosen for.
    #[serde(default, deserialize_with = "profile")]
    pub profile: Profile,
    /// URLs of the attestors.
    #[serde(default)]
    pub attestors: Vec<String>,
    /// Secret of a private model.
    #[serde(default)]
    pub filler: Option<PathBuf>,
}

fn profile<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Profile, D::Error> {
    let words = String::deserialize(deserializer)?;
    words.parse().map_err(serde::de::Error::custom)
}

impl Oracle {
    pub(super) fn check(&self, index: usize) -> Result<(), Fault> {
        let key = |name: &str| format!("oracle[{index}].{name}");
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if self.name.is_empty() || self.name.len() > 32 || !self.name.bytes().all(plain) {
            let reason = format!("`{}` is not 1 to 32 letters, digits, - or _", self.name);
            return Err((key("name"), reason));
        }
        named(&key("model"), &self.model, "name a model folder")?;
        named(
            &key("deployment"),
            &self.deployment,
            "name the deployment file",
        )?;
        for (position, one) in self.attestors.iter().enumerate() {
            url(&key(&format!("attestors[{position}]")), one)?;
        }
        Ok(())
    }
}

/// `[dashboard]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dashboard {
    /// What a browser reads the chain from; without it the first of `chain.rpc`, if that is on this machine.
    pub rpc: Option<String>,
}
