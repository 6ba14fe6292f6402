//! Surroundings that misbehave on demand, to drive the real node through its worst days.
//!
//! ```text
//!              Clock (simulated time)
//!                │            │
//! Market ─> Replay exchange   Chain (anvil, real contracts; blocks mined by the clock)
//!                │            │
//!              Front        Front (RPC proxy)          Front (proxy) ── `veriregime attest`, one process each
//!                └──────┬─────┴──────────────────────────────┘
//!               `veriregime run`: a child process, its log read line by line, killed and started again
//! ```
//! Every arrow passes a [`front::Front`], which can hold, drop, delay, cut, fake or lose any call, by script or by seeded
//! chance. [`World`] joins the parts; [`Verdict`] compares what the node claims with what the chain, the wire and the
//! stores say. The programs: `crash` (kill -9 at every arrow of a round) and `soak` (a simulated day with faults).
//! docs/testing-operations.md tells how to use them.

use std::sync::{Mutex, MutexGuard, PoisonError};

pub mod chain;
pub mod clock;
pub mod crash;
mod evidence;
pub mod exchange;
pub mod front;
pub mod node;
pub mod proxy;
pub mod soak;
mod verdict;
mod world;

pub use evidence::{Bound, Evidence};
pub use verdict::Verdict;
pub use world::{FIRST_CLOSE, Plan, World};

/// Locks; a thread that panicked while holding the lock left nothing half done here.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
