//! What a failed attempt at a round means: try again, or record why there is none.

use crate::{
    chain::ChainError, exchange::SourceError, publisher::PublishError, store::StoreError,
    transactions::SendError,
};

/// The judgement on an error, with the stable code of what failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Another attempt may succeed, until the round's time is over.
    Again(&'static str),
    /// A transaction is on its way: the round is not over before its fate is known.
    Wait(&'static str),
    /// No attempt can succeed.
    Over(&'static str),
}

impl Verdict {
    /// The code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Again(code) | Self::Wait(code) | Self::Over(code) => code,
        }
    }
}

/// Judges an error. What depends on somebody else's machine is tried again; a contradiction never is.
pub fn judge(error: &PublishError) -> Verdict {
    use Verdict::{Again, Over};
    match error {
        PublishError::Already { .. } | PublishError::Chain(ChainError::AlreadyAccepted) => {
            Over("published-elsewhere")
        }
        PublishError::Source(SourceError::Feature { .. }) => Over("no-window"),
        PublishError::Source(SourceError::Disagreement(_)) => Again("sources-disagree"),
        PublishError::Source(SourceError::Unchecked { .. }) => Again("unchecked"),
        PublishError::Source(_) => Again("candles"),
        PublishError::Prover(_) => Over("no-proof"),
        PublishError::Store(StoreError::Equivocation { .. }) => Over("equivocation"),
        PublishError::Store(_) => Again("store"),
        PublishError::Quorum(_) => Again("no-quorum"),
        PublishError::Chain(error) if error.is_too_old() => Over("too-old"),
        PublishError::Chain(ChainError::Rpc { source, .. }) if source.is_error_resp() => {
            Again("refused")
        }
        PublishError::Chain(_) => Again("chain"),
        PublishError::Send(error) => send(error),
        PublishError::Client(_) | PublishError::Thread(_) => Again("internal"),
    }
}

/// After a signature only the chain ends a round.
fn send(error: &SendError) -> Verdict {
    match error {
        // Time passes in one direction. Trying again would take the time of the windows behind it, until they are too old.
        SendError::Refused(reason) if reason.is_too_old() => Verdict::Over("too-old"),
        SendError::Refused(_) => Verdict::Again("refused"),
        SendError::TooLate { .. } | SendError::Cancelled { .. } => Verdict::Over("expired"),
        SendError::Reverted { .. } => Verdict::Over("reverted"),
        SendError::Foreign { .. } => Verdict::Over("foreign-nonce"),
        SendError::Policy(_) | SendError::OtherCall { .. } => Verdict::Over("internal"),
        SendError::InsufficientFunds { .. } => Verdict::Again("funds"),
        SendError::Chain(_) => Verdict::Again("chain"),
        // The journal may hold a signed transaction: its fate comes first.
        _ => Verdict::Wait("unsettled"),
    }
}

#[cfg(test)]
mod tests {
    use alloy::{
        primitives::U256, rpc::json_rpc::ErrorPayload, sol_types::SolError, transports::RpcError,
    };

    use super::*;
    use crate::{chain::ISignalOracle, transactions::Revert};

    fn simulated(data: &[u8]) -> PublishError {
        let payload = format!(
            r#"{{"code":3,"message":"execution reverted","data":"0x{}"}}"#,
            alloy::hex::encode(data)
        );
        let payload: ErrorPayload = serde_json::from_str(&payload).unwrap();
        PublishError::Chain(ChainError::Rpc {
            action: "simulation refused",
            source: RpcError::ErrorResp(payload),
        })
    }

    #[test]
    fn a_window_that_is_too_old_is_not_tried_again_and_other_refusals_are() {
        let old = ISignalOracle::CloseTimeTooOld {
            got: 60,
            oldestAccepted: U256::from(61),
        }
        .abi_encode();
        let future = ISignalOracle::CloseTimeInFuture {
            got: 60,
            nowIs: U256::from(59),
        }
        .abi_encode();
        assert_eq!(judge(&simulated(&old)), Verdict::Over("too-old"));
        assert_eq!(judge(&simulated(&future)), Verdict::Again("refused"));
        let refused = |data: Vec<u8>| SendError::Refused(Revert::Data(data.into()));
        assert_eq!(send(&refused(old)), Verdict::Over("too-old"));
        assert_eq!(send(&refused(future)), Verdict::Again("refused"));
    }
}
