//! Services that pass calls on to the real thing.

mod attest;
mod forward;
mod rpc;

pub use attest::AttestProxy;
pub use rpc::{RpcProxy, Wired};

/// Names of calls, for rules.
pub mod calls {
    /// An attestor asked for its signature.
    pub const ATTEST: &str = "/attest";
    /// `eth_call` of the oracle's `submit`: the simulation.
    pub const SIMULATE: &str = "eth_call:submit";
    /// Any other `eth_call`.
    pub const READ: &str = "eth_call";
    /// The account's next nonce.
    pub const NONCE: &str = "eth_getTransactionCount";
    /// Fees of past blocks.
    pub const FEES: &str = "eth_feeHistory";
    /// The gas a transaction needs.
    pub const GAS: &str = "eth_estimateGas";
    /// A transaction handed over.
    pub const SEND: &str = "eth_sendRawTransaction";
    /// What became of a transaction.
    pub const RECEIPT: &str = "eth_getTransactionReceipt";
    /// A block, mostly the newest one.
    pub const BLOCK: &str = "eth_getBlockByNumber";
    /// Whether a node knows a transaction.
    pub const LOOK_UP: &str = "eth_getTransactionByHash";
    /// The head of the chain.
    pub const HEAD: &str = "eth_blockNumber";
}
