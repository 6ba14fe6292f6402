//! What a configuration's measurement gave.

use serde::{Deserialize, Serialize};

use super::Configuration;

/// What was measured in one process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// Of what.
    pub configuration: Configuration,
    /// First four bytes of the verifying key's digest.
    pub model_id: String,
    /// Digest of the verifying key.
    pub key_digest: String,
    /// Kind of the reference string.
    pub srs: String,
    /// log2 of the circuit's rows.
    pub k: u32,
    /// Rows in use.
    pub rows: usize,
    /// Value columns.
    pub lanes: usize,
    /// Public words.
    pub words: usize,
    /// Length of a proof.
    pub proof_bytes: usize,
    /// Layout, reference string, keys and tables.
    pub setup_seconds: f64,
    /// Proofs made; each was verified and its output equal to the reference's.
    pub proofs: usize,
    /// Witness and proof, seconds of wall time.
    pub prove: Times,
    /// Processor time of a proof, mean over all, both cores together.
    pub prove_cpu_mean: f64,
    /// Native verification, seconds.
    pub verify: Times,
    /// Largest resident set of the process, MB (10^6 bytes).
    pub peak_mb: f64,
    /// Processes that wanted a processor, before and after: mean of a minute.
    pub load: [f64; 2],
}

/// Times of many runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Times {
    /// Least.
    pub min: f64,
    /// Mean.
    pub mean: f64,
    /// Median: the middle one, the upper of two.
    pub median: f64,
    /// 95 of 100 are no longer (nearest rank).
    pub p95: f64,
    /// Most.
    pub max: f64,
}

impl Times {
    /// The statistics of some times; zero of none.
    #[must_use]
    pub fn of(times: &[f64]) -> Self {
        let mut sorted = times.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |index: usize| sorted.get(index).copied().unwrap_or(0.0);
        let last = sorted.len().saturating_sub(1);
        Self {
            min: at(0),
            mean: sorted.iter().sum::<f64>() / sorted.len().max(1) as f64,
            median: at(sorted.len() / 2),
            p95: at((sorted.len() * 95).div_ceil(100).saturating_sub(1)),
            max: at(last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Times;

    #[test]
    fn times_of_a_hundred() {
        let times: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        let times = Times::of(&times);
        assert_eq!((times.min, times.max, times.mean), (1.0, 100.0, 50.5));
        assert_eq!((times.median, times.p95), (51.0, 95.0));
    }

    #[test]
    fn times_of_few_and_none() {
        assert_eq!(Times::of(&[3.0]).p95, 3.0);
        assert_eq!(Times::of(&[]).mean, 0.0);
    }
}
