//! What a proof took, in the same words for every backend.

use serde::{Deserialize, Serialize};

use super::{BackendName, Machine};
use crate::farm::Digest;

/// What a proof took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Who made it.
    pub backend: BackendName,
    /// SHA-256 of the network's file.
    pub network: Digest,
    /// log2 of the number of rows.
    pub k: u32,
    /// Rows in use.
    pub rows: usize,
    /// Advice columns; none where the prover does not tell.
    pub columns: Option<usize>,
    /// Milliseconds of key generation, tables included; 0 where the keys were in memory.
    pub keygen_ms: f64,
    /// Milliseconds from input to proof, witness included.
    pub prove_ms: f64,
    /// Milliseconds of the prover's own verification.
    pub verify_ms: f64,
    /// Bytes of the proof.
    pub proof_bytes: usize,
    /// Largest resident set of the proving process so far.
    pub peak_memory_bytes: u64,
    /// Where.
    pub machine: Machine,
}
