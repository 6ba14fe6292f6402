//! Why a call failed, kept as the contract said it.

use std::fmt;

use alloy::{
    primitives::Bytes,
    transports::{RpcError, TransportErrorKind},
};
use serde::{Deserialize, Serialize};

use crate::chain::{revert_is_already_accepted, revert_is_too_old, revert_words};

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Revert {
    /// The contract's own words, as it returned them; empty if it gave none.
    Data(Bytes),
    /// The gas limit was too low.
    OutOfGas,
    /// The reason could not be found again.
    Unexplained(String),
}

impl Revert {
    /// What a node says of a failed call; `None` if it does not speak of a revert.
    pub(super) fn of(error: &RpcError<TransportErrorKind>) -> Option<Self> {
        let answer = error.as_error_resp()?;
        if let Some(data) = answer.as_revert_data() {
            return Some(Self::Data(data));
        }
        let words = answer.message.to_lowercase();
        if words.contains("out of gas") || words.contains("outofgas") {
            return Some(Self::OutOfGas);
        }
        (answer.code == 3 || words.contains("revert")).then(|| Self::Data(Bytes::new()))
    }

    /// Whether the oracle refused because it has a round of exactly this close time: somebody else came first.
    pub fn is_already_accepted(&self) -> bool {
        matches!(self, Self::Data(data) if revert_is_already_accepted(data))
    }

    /// Whether the oracle refused because it takes no window of that age any more.
    pub fn is_too_old(&self) -> bool {
        matches!(self, Self::Data(data) if revert_is_too_old(data))
    }
}

impl fmt::Display for Revert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Data(data) => f.write_str(&revert_words(data)),
            Self::OutOfGas => f.write_str("out of gas"),
            Self::Unexplained(words) => f.write_str(words),
        }
    }
}
