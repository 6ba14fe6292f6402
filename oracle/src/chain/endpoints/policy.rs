//! Limits on what an RPC endpoint may cost.

use std::time::Duration;

/// Limits on what an endpoint may cost in time and memory, and when its head counts as stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndpointPolicy {
    /// Longest wait for a complete answer.
    pub timeout: Duration,
    /// Largest answer in bytes.
    pub largest_answer: usize,
    /// Pause between looks at the head of the endpoint in use; only made when there are several.
    pub look_every: Duration,
    /// A head this much older than another endpoint's is stale. One that has not moved for as long is compared with all
    /// others.
    pub stale_after: Duration,
}

impl Default for EndpointPolicy {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(20),
            largest_answer: 16 << 20,
            look_every: Duration::from_secs(10),
            stale_after: Duration::from_secs(60),
        }
    }
}
