//! An HTTP server that misbehaves on demand: what stands between the node and everything it talks to.
//!
//! ```text
//! node ── request ──> Front ── Rules: which fault? ──> Service (replayed exchange, or the real thing behind a proxy)
//!                       └── answered, late, cut, wrong, lost, or never
//! ```
//! Faults come from a script (this call, that many times) or by seeded chance, and every call can be waited for.

mod chance;
mod fault;
mod http;
mod rules;

pub use chance::Chance;
pub use fault::Fault;
pub use http::{Call, Front, Reply, Service};
pub use rules::{ANY, Rules};
