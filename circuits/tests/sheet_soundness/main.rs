//! No false statement about a network in general has a proof: forgeries of sheets that a single
//! constraint objects to, and what would be accepted without it.
//!
//! Prints how many forgeries each removed constraint would let through: the table of
//! docs/design/soundness.md. `VERIREGIME_SOUNDNESS=full` tries more of each in more shapes.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod agreement;
mod case;
mod classes;
mod convolution;
mod copies;
mod division;
mod fill;
mod function;
mod gates;
mod key;
mod maximum;
#[path = "../support/networks.rs"]
mod networks;
mod norm;
mod pieces;
mod resume;
mod rule;
#[path = "../support/scale.rs"]
mod scale;
mod statement;
mod subject;
mod tally;

use std::time::Instant;

use case::Case;
use rayon::prelude::*;
use rule::REMOVALS;
use scale::Scale;
use tally::Tally;

type Group = fn(&Case, Scale) -> Tally;

const GROUPS: [(&str, Group); 11] = [
    ("agreement", agreement::run),
    ("gates", gates::run),
    ("copies", copies::run),
    ("statement", statement::run),
    ("division", division::run),
    ("functions", function::run),
    ("pieces", pieces::run),
    ("maxima", maximum::run),
    ("normalisation", norm::run),
    ("classes", classes::run),
    ("convolution", convolution::run),
];

/// Range checks that no forgery needs: docs/design/soundness.md says why they stay.
const REDUNDANT: [&str; 2] = ["one-hot cells", "raises of maxima"];

#[test]
fn every_forgery_is_refused_and_every_constraint_is_needed() {
    let scale = Scale::from_environment();
    let start = Instant::now();
    let cases = subject::cases(scale);
    println!(
        "{} sheets, {:.1} s",
        cases.len(),
        start.elapsed().as_secs_f64()
    );
    let mut total = Tally::default();
    for (name, group) in GROUPS {
        let start = Instant::now();
        let tallies = cases.par_iter().map(|case| group(case, scale));
        let tally = tallies.reduce(Tally::default, |a, b| a + b);
        let (forgeries, single) = (tally.forgeries, tally.single);
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{name}: {forgeries} forgeries, {single} that one cell or row objects to, {seconds:.1} s"
        );
        for (removed, count) in &tally.without {
            println!("    {removed}: {count}");
        }
        assert!(forgeries > 0, "{name}");
        total = total + tally;
    }
    println!(
        "{} forgeries, {} accepted",
        total.forgeries,
        total.accepted.len()
    );
    for (removed, count) in &total.without {
        println!("| {removed} | {count} |");
    }
    assert!(total.accepted.is_empty(), "{:#?}", total.accepted);
    for check in cases.iter().flat_map(|case| &case.blocks) {
        let check = check.check();
        let needed = total.without.contains_key(&format!("range of {check}"));
        let redundant = check == "none" || REDUNDANT.contains(&check);
        assert_eq!(needed, !redundant, "range of {check}");
    }
    for (removed, _) in REMOVALS {
        assert!(
            total.without.contains_key(removed),
            "{removed}: no forgery needs it"
        );
    }
}
