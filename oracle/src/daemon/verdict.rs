//! What a failed attempt at a round means: try again, or record why there is none.

use crate::{chain::ChainError, exchange::SourceError, publisher::PublishError, store::StoreError};

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
    use Verdict::{Again, Over, Wait};
    match error {
        PublishError::Already { .. } | PublishError::Chain(ChainError::AlreadyAccepted) => {
            Over("published-elsewhere")
        }
        PublishError::Source(SourceError::Feature { .. }) => Over("no-window"),
        PublishError::Source(_) => Again("candles"),
        PublishError::Prover(_) => Over("no-proof"),
        PublishError::Store(StoreError::Equivocation { .. }) => Over("equivocation"),
        PublishError::Store(_) => Again("store"),
        PublishError::Quorum(_) => Again("no-quorum"),
        PublishError::Chain(_) => Again("chain"),
        PublishError::Unsettled { reverted: true, .. } => Over("reverted"),
        PublishError::Unsettled { .. } => Wait("unsettled"),
        PublishError::Client(_) | PublishError::Thread(_) => Again("internal"),
    }
}
