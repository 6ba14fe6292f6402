//! One experiment: plan, keys, proofs, verification, memory, gas.

use std::{path::Path, sync::Arc, time::Instant};

use serde::{Deserialize, Serialize};
use veriregime_circuits::{
    sheet::{Layout, SheetKey, SheetProver, Witness},
    slices::{Slice, cut, plan},
    solidity,
    srs::Srs,
};

use crate::{evm, experiment::Experiment};

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
    /// Rows in use of each.
    pub slice_rows: Vec<usize>,
    /// Witness and proof of each, the median.
    pub slice_prove_s: Vec<f64>,
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
    let see = &experiment.visibilities;
    let slices: Vec<Slice> = if experiment.cuts.is_empty() {
        match Layout::plan_by(&network, see, None, experiment.method) {
            Ok(_) => cut(&network, &[], see).expect("one slice"),
            // Too large for one circuit: linked slices that fit the largest, with the fewest cells.
            Err(_) => {
                let plans = [23, 47, 71].map(|lanes| (lanes, plan(&network, 16, lanes, see)));
                let plans = plans
                    .into_iter()
                    .filter_map(|(lanes, plan)| Some((lanes, plan.ok()?)));
                let best = plans.min_by_key(|(lanes, plan)| lanes * plan.len());
                best.expect("slices that fit").1
            }
        }
    } else {
        cut(&network, &experiment.cuts, see).expect("slices")
    };
    let mut slices = slices;
    if let [only] = slices.as_mut_slice() {
        only.visibilities = see.clone();
    }
    let k = (slices.len() > 1).then(|| {
        let least = |slice: &Slice| {
            Layout::plan(&slice.network, &slice.visibilities, None).map_or(16, |l| l.shape.k)
        };
        slices.iter().map(least).max().unwrap_or(16)
    });
    let mut figures = Figures {
        slices: slices.len(),
        proofs: experiment.repeat,
        ..Figures::default()
    };
    let mut times = vec![0.0; experiment.repeat];
    let mut inputs: Vec<Vec<i64>> = vec![];
    let mut outputs: Vec<Vec<i64>> = vec![];
    let mut gas = Some(0);
    for slice in &slices {
        let mut values = vec![];
        for source in &slice.sources {
            match source {
                veriregime_circuits::slices::Source::Input => values.extend(experiment.input(1)),
                veriregime_circuits::slices::Source::Slice(at) => {
                    values.extend_from_slice(&outputs[*at]);
                }
            }
        }
        outputs.push(
            slice
                .network
                .trace(&values)
                .expect("an inference")
                .output()
                .to_vec(),
        );
        inputs.push(values);
    }
    for (slice, input) in slices.iter().zip(&inputs) {
        let (network, see) = (&slice.network, &slice.visibilities);
        let layout = Layout::plan_by(network, see, k, experiment.method).expect("a layout");
        figures.k = layout.shape.k;
        figures.rows += layout.row_count();
        figures.slice_rows.push(layout.row_count());
        figures.lanes.push(layout.shape.lanes);
        figures.boundary += layout.shape.boundary;
        let srs = srs(layout.shape.k);
        let start = Instant::now();
        let key = Arc::new(SheetKey::generate(layout, &srs).expect("keys"));
        figures.keygen_s += start.elapsed().as_secs_f64();
        let prover = SheetProver::new(Arc::clone(&key), srs.clone(), tables(figures.k));
        let mut proof = None;
        let mut own = vec![];
        for time in &mut times {
            let start = Instant::now();
            let witness = Witness::generate(key.layout(), input, [0; 32]).expect("a witness");
            let made = prover
                .prove_witness(&witness, rand::rngs::OsRng)
                .expect("a proof");
            own.push(start.elapsed().as_secs_f64());
            *time += start.elapsed().as_secs_f64();
            proof = Some(made);
        }
        own.sort_by(f64::total_cmp);
        figures.slice_prove_s.push(own[own.len() / 2]);
        let proof = proof.expect("at least one proof");
        let start = Instant::now();
        key.verify(&srs, &proof.words, &proof.bytes)
            .expect("a proof that holds");
        figures.verify_ms += start.elapsed().as_secs_f64() * 1e3;
        figures.proof_bytes += proof.bytes.len();
        let protocol = key.protocol().expect("a protocol");
        let source = solidity::contract(&protocol, srs.params(), "").ok();
        let called = source.and_then(|source| evm::call(&source, &proof.words, &proof.bytes));
        gas = match (gas, &called) {
            (Some(gas), Some(called)) => Some(gas + called.gas),
            _ => None,
        };
        if let Some(called) = called {
            let code = figures
                .code_bytes
                .unwrap_or_default()
                .max(called.code_bytes);
            figures.code_bytes = Some(code);
        }
    }
    times.sort_by(f64::total_cmp);
    figures.prove_s_min = times[0];
    figures.prove_s = times[times.len() / 2];
    figures.gas = gas;
    figures.peak_mb = peak_mb();
    figures
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
