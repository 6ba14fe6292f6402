//! Twenty simulated minutes with every kind of fault: the short version of `make soak`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod support;

use veriregime_testbed::soak::{Soak, run};

#[tokio::test(flavor = "multi_thread")]
async fn twenty_bad_minutes_leave_no_duplicate_and_no_unexplained_miss() {
    if support::no_chain("the soak") {
        return;
    }
    let soak = Soak {
        name: "soak-short",
        windows: 20,
        speed: 60.0,
        seed: 5,
    };
    let report = run(&soak, |line| eprintln!("{line}")).await.unwrap();
    assert!(report.holds(), "{report}");
    assert!(report.published >= 10, "most rounds survive\n{report}");
    assert!(report.lives > 2, "{report}");
    assert!(!report.faults.is_empty(), "{report}");
}
