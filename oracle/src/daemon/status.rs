//! `GET /status`: what the node is doing, for people and the dashboard.

use alloy::primitives::{Address, B256};
use serde::Serialize;

use super::readiness::Check;
use crate::exchange::SourceKind;

/// The whole answer.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// Version of the program.
    pub version: &'static str,
    /// UNIX seconds.
    pub started_at: u64,
    /// UNIX seconds.
    pub now: u64,
    /// Whether every check holds.
    pub ready: bool,
    /// What was looked at.
    pub checks: Vec<Check>,
    /// The feed.
    pub candles: Feed,
    /// The chain.
    pub chain: ChainStatus,
    /// One entry per oracle.
    pub oracles: Vec<OracleStatus>,
}

/// The feed of candles.
#[derive(Debug, Clone, Serialize)]
pub struct Feed {
    /// `exchange`, `file` or `synthetic`.
    pub source: SourceKind,
    /// Time since the latest close that was handled, seconds.
    pub lag_s: Option<u64>,
    /// Names, the one that makes the window first.
    pub exchanges: Vec<String>,
}

/// The chain as the node sees it.
#[derive(Debug, Clone, Serialize)]
pub struct ChainStatus {
    /// Chain id.
    pub chain_id: u64,
    /// Latest block, if the RPC answers.
    pub block: Option<u64>,
    /// The submitting key.
    pub address: Address,
    /// Its balance in wei, if the RPC answers.
    pub balance_wei: Option<String>,
}

/// One oracle.
#[derive(Debug, Clone, Serialize)]
pub struct OracleStatus {
    /// The name in the configuration.
    pub name: String,
    /// The contract.
    pub address: Address,
    /// Attestors that the contract knew at the start.
    pub attestors: usize,
    /// Attestations needed.
    pub threshold: usize,
    /// Close of the next window, UNIX seconds.
    pub next_close: Option<u64>,
    /// Newest first, at most a hundred.
    pub rounds: Vec<RoundStatus>,
}

/// One round.
#[derive(Debug, Clone, Serialize)]
pub struct RoundStatus {
    /// Close of the window's last candle, UNIX seconds.
    pub close_time: u64,
    /// How far it has come, or `missed`.
    pub stage: &'static str,
    /// The class.
    pub class: Option<u8>,
    /// Its name.
    pub signal: Option<&'static str>,
    /// The network's answer.
    pub logits: Vec<i64>,
    /// Hit rate of such a margin in the calibration.
    pub confidence: Option<f64>,
    /// The oracle's round id.
    pub round: Option<u64>,
    /// The transaction.
    pub tx: Option<B256>,
    /// Gas used.
    pub gas: Option<u64>,
    /// Wall time of proving, milliseconds.
    pub prove_ms: Option<f64>,
    /// Code and words of a miss.
    pub reason: Option<String>,
}
