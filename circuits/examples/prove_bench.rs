//! Times whole proofs of a model, the library's path and the prover with tables in turn.
//!
//! `cargo run --release -p veriregime-circuits --example prove_bench -- <model.json> [<rounds> [<profile>]]`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement that stops at the first problem"
)]

mod support;

use std::{path::Path, sync::Arc, time::Instant};

use support::{Times, millis, round};
use veriregime_circuits::{
    keys::ProvingKey,
    model::IntegerModel,
    proof::prove,
    prover::{DEFAULT_MEMORY_BUDGET, Prover},
    srs::Srs,
    tape::{Layout, Profile, Witness},
};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().expect("a model file");
    let rounds = arguments.next().map_or(15, |n| n.parse().unwrap());
    let model = IntegerModel::read(Path::new(&path)).unwrap();
    let profile = arguments
        .next()
        .map_or(Profile::Gas, |text| text.parse().unwrap());
    let layout = Layout::plan(&model, profile).unwrap();
    let srs = Srs::development(layout.k);
    let key = Arc::new(ProvingKey::generate(layout, &srs).unwrap());
    let started = Instant::now();
    let prover = Prover::new(key.clone(), srs.clone(), DEFAULT_MEMORY_BUDGET).unwrap();
    let build_ms = round(millis(started));
    let inputs = vec![0; model.input.len];
    let (mut theirs, mut ours, mut witness) = Default::default();
    for _ in 0..rounds {
        Times::add(&mut theirs, || prove(&key, &srs, &inputs, [0; 32]).unwrap());
        Times::add(&mut ours, || prover.prove(&inputs, [0; 32]).unwrap());
        Times::add(&mut witness, || {
            Witness::generate(key.layout(), &inputs, [0; 32]).unwrap()
        });
    }
    let row = serde_json::json!({
        "k": srs.k(),
        "table_mb": round(prover.table_bytes() as f64 / 1e6),
        "build_ms": build_ms,
        "witness_ms": witness.wall(0),
        "library_ms": theirs.wall(0),
        "library_median_ms": theirs.wall(rounds / 2),
        "library_cpu_ms": theirs.cpu(),
        "ours_ms": ours.wall(0),
        "ours_median_ms": ours.wall(rounds / 2),
        "ours_cpu_ms": ours.cpu(),
    });
    println!("{row}");
}
