//! Times the library's commitments and ours in turn and prints a JSON table.
//!
//! `cargo run --release -p veriregime-circuits --example commitment_bench [-- <rounds> <MiB>]`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement that stops at the first problem"
)]

mod support;

use std::{sync::Arc, time::Instant};

use halo2_axiom::{
    halo2curves::{
        bn256::{Bn256, Fr},
        ff::Field,
    },
    poly::{
        LagrangeCoeff, Polynomial,
        commitment::{Blind, Params},
        kzg::commitment::ParamsKZG,
    },
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use serde::Serialize;
use support::{Times, millis, round};
use veriregime_circuits::commitment::{FixedBaseParams, Plan};

#[derive(Serialize)]
struct Row {
    k: u32,
    n: usize,
    scalars: &'static str,
    width: u32,
    levels: u32,
    table_mb: f64,
    build_ms: f64,
    library_ms: f64,
    library_median_ms: f64,
    library_cpu_ms: f64,
    ours_ms: f64,
    ours_median_ms: f64,
    ours_cpu_ms: f64,
    ratio: f64,
    cpu_ratio: f64,
}

fn main() {
    let argument = |index: usize| std::env::args().nth(index).and_then(|a| a.parse().ok());
    let rounds = argument(1).unwrap_or(15);
    let budget = argument(2).unwrap_or(256) << 20;
    let width = argument(3).map(|width| u32::try_from(width).expect("a digit width"));
    let sizes = argument(4).map_or(11..=15, |k| k as u32..=k as u32);
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut rows = vec![];
    for k in sizes {
        let n = 1usize << k;
        let params = Arc::new(ParamsKZG::<Bn256>::setup(k, &mut rng));
        let started = Instant::now();
        let plan = match width {
            Some(width) => Plan::with_width(n, budget / 2, width),
            None => Plan::choose(n, budget / 2),
        }
        .expect("a budget for one level");
        let ours = FixedBaseParams::with_plan(params.clone(), plan);
        let build_ms = millis(started);
        for (scalars, values) in kinds(n, &mut rng) {
            let poly: Polynomial<Fr, LagrangeCoeff> = Polynomial::new(values);
            let (mut theirs, mut mine) = (Times::default(), Times::default());
            for _ in 0..rounds {
                theirs.add(|| params.commit_lagrange(&poly, Blind::default()));
                mine.add(|| ours.commit_lagrange(&poly, Blind::default()));
            }
            rows.push(Row {
                k,
                n,
                scalars,
                width: plan.width,
                levels: plan.levels,
                table_mb: round(ours.table_bytes() as f64 / 1e6),
                build_ms: round(build_ms),
                library_ms: theirs.wall(0),
                library_median_ms: theirs.wall(rounds / 2),
                library_cpu_ms: theirs.cpu(),
                ours_ms: mine.wall(0),
                ours_median_ms: mine.wall(rounds / 2),
                ours_cpu_ms: mine.cpu(),
                ratio: round(theirs.wall(0) / mine.wall(0)),
                cpu_ratio: round(theirs.cpu() / mine.cpu()),
            });
        }
    }
    println!("[");
    for (index, row) in rows.iter().enumerate() {
        let comma = if index + 1 < rows.len() { "," } else { "" };
        println!("  {}{comma}", serde_json::to_string(row).unwrap());
    }
    println!("]");
}

/// Full-size scalars, and a column like the tape's: mostly digits, some bytes, full-size masks.
fn kinds(n: usize, rng: &mut ChaCha20Rng) -> [(&'static str, Vec<Fr>); 2] {
    let full = (0..n).map(|_| Fr::random(&mut *rng)).collect();
    let small = (0..n)
        .map(|i| match (i + 6 >= n, rng.gen_range(0..8)) {
            (true, _) => Fr::random(&mut *rng),
            (_, 0) => Fr::from(rng.gen_range(0..1 << 20)),
            (_, 1) => Fr::from(rng.gen_range(0..256)),
            _ => Fr::from(rng.gen_range(0..4)),
        })
        .collect();
    [("full", full), ("digits", small)]
}
