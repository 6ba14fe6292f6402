//! Codes of the chain and of attestors.

use alloy::transports::{RpcError, TransportErrorKind};

use super::Coded;
use crate::{
    attestation::AttestationError,
    attestor::{GuardError, QuorumError},
    chain::{ChainError, EndpointsError},
    reserve::LowReserve,
    transactions::{JournalError, SendError},
};

impl Coded for ChainError {
    fn code(&self) -> &'static str {
        match self {
            Self::Endpoints(error) => error.code(),
            Self::Rpc { source, .. } => answered(source),
            Self::Read { source, .. } => match source.as_ref() {
                alloy::contract::Error::TransportError(source) => answered(source),
                _ => "chain.unexpected",
            },
            Self::WrongChain { .. } => "chain.wrong-id",
            Self::NoCode(_) => "chain.no-code",
            Self::WrongMarket { .. } => "chain.wrong-market",
            Self::WrongSchema { .. } => "chain.wrong-schema",
            Self::NoKey => "chain.no-key",
            Self::AlreadyAccepted => "chain.already-accepted",
            Self::Sign(_) => "chain.sign",
            Self::Reverted(_) => "chain.reverted",
            Self::Missing(_) => "chain.missing",
        }
    }
}

impl Coded for EndpointsError {
    fn code(&self) -> &'static str {
        match self {
            Self::None | Self::Url { .. } => "chain.url",
            Self::Client(_) => "internal",
            Self::Request(_) | Self::Exhausted(_) => "chain.unreachable",
        }
    }
}

impl Coded for SendError {
    fn code(&self) -> &'static str {
        match self {
            Self::Policy(_) => "config.invalid",
            Self::Chain(error) => error.code(),
            Self::Journal(error) => error.code(),
            Self::Sign(_) => "chain.sign",
            Self::Refused(reason) if reason.is_already_accepted() => "chain.already-accepted",
            Self::Refused(_) => "chain.refused",
            Self::Reverted { .. } => "chain.reverted",
            Self::TooLate { .. } | Self::Cancelled { .. } => "tx.too-late",
            Self::Foreign { .. } => "tx.foreign-nonce",
            Self::InsufficientFunds { .. } => "tx.insufficient-funds",
            Self::NodeRefuses { .. } => "tx.not-taken",
            Self::OtherCall { .. } => "tx.other-call",
            Self::Unsettled(_) => "tx.unsettled",
            Self::NotRecorded(_) => "tx.not-recorded",
        }
    }
}

impl Coded for JournalError {
    fn code(&self) -> &'static str {
        match self {
            Self::Store { .. } => "store.failed",
            Self::Damaged { .. } => "journal.damaged",
            Self::NonceHeld { .. } | Self::PurposeHeld(_) => "journal.shared",
        }
    }
}

/// Whether the node answered with an error of its own, or nothing came that could be read.
fn answered(source: &RpcError<TransportErrorKind>) -> &'static str {
    match source.as_error_resp() {
        Some(_) => "chain.refused",
        None => "chain.unreachable",
    }
}

impl Coded for LowReserve {
    fn code(&self) -> &'static str {
        "chain.low-balance"
    }
}

impl Coded for QuorumError {
    fn code(&self) -> &'static str {
        "quorum.not-reached"
    }
}

impl Coded for GuardError {
    fn code(&self) -> &'static str {
        match self {
            Self::AlreadySigned { .. } => "attestor.already-signed",
            Self::Time(_) => "store.time",
            Self::Store { .. } => "attestor.store",
        }
    }
}

impl Coded for AttestationError {
    fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) | Self::HighS | Self::Signer { .. } => "attestor.bad-signature",
            Self::Sign(_) => "chain.sign",
        }
    }
}
