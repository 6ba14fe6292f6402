//! EZKL's figures on the same networks, as measured before: they are quoted, not taken again here.

use serde::Serialize;

/// What was measured of EZKL, and under which conditions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Peer {
    /// The network.
    pub network: &'static str,
    /// Its circuit.
    pub circuit: &'static str,
    /// Proving, seconds of wall time.
    pub prove_seconds: f64,
    /// Peak memory, MB.
    pub peak_mb: f64,
    /// Length of a proof.
    pub proof_bytes: usize,
    /// Gas of a whole transaction; `None` where no verifier was made.
    pub gas: Option<u64>,
    /// Version, machine and load.
    pub conditions: &'static str,
}

#[expect(clippy::approx_constant, reason = "a time that happens to be near tau")]
/// EZKL's figures.
pub const PEERS: [Peer; 2] = [
    Peer {
        network: "CNN teacher of the proposal (8 x 60: conv 64 k5, conv 128 k3, pool, dense), random weights",
        circuit: "k = 17 at scale 7, 54 advice columns, 144 selectors; at scale 13 it needs k = 21 and did not finish",
        prove_seconds: 407.0,
        peak_mb: 7_808.0,
        proof_bytes: 21_312,
        gas: None,
        conditions: "EZKL 23.0.5, 2-core 2.5 GHz Xeon with 24 GB, measured before, under load: 477 s of processor time",
    },
    Peer {
        network: "shipped student of signals",
        circuit: "k = 16 at scale 13",
        prove_seconds: 6.28,
        peak_mb: 691.7,
        proof_bytes: 3_072,
        gas: Some(1_052_049),
        conditions: "EZKL 23.0.5, 2-core 2.6 GHz Xeon with 23.5 GiB, measured before, machine busy: 11.6 s of processor time (docs/peers.md)",
    },
];
