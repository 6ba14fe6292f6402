//! The stages of a round, in order.

use std::{fmt, str::FromStr};

/// How far a round has come. Only one step forward at a time is legal, and none back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The window's candles are fetched.
    Fetched,
    /// The integer model has answered.
    Inferred,
    /// The proof is made.
    Proven,
    /// The proof was accepted by the native verifier.
    Verified,
    /// A quorum vouches for the inputs.
    Attested,
    /// The chain would accept the submission.
    Simulated,
    /// The transaction may be, and was unless the node stopped at once, handed to the network.
    Sent,
    /// The transaction is in a block.
    Included,
    /// That block is deep enough.
    Final,
}

impl Stage {
    /// All stages, in order.
    pub const ALL: [Self; 9] = [
        Self::Fetched,
        Self::Inferred,
        Self::Proven,
        Self::Verified,
        Self::Attested,
        Self::Simulated,
        Self::Sent,
        Self::Included,
        Self::Final,
    ];

    /// The name in the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fetched => "fetched",
            Self::Inferred => "inferred",
            Self::Proven => "proven",
            Self::Verified => "verified",
            Self::Attested => "attested",
            Self::Simulated => "simulated",
            Self::Sent => "sent",
            Self::Included => "included",
            Self::Final => "final",
        }
    }

    /// Whether `next` directly follows.
    pub fn precedes(self, next: Self) -> bool {
        Self::ALL.windows(2).any(|pair| pair == [self, next])
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Stage {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|stage| stage.name() == name)
            .ok_or_else(|| format!("`{name}` is not a stage of a round"))
    }
}
