//! `kill -9` once at every arrow of a round: the short version of `make crash`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod support;

use veriregime_testbed::crash::{ARROWS, Matrix, run};

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_daemon_neither_sends_twice_nor_skips() {
    if support::no_chain("the crash matrix") {
        return;
    }
    let matrix = Matrix {
        name: "crash-short",
        arrows: ARROWS.to_vec(),
        times: 1,
        seed: 3,
    };
    let report = run(&matrix, |line| eprintln!("{line}")).await.unwrap();
    assert!(report.holds(), "{report}");
    assert_eq!(report.kills, ARROWS.len());
    assert_eq!(
        report.accepted, report.due,
        "nothing here is a reason to miss a round\n{report}"
    );
}
