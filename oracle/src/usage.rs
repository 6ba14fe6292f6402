//! A command that cannot do what its options ask for.

/// What is missing or does not go together, and what to give instead.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

impl Usage {
    /// From a text.
    pub fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }
}
