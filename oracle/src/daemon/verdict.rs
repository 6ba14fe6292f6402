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
