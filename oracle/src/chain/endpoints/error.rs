//! What was wrong with the RPC endpoints.

use std::{fmt, time::Duration};

/// Why one endpoint gave no usable answer. No variant carries more of the URL than scheme and host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Not reached, or broken off.
    #[error("no connection: {0}")]
    Connection(String),
    /// Too slow.
    #[error("no complete answer within {0:?}")]
    TimedOut(Duration),
    /// Refused by the server or what stands before it.
    #[error("HTTP {0}")]
    Status(u16),
    /// Asked for less, by status 429 or in words.
    #[error("asks for fewer requests (rate limit)")]
    Busy,
    /// HTML, a broken document, or an answer to another question.
    #[error("its answer is not JSON-RPC")]
    NotJsonRpc,
    /// More than is read.
    #[error("its answer is larger than {0} bytes")]
    TooLarge(usize),
    /// Another chain.
    #[error("it serves chain {got}, not {want}")]
    WrongChain {
        /// Its chain id.
        got: u64,
        /// The chain id asked for.
        want: u64,
    },
    /// Far behind another endpoint.
    #[error("its newest block is {0} s older than another endpoint's")]
    Stale(u64),
}

/// One endpoint and what was wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointFault {
    /// Position in the list, from 1.
    pub number: usize,
    /// Scheme and host.
    pub endpoint: String,
    /// What was wrong.
    pub fault: Fault,
}

impl fmt::Display for EndpointFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RPC {} ({}): {}", self.number, self.endpoint, self.fault)
    }
}

/// Why nothing was answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointsError {
    /// No URL at all.
    #[error("no RPC URL: give at least one, for example http://127.0.0.1:8545")]
    None,
    /// A URL that cannot be used.
    #[error(
        "RPC URL {number} cannot be used: {reason}: expected for example http://127.0.0.1:8545"
    )]
    Url {
        /// Position in the list, from 1.
        number: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// No HTTP client.
    #[error("no HTTP client for the RPC: {0}")]
    Client(String),
    /// The request is not JSON.
    #[error("request not sent: {0}")]
    Request(String),
    /// Every endpoint failed.
    #[error("no RPC endpoint gives a usable answer: {}: check the URLs, or add another", listed(.0))]
    Exhausted(Vec<EndpointFault>),
}

fn listed(faults: &[EndpointFault]) -> String {
    let words: Vec<_> = faults.iter().map(ToString::to_string).collect();
    words.join("; ")
}
