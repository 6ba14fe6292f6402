//! The proving farm: one set of rules for every queue, and whole runs with real processes.
//!
//! The NATS half needs a `nats-server` (`make farm` fetches one): named by `NATS_SERVER`, on the path, or unpacked in
//! target/nats-server. Without one it says so and passes, unless `VERIREGIME_REQUIRE_NATS` is set.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test"
)]

mod backends;
mod killed;
mod made;
mod queues;
mod runs;
mod server;
mod workers;
