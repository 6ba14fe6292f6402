//! Networks, jobs and results to play with.

use std::path::Path;

use alloy::primitives::B256;
use rand::{Rng, SeedableRng, rngs::StdRng};
use veriregime::{
    backend::{BackendName, Input, Machine, Proof, Report, Statement},
    farm::{Digest, Finished, Job, Made},
};
use veriregime_circuits::{
    network::{Convolution, Dims, FORMAT, Input as Range, Linear, Network, Node, Operator, Table},
    sheet::Visibilities,
};

pub const INPUTS: usize = 62;

fn dense(rng: &mut StdRng, input: usize, from: usize, to: usize, last: bool) -> Node {
    let reach = 256 * 7 * from as u64 + 500;
    let divisor = match last {
        true => 1,
        false => reach.div_ceil(500).next_power_of_two(),
    };
    let term = Convolution {
        input,
        outputs: to,
        weights: (0..from * to).map(|_| rng.gen_range(-7..=7)).collect(),
        kernel: [1, 1],
        stride: [1, 1],
        padding: [0; 4],
        dilation: [1, 1],
        groups: 1,
    };
    Node {
        name: format!("dense{input}"),
        operator: Operator::Linear(Linear {
            terms: vec![term],
            bias: (0..to).map(|_| rng.gen_range(-500..500)).collect(),
            divisor,
            table: (!last).then_some(0),
        }),
    }
}

/// Three dense layers.
pub fn network() -> Network {
    let mut rng = StdRng::seed_from_u64(5);
    let relu = Table {
        name: "relu".into(),
        low: -600,
        values: (-600..600).map(|x: i32| x.clamp(0, 255)).collect(),
    };
    let network = Network {
        format: FORMAT.into(),
        input: Range {
            dims: Dims(INPUTS, 1, 1),
            low: -128,
            high: 127,
        },
        tables: vec![relu],
        nodes: vec![
            dense(&mut rng, 0, INPUTS, 16, false),
            dense(&mut rng, 1, 16, 8, false),
            dense(&mut rng, 2, 8, 3, true),
        ],
    };
    network.validate().unwrap();
    network
}

/// So many inputs of it.
pub fn windows(count: usize) -> Vec<Vec<i64>> {
    let mut rng = StdRng::seed_from_u64(6);
    let window = |_| (0..INPUTS).map(|_| rng.gen_range(-128..128)).collect();
    (0..count).map(window).collect()
}

/// `network.json` and `windows.json` in a folder.
pub fn files(folder: &Path, count: usize) {
    network().write(&folder.join("network.json")).unwrap();
    let text = serde_json::to_vec(&windows(count)).unwrap();
    std::fs::write(folder.join("windows.json"), text).unwrap();
}

/// A job that nobody could prove.
pub fn job(number: i64) -> Job {
    Job {
        backend: BackendName::Sheet,
        network: Digest::of(b"a network"),
        statement: Statement {
            visibilities: Visibilities::PUBLIC,
            k: Some(9),
        },
        input: Input::Integers(vec![number]),
        binding: B256::ZERO,
    }
}

/// A proof and report that nobody checks.
pub fn proof() -> (Proof, Report) {
    let proof = Proof {
        backend: BackendName::Sheet,
        bytes: vec![7; 900].into(),
        words: vec![B256::ZERO],
        output: vec![1, -2, 3],
    };
    let report = Report {
        backend: BackendName::Sheet,
        network: Digest::of(b"a network"),
        k: 9,
        rows: 100,
        columns: Some(9),
        keygen_ms: 0.0,
        prove_ms: 1.5,
        verify_ms: 0.5,
        proof_bytes: 900,
        peak_memory_bytes: 1,
        machine: Machine::this(),
    };
    (proof, report)
}

/// Its result by a worker.
pub fn finished(job: &Job, worker: &str) -> Finished {
    let (proof, report) = proof();
    Finished {
        id: job.id().unwrap(),
        proof,
        report,
        made: Made {
            worker: worker.into(),
            attempt: 1,
            queued_ms: 1,
            begun_ms: 2,
            ended_ms: 3,
        },
    }
}
