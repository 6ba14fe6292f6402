//! What an integer model costs as a circuit.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use serde::Serialize;
use veriregime_circuits::keys::ProvingKey;
use veriregime_circuits::model::IntegerModel;
use veriregime_circuits::proof::verify;
use veriregime_circuits::prover::{DEFAULT_MEMORY_BUDGET, Prover};
use veriregime_circuits::srs::Srs;
use veriregime_circuits::tape::{Cost, Layout, Profile, candidates};

use crate::Error;

/// Size and costs in the gas profile.
#[derive(Clone, Debug, Serialize)]
pub struct Circuit {
    /// Rows of the tape.
    pub rows: usize,
    /// log2 of the circuit's rows.
    pub k: u32,
    /// Gas of a verification with every input on chain, by the cost model (largest error 0.1 %).
    pub gas: u64,
    /// Length of a proof.
    pub proof_bytes: usize,
    /// Median proving time, milliseconds, witness included; `None` where no proof was made.
    pub prove_ms: Option<f64>,
    /// Proving time by the cost model (an idle machine's), milliseconds.
    pub predicted_prove_ms: f64,
    /// Gas in the speed profile, by the cost model.
    pub speed_gas: u64,
    /// Proving time in the speed profile, by the cost model, milliseconds.
    pub speed_prove_ms: f64,
}

impl Circuit {
    /// Heads of [`Self::cells`].
    pub const HEADS: [&'static str; 5] =
        ["rows", "k", "prove ms", "prove ms (model)", "gas (model)"];

    /// The figures as the cells of a table; empty ones where there is no circuit.
    #[must_use]
    pub fn cells(circuit: Option<&Self>) -> [String; 5] {
        circuit.map_or_else(Default::default, |circuit| {
            [
                circuit.rows.to_string(),
                circuit.k.to_string(),
                circuit
                    .prove_ms
                    .map_or_else(String::new, |ms| format!("{ms:.0}")),
                format!("{:.0}", circuit.predicted_prove_ms),
                circuit.gas.to_string(),
            ]
        })
    }

    /// Compiles a model, and makes and verifies `proofs` proofs of some inputs.
    ///
    /// # Errors
    /// [`Error::Model`] when it does not compile, or a proof does not verify.
    pub fn of(model: &IntegerModel, inputs: &[Vec<i16>], proofs: usize) -> Result<Self, Error> {
        let candidates = candidates(model, None)?;
        let layout = Layout::compile(model, Profile::Gas.choose(model, &candidates)?, None)?;
        let cost = Cost::of(&layout);
        let shape = Profile::Speed.choose(model, &candidates)?;
        let speed = Cost::of(&Layout::compile(model, shape, None)?);
        let (rows, k) = (layout.rows.len(), layout.k);
        let prove_ms = if proofs == 0 {
            None
        } else {
            let srs = development(k);
            let key = Arc::new(ProvingKey::generate(layout, &srs)?);
            let prover = Prover::new(key.clone(), srs.clone(), DEFAULT_MEMORY_BUDGET)?;
            let mut times = Vec::new();
            for input in inputs.iter().take(proofs) {
                let begun = Instant::now();
                let proof = prover.prove(input, [0; 32])?;
                times.push(begun.elapsed().as_secs_f64() * 1_000.0);
                verify(
                    key.verifying_key(),
                    &srs,
                    &proof.public_inputs,
                    &proof.bytes,
                )?;
            }
            times.sort_by(f64::total_cmp);
            times.get(times.len() / 2).copied()
        };
        Ok(Self {
            rows,
            k,
            gas: cost.gas,
            proof_bytes: cost.proof_bytes,
            prove_ms,
            predicted_prove_ms: cost.prove_ms,
            speed_gas: speed.gas,
            speed_prove_ms: speed.prove_ms,
        })
    }
}

/// The development SRS of a size, made once: it takes longer than a proof.
fn development(k: u32) -> Srs {
    static MADE: Mutex<BTreeMap<u32, Srs>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.entry(k).or_insert_with(|| Srs::development(k)).clone()
}
