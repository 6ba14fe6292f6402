//! Exchanges: every client against hand-written answers of the right shape, good and bad, and windows held against several.
//!
//! ```text
//! support/dialect: how each exchange writes ─┬─ one answer   rows, answers, failures, transport, markets, recorded
//!                                            └─ one window   closes, silence, clocks, late, together, attestors
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod answers;
mod ask;
mod attestors;
mod clocks;
mod closes;
mod failures;
mod late;
mod markets;
mod recorded;
mod rows;
mod scene;
mod silence;
#[path = "../support/mod.rs"]
mod support;
mod together;
mod transport;
