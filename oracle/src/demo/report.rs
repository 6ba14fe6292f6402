//! `report.json`: what a demonstration did, in numbers it measured.

use alloy::primitives::{B256, FixedBytes};
use serde::Serialize;

use super::treasury::Rebalance;
use crate::exchange::SourceKind;

/// The report's keys are part of the product: other tools read them.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Where the candles came from and which ones.
    pub candles: Candles,
    /// The reference string.
    pub srs: ReferenceString,
    /// The model.
    pub model: ModelFacts,
    /// One entry per accepted round.
    pub rounds: Vec<RoundFacts>,
    /// The audit of one round.
    pub audit: AuditFacts,
    /// Sums and medians of the rounds.
    pub totals: Totals,
}

/// Candles of the replay.
#[derive(Debug, Clone, Serialize)]
pub struct Candles {
    /// `file`, `exchange` or `synthetic`.
    pub source: SourceKind,
    /// Unified symbol.
    pub symbol: String,
    /// Candle length in seconds.
    pub timeframe: u32,
    /// Close time of the first round, UNIX seconds.
    pub from: u64,
    /// Close time of the last round, UNIX seconds.
    pub to: u64,
}

/// The SRS of the proofs.
#[derive(Debug, Clone, Serialize)]
pub struct ReferenceString {
    /// `ceremony` or `development`.
    pub source: &'static str,
    /// SHA-256 over its points.
    pub sha256: String,
}

/// The model of the proofs.
#[derive(Debug, Clone, Serialize)]
pub struct ModelFacts {
    /// First four bytes of the verifying key's digest.
    pub id: FixedBytes<4>,
    /// Activation function.
    pub activation: String,
    /// Bits per weight, by layer.
    pub bits: Vec<u32>,
    /// Macro-F1 of the integer model on the test split, from its manifest.
    pub test_macro_f1: f64,
}

/// One round.
#[derive(Debug, Clone, Serialize)]
pub struct RoundFacts {
    /// The oracle's round id.
    pub round: u128,
    /// Close time of the window, UNIX seconds.
    pub close_time: u64,
    /// `SELL`, `HOLD` or `BUY`.
    pub signal: &'static str,
    /// The network's logits.
    pub logits: Vec<i64>,
    /// Proving time.
    pub prove_ms: f64,
    /// Native verification time.
    pub verify_ms: f64,
    /// Length of the proof.
    pub proof_bytes: usize,
    /// Gas of the submission, whole transaction.
    pub gas_submit: u64,
    /// Gas of the verifier alone, called in its own transaction.
    pub gas_verify: u64,
    /// The submission.
    pub tx: B256,
    /// What the treasury did.
    pub rebalance: Rebalance,
}

/// The audit's outcome.
#[derive(Debug, Clone, Serialize)]
pub struct AuditFacts {
    /// The round audited.
    pub round: u128,
    /// Whether every step agreed.
    pub ok: bool,
}

/// Sums and medians.
#[derive(Debug, Clone, Serialize)]
pub struct Totals {
    /// Rounds accepted.
    pub rounds: usize,
    /// SELL rounds.
    pub sell: usize,
    /// HOLD rounds.
    pub hold: usize,
    /// BUY rounds.
    pub buy: usize,
    /// Rebalances executed.
    pub rebalances: usize,
    /// Median proving time.
    pub prove_ms_median: f64,
    /// Median native verification time.
    pub verify_ms_median: f64,
    /// Largest submission.
    pub gas_submit_max: u64,
    /// Largest verifier call.
    pub gas_verify_max: u64,
    /// Gas of all submissions and executions together.
    pub gas_total: u64,
    /// Wall time from the first to the last round, seconds.
    pub seconds: f64,
}

impl Totals {
    /// Sums up rounds that took `seconds`.
    pub fn of(rounds: &[RoundFacts], seconds: f64) -> Self {
        let count = |signal| rounds.iter().filter(|round| round.signal == signal).count();
        let largest = |gas: fn(&RoundFacts) -> u64| rounds.iter().map(gas).max().unwrap_or(0);
        Self {
            rounds: rounds.len(),
            sell: count("SELL"),
            hold: count("HOLD"),
            buy: count("BUY"),
            rebalances: rounds
                .iter()
                .filter(|round| round.rebalance.executed)
                .count(),
            prove_ms_median: median(rounds.iter().map(|round| round.prove_ms)),
            verify_ms_median: median(rounds.iter().map(|round| round.verify_ms)),
            gas_submit_max: largest(|round| round.gas_submit),
            gas_verify_max: largest(|round| round.gas_verify),
            gas_total: rounds
                .iter()
                .map(|round| round.gas_submit + round.rebalance.gas.unwrap_or(0))
                .sum(),
            seconds,
        }
    }
}

/// The middle value, or the mean of the middle two; 0 of nothing.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match (
        sorted.get(middle),
        middle.checked_sub(1).and_then(|below| sorted.get(below)),
    ) {
        (Some(upper), Some(lower)) if sorted.len().is_multiple_of(2) => (upper + lower) / 2.0,
        (Some(one), _) => *one,
        (None, _) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn median_of_odd_even_and_nothing() {
        assert_eq!(super::median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(super::median([4.0, 1.0].into_iter()), 2.5);
        assert_eq!(super::median([].into_iter()), 0.0);
    }
}
