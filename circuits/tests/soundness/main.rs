//! No false statement has a proof: every way to corrupt a tape that we could think of.
//!
//! Runs all groups, or those whose name contains the first argument; prints what was tried, and
//! fails if one forgery was accepted. `VERIREGIME_SOUNDNESS=full` tries more shapes and more cells.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "test")]
#![allow(clippy::indexing_slicing, reason = "test")]

mod activations;
mod argmax;
mod cells;
mod forge;
mod lanes;
mod pieces;
mod product;
mod proofs;
mod public;
mod relu;
mod rescale;
#[path = "../support/scale.rs"]
mod scale;
mod setup;
#[path = "../support/mod.rs"]
mod support;
mod tables;
mod tally;
mod values;
mod verifier;

use std::{process::ExitCode, time::Instant};

use scale::Scale;
use setup::Setup;
use tally::Tally;

type Group = fn(&[Setup], Scale) -> Tally;

const GROUPS: [(&str, Group); 13] = [
    ("cells", cells::run),
    ("lanes", lanes::run),
    ("pieces", pieces::run),
    ("values", values::run),
    ("rescale", rescale::run),
    ("activations", activations::run),
    ("relu", relu::run),
    ("tables", tables::run),
    ("argmax", argmax::run),
    ("public inputs", public::run),
    ("verifier", verifier::run),
    ("proof bytes", proofs::run),
    ("product", product::run),
];

fn main() -> ExitCode {
    let scale = Scale::from_environment();
    let wanted = std::env::args().skip(1).find(|a| !a.starts_with('-'));
    let groups: Vec<_> = GROUPS
        .into_iter()
        .filter(|(name, _)| wanted.as_ref().is_none_or(|wanted| name.contains(wanted)))
        .collect();
    if groups.is_empty() {
        return ExitCode::SUCCESS;
    }
    let setups = setup::configurations(scale);
    println!("soundness: {} configurations", setups.len());
    let mut total = Tally::default();
    for (name, group) in groups {
        let start = Instant::now();
        let tally = group(&setups, scale);
        println!(
            "soundness: {name}: {tally}, {:.1} s",
            start.elapsed().as_secs_f64()
        );
        for forgery in tally.accepted.iter().take(10) {
            println!("soundness: {name}: ACCEPTED {forgery}");
        }
        total = total + tally;
    }
    println!("soundness: total: {total}");
    if total.accepted.is_empty() && total.cases > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
