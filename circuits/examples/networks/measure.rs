//! One experiment: plan, keys, proofs, verification, memory, gas.

use std::{path::Path, sync::Arc, time::Instant};

use serde::{Deserialize, Serialize};
use veriregime_circuits::{
    network::Network,
    sheet::{Layout, SheetKey, SheetProver, Witness},
    slices::{Slice, Source, common_k, cut, plan},
    solidity,
    srs::Srs,
};

use crate::{evm, experiment::Experiment};

/// What was measured of one slice, the whole network's circuit where it is not cut.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Part {
    /// Value columns.
    pub lanes: usize,
    /// Rows in use.
    pub rows: usize,
    /// Key generation.
    pub keygen_s: f64,
    /// Witness, the median.
    pub witness_s: f64,
    /// Witness and proof, the median.
    pub prove_s: f64,
    /// Native verification.
    pub verify_ms: f64,
    /// Length of the proof.
    pub proof_bytes: usize,
    /// Gas of a transaction to the generated verifier.
    pub gas: Option<u64>,
    /// Code of the generated verifier.
    pub code_bytes: Option<usize>,
}

/// What was measured; of all slices together where there are several.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Why there are no figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// Circuits.
    pub slices: usize,
    /// log2 of the rows of each.
    pub k: u32,
    /// Rows in use.
    pub rows: usize,
    /// Value columns of each circuit.
    pub lanes: Vec<usize>,
    /// Columns of committed tensors.
    pub boundary: usize,
    /// Each slice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// Key generation.
    pub keygen_s: f64,
    /// Witness and proof, the fastest and the median of `proofs`.
    pub prove_s_min: f64,
    /// The median.
    pub prove_s: f64,
    /// Proofs made.
    pub proofs: usize,
    /// Native verification.
    pub verify_ms: f64,
    /// Length of a proof.
    pub proof_bytes: usize,
    /// Largest resident set of the process.
    pub peak_mb: f64,
    /// Gas of whole transactions to the generated verifiers.
    pub gas: Option<u64>,
    /// Code of the largest generated verifier.
    pub code_bytes: Option<usize>,
}

impl Figures {
    pub fn failed(failure: String) -> Self {
        Self {
            failure: Some(failure),
            ..Self::default()
        }
    }
}

fn srs(k: u32) -> Srs {
    match std::env::var("VERIREGIME_SRS") {
        Ok(path) => Srs::open(Path::new(&path), k, None).expect("the ceremony's points"),
        Err(_) => Srs::development(k),
    }
}

pub fn run(experiment: &Experiment) -> Figures {
    let network = experiment.network();
    network.validate().expect("a valid network");
    let slices = slices(experiment, &network);
    let k = (slices.len() > 1).then(|| common_k(&slices).expect("a size for all"));
    let mut figures = Figures {
        slices: slices.len(),
        proofs: experiment.repeat,
        gas: Some(0),
        ..Figures::default()
    };
    let mut times = vec![0.0; experiment.repeat];
    for (slice, input) in slices.iter().zip(inputs(experiment, &slices)) {
        let see = &slice.visibilities;
        let layout = Layout::plan_by(&slice.network, see, k, experiment.method).expect("a layout");
        figures.k = layout.shape.k;
        figures.boundary += layout.shape.boundary;
        let part = measure(layout, &input, &mut times);
        figures.rows += part.rows;
        figures.lanes.push(part.lanes);
        figures.keygen_s += part.keygen_s;
        figures.verify_ms += part.verify_ms;
        figures.proof_bytes += part.proof_bytes;
        figures.gas = figures.gas.zip(part.gas).map(|(sum, gas)| sum + gas);
        figures.code_bytes = figures.code_bytes.max(part.code_bytes);
        figures.parts.push(part);
    }
    times.sort_by(f64::total_cmp);
    figures.prove_s_min = times[0];
    figures.prove_s = median(&mut times);
    figures.peak_mb = peak_mb();
    figures
}

/// The network in one slice, in those asked for, or in as few as fit.
fn slices(experiment: &Experiment, network: &Network) -> Vec<Slice> {
    let see = &experiment.visibilities;
    if !experiment.cuts.is_empty() {
        return cut(network, &experiment.cuts, see).expect("slices");
    }
    if Layout::plan_by(network, see, None, experiment.method).is_ok() {
        let mut whole = cut(network, &[], see).expect("one slice");
        whole[0].visibilities = see.clone();
        return whole;
    }
    // Too large for one circuit: linked slices that fit the largest, with the fewest cells.
    let plans = [23, 47, 71].map(|lanes| (lanes, plan(network, 16, lanes, see)));
    let plans = plans
        .into_iter()
        .filter_map(|(lanes, plan)| Some((lanes, plan.ok()?)));
    let best = plans.min_by_key(|(lanes, plan)| lanes * plan.len());
    best.expect("slices that fit").1
}

/// The input of each slice.
fn inputs(experiment: &Experiment, slices: &[Slice]) -> Vec<Vec<i64>> {
    let (mut inputs, mut outputs) = (vec![], Vec::<Vec<i64>>::new());
    for slice in slices {
        let mut values = vec![];
        for source in &slice.sources {
            match source {
                Source::Input => values.extend(experiment.input(1)),
                Source::Slice(at) => values.extend_from_slice(&outputs[*at]),
            }
        }
        let trace = slice.network.trace(&values).expect("an inference");
        outputs.push(trace.output().to_vec());
        inputs.push(values);
    }
    inputs
}

/// Keys, proofs, verification of one circuit; adds the time of each proof to `times`.
fn measure(layout: Layout, input: &[i64], times: &mut [f64]) -> Part {
    let (k, lanes, rows) = (layout.shape.k, layout.shape.lanes, layout.row_count());
    let srs = srs(k);
    let start = Instant::now();
    let key = Arc::new(SheetKey::generate(layout, &srs).expect("keys"));
    let keygen_s = start.elapsed().as_secs_f64();
    let prover = SheetProver::new(Arc::clone(&key), srs.clone(), tables(k));
    let mut proof = None;
    let (mut witnesses, mut proofs) = (vec![], vec![]);
    for time in times {
        let start = Instant::now();
        let witness = Witness::generate(key.layout(), input, [0; 32]).expect("a witness");
        witnesses.push(start.elapsed().as_secs_f64());
        let made = prover
            .prove_witness(&witness, rand::rngs::OsRng)
            .expect("a proof");
        proofs.push(start.elapsed().as_secs_f64());
        *time += start.elapsed().as_secs_f64();
        proof = Some(made);
    }
    let proof = proof.expect("at least one proof");
    let start = Instant::now();
    key.verify(&srs, &proof.words, &proof.bytes)
        .expect("a proof that holds");
    let verify_ms = start.elapsed().as_secs_f64() * 1e3;
    let protocol = key.protocol().expect("a protocol");
    let source = solidity::contract(&protocol, srs.params(), "").ok();
    let called = source.and_then(|source| evm::call(&source, &proof.words, &proof.bytes));
    Part {
        lanes,
        rows,
        keygen_s,
        witness_s: median(&mut witnesses),
        prove_s: median(&mut proofs),
        verify_ms,
        proof_bytes: proof.bytes.len(),
        gas: called.as_ref().map(|called| called.gas),
        code_bytes: called.map(|called| called.code_bytes),
    }
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Memory for tables of multiples of the SRS's points.
fn tables(k: u32) -> usize {
    (32 << 20) << k.saturating_sub(14)
}

fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok());
    (kib.unwrap_or_default() * 1024.0 / 1e5).round() / 10.0
}
