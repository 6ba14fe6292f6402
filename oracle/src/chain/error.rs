//! What the chain or the way to it failed with.

use alloy::{
    primitives::{Address, B256},
    transports::{RpcError, TransportErrorKind},
};

use super::{
    endpoints::{EndpointFault, EndpointsError, Fault},
    revert::{read_reason, reason, too_old},
};

/// What the chain or the way to it failed with.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// No endpoint can be used.
    #[error(transparent)]
    Endpoints(EndpointsError),
    /// The endpoint failed.
    #[error("{action}: {}", reason(.source))]
    Rpc {
        /// What was being done.
        action: &'static str,
        /// The transport's or the contract's answer.
        source: RpcError<TransportErrorKind>,
    },
    /// A contract read failed.
    #[error("{action}: {}", read_reason(.source))]
    Read {
        /// What was being read.
        action: &'static str,
        /// alloy's words.
        source: Box<alloy::contract::Error>,
    },
    /// Another chain than configured.
    #[error("the RPC serves chain {got}, the deployment is on chain {want}: check the RPC URL")]
    WrongChain {
        /// Chain id of the endpoint.
        got: u64,
        /// Chain id of the deployment.
        want: u64,
    },
    /// There is no contract.
    #[error("no contract at {0}: check the deployment file against the chain")]
    NoCode(Address),
    /// The oracle speaks of another market.
    #[error("the oracle's symbol or timeframe ({symbol}, {timeframe} s) is not {want}")]
    WrongMarket {
        /// The oracle's symbol word.
        symbol: B256,
        /// The oracle's timeframe.
        timeframe: u32,
        /// The market wanted.
        want: String,
    },
    /// The oracle is for models of another shape.
    #[error(
        "the oracle takes {values} values and {classes} classes, the model has {want_values} and {want_classes}: name the model that was deployed with --model, or another deployment"
    )]
    WrongSchema {
        /// Values in a window of the oracle.
        values: u16,
        /// Classes of the oracle.
        classes: u8,
        /// The model's inputs.
        want_values: usize,
        /// The model's classes.
        want_classes: usize,
    },
    /// A transaction without a key.
    #[error("no key to sign with: give --key")]
    NoKey,
    /// Somebody else's submission of the same close time came first.
    #[error("the oracle already has a round of this close time: somebody else submitted it")]
    AlreadyAccepted,
    /// Signing failed.
    #[error("cannot sign the transaction: {0}")]
    Sign(String),
    /// In a block, but reverted.
    #[error("transaction {0} was included but reverted although its simulation passed")]
    Reverted(B256),
    /// The chain lacks what it should have.
    #[error("{0}")]
    Missing(String),
}

impl From<EndpointsError> for ChainError {
    fn from(error: EndpointsError) -> Self {
        // The commonest mistake has a name of its own.
        if let EndpointsError::Exhausted(faults) = &error
            && let [
                EndpointFault {
                    fault: Fault::WrongChain { got, want },
                    ..
                },
            ] = faults.as_slice()
        {
            let (got, want) = (*got, *want);
            return Self::WrongChain { got, want };
        }
        Self::Endpoints(error)
    }
}

impl ChainError {
    /// Whether the oracle refused because it takes no window of that age any more.
    pub fn is_too_old(&self) -> bool {
        matches!(self, Self::Rpc { source, .. } if too_old(source))
    }
}

/// Names what was being done when the endpoint failed.
pub(crate) fn rpc_error(
    action: &'static str,
) -> impl FnOnce(RpcError<TransportErrorKind>) -> ChainError {
    move |source| ChainError::Rpc { action, source }
}

/// Names what was being read when a contract failed.
pub(super) fn read_error(
    action: &'static str,
) -> impl FnOnce(alloy::contract::Error) -> ChainError {
    move |source| ChainError::Read {
        action,
        source: Box::new(source),
    }
}
