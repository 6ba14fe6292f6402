//! Why a node does not start, where no other error says it.

/// A configuration that fits its files but not the chain.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The oracle needs more attestors than are configured.
    #[error(
        "oracle `{oracle}`: {got} attestors are configured, the oracle needs {want}: add their URLs to its attestors"
    )]
    TooFewAttestors {
        /// The oracle's name.
        oracle: String,
        /// Attestors configured.
        got: usize,
        /// Attestations needed.
        want: usize,
    },
}
