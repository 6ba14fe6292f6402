//! The figures of `veriregime bench`: every one measured in this run, none remembered.

pub mod activations;
mod memory;

pub(crate) use memory::peak_rss_bytes;

use std::time::Instant;

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use anyhow::{Context, Result};
use serde::Serialize;
use veriregime_circuits::{
    proof::Proof,
    srs::Srs,
    tape::{Cost, Layout},
};
use veriregime_features::synthetic;

use crate::{
    chain::{Chain, ISignalVerifier},
    demo::{LocalChain, median},
    project::Project,
    proof_file::words,
    prover::{Prover, millis},
    verifier_source,
};

/// What was measured.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    /// Circuit profile.
    pub profile: &'static str,
    /// Kind of SRS.
    pub srs: &'static str,
    /// log2 of the circuit's rows.
    pub k: u32,
    /// Rows used.
    pub rows: usize,
    /// Multiply-accumulate lanes.
    pub lanes: usize,
    /// How small values are checked.
    pub range: &'static str,
    /// Key generation.
    pub keygen_ms: f64,
    /// Size of the key file.
    pub pk_bytes: u64,
    /// Proving.
    pub prove_ms: Spread,
    /// Largest resident set of this process, in MB (10^6 bytes).
    pub peak_rss_mb: f64,
    /// Length of a proof.
    pub proof_bytes: usize,
    /// Native verification, median.
    pub verify_ms: f64,
    /// Gas of a transaction that calls the verifier, as predicted from the layout.
    pub gas_predicted: u64,
    /// Gas of a transaction that calls the verifier.
    pub gas_verify: Option<u64>,
    /// Why there is no `gas_verify`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gas_note: Option<String>,
}

/// Smallest, middle and largest of `n` measurements.
#[derive(Debug, Clone, Serialize)]
pub struct Spread {
    /// Smallest.
    pub min: f64,
    /// Middle.
    pub median: f64,
    /// Largest.
    pub max: f64,
    /// How many.
    pub n: usize,
}

/// Measures keys, `repeat` proofs and their verification, memory, and gas if a local chain can be had.
///
/// Inputs are synthetic windows: proving time does not depend on their values.
pub async fn run(
    profile: &'static str,
    layout: Layout,
    srs: Srs,
    table_memory: usize,
    repeat: u32,
    project: Option<Project>,
) -> Result<Figures> {
    let started = Instant::now();
    let prover =
        tokio::task::spawn_blocking(move || Prover::generate(layout, srs, table_memory)).await??;
    let keygen_ms = millis(started);
    let pk_bytes = key_size(&prover)?;

    let (mut prove_ms, mut verify_ms) = (Vec::new(), Vec::new());
    let mut last = None;
    for seed in 0..repeat {
        let inputs = inputs(u64::from(seed), prover.network().input.len);
        let (made, spent, checked) = tokio::task::block_in_place(|| prove(&prover, &inputs))?;
        prove_ms.push(spent);
        verify_ms.push(checked);
        last = Some(made);
    }
    let proof = last.context("no proof was made: --repeat must be at least 1")?;
    let peak_rss_mb = memory::peak_rss_mb()?;
    let gas = match project {
        Some(project) => gas(&prover, &project, &proof).await,
        None => Err(anyhow::anyhow!(
            "not inside a checkout with the contracts: give --root"
        )),
    };
    let layout = prover.key().layout();
    Ok(Figures {
        profile,
        srs: prover.srs().kind().as_str(),
        k: layout.k,
        rows: layout.rows.len(),
        lanes: layout.shape.lanes,
        range: layout.shape.range.as_str(),
        keygen_ms,
        pk_bytes,
        prove_ms: Spread {
            min: prove_ms.iter().copied().fold(f64::MAX, f64::min),
            median: median(prove_ms.iter().copied()),
            max: prove_ms.iter().copied().fold(f64::MIN, f64::max),
            n: prove_ms.len(),
        },
        peak_rss_mb,
        proof_bytes: proof.bytes.len(),
        gas_predicted: Cost::of(layout).gas,
        verify_ms: median(verify_ms.into_iter()),
        gas_note: gas.as_ref().err().map(|error| format!("{error:#}")),
        gas_verify: gas.ok(),
    })
}

fn key_size(prover: &Prover) -> Result<u64> {
    let path = std::env::temp_dir().join(format!("veriregime-bench-{}.key", std::process::id()));
    let size = prover
        .key()
        .write(&path)
        .map_err(anyhow::Error::from)
        .and_then(|()| Ok(std::fs::metadata(&path)?.len()));
    let removed = std::fs::remove_file(&path);
    let size = size?;
    removed.with_context(|| format!("removing {}", path.display()))?;
    Ok(size)
}

/// Int8 values from the synthetic candles' digits.
fn inputs(seed: u64, length: usize) -> Vec<i16> {
    synthetic::candles(seed, 0, length)
        .iter()
        .map(|candle| i16::try_from(candle.close.rem_euclid(256)).unwrap_or(0) - 128)
        .collect()
}

fn prove(prover: &Prover, inputs: &[i16]) -> Result<(Proof, f64, f64)> {
    let started = Instant::now();
    let proof = prover.prove_inputs(inputs, [0; 32])?;
    let spent = millis(started);
    let started = Instant::now();
    prover.verify(&proof.public_inputs, &proof.bytes)?;
    Ok((proof, spent, millis(started)))
}

/// Deploys the contracts on a local chain and calls the verifier in a transaction of its own.
async fn gas(prover: &Prover, project: &Project, proof: &Proof) -> Result<u64> {
    let output = project.root().join("target/bench");
    // A date after which every rule of the contracts holds; nothing here depends on it.
    let local = LocalChain::start(project, &output, 1_735_689_600).await?;
    let verifier = verifier_source::prepare(prover, project)?;
    let deployment = local
        .deploy(&verifier, &[Address::repeat_byte(1)], 1, false)
        .await?;
    let key = PrivateKeySigner::random();
    local.fund(key.address()).await?;
    let chain = Chain::connect(&local.rpc(), deployment.oracle_id(), Some(key)).await?;
    let call = ISignalVerifier::verifyCall {
        publicInputs: words(&proof.public_inputs),
        proof: proof.bytes.clone().into(),
    };
    Ok(chain
        .transact(deployment.contracts.verifier.address, &call)
        .await?
        .gas_used)
}
