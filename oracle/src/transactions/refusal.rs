//! What a node means when it does not take a transaction: each client has words of its own.

/// A node's reason not to take a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It has it already: as good as taken.
    Known,
    /// The nonce is used.
    NonceUsed,
    /// An earlier nonce is missing.
    NonceGap,
    /// Another transaction with this nonce offers more, or the node wants more.
    Underpriced,
    /// The account cannot pay.
    Funds,
    /// No room at the moment.
    Full,
    /// Something else.
    Other,
}

/// Words by meaning, in lower case: geth, reth, Erigon, Nethermind, Besu and anvil.
const WORDS: &[(Refusal, &[&str])] = &[
    (
        Refusal::Known,
        &[
            "already known",
            "alreadyknown",
            "already imported",
            "already exists",
            "already_exists",
            "known transaction",
            "existing tx with same hash",
        ],
    ),
    (
        Refusal::NonceUsed,
        &[
            "nonce too low",
            "nonce is too low",
            "nonce_too_low",
            "oldnonce",
        ],
    ),
    (
        Refusal::NonceGap,
        &[
            "nonce too high",
            "nonce is too high",
            "noncegap",
            "nonce gap",
            "nonce is too distant",
        ],
    ),
    (
        Refusal::Funds,
        &[
            "insufficient funds",
            "insufficientfunds",
            "insufficient_funds",
            "upfront cost exceeds",
            "exceeds account balance",
        ],
    ),
    (
        Refusal::Underpriced,
        &[
            "underpriced",
            "replacementnotallowed",
            "could not replace",
            "fee too low",
            "feetoolow",
            "fee_too_low",
            "less than block base fee",
            "lower than the block base fee",
            "gas price below",
            "tip too low",
        ],
    ),
    (
        Refusal::Full,
        &[
            "pool is full",
            "pool_full",
            "txpool is full",
            "too many pending",
            "account limit",
            "in-flight transaction limit",
        ],
    ),
];

impl Refusal {
    /// Reads a node's words.
    pub(super) fn of(message: &str) -> Self {
        let message = message.to_lowercase();
        WORDS
            .iter()
            .find(|(_, words)| words.iter().any(|said| message.contains(said)))
            .map_or(Self::Other, |(refusal, _)| *refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_knows_every_client() {
        for (message, meaning) in [
            ("already known", Refusal::Known),
            ("AlreadyKnown", Refusal::Known),
            ("ALREADY_EXISTS: already known", Refusal::Known),
            ("transaction already imported", Refusal::Known),
            ("Known transaction", Refusal::Known),
            (
                "nonce too low: next nonce 5, tx nonce 4",
                Refusal::NonceUsed,
            ),
            (
                "OldNonce, Current nonce: 5, nonce of rejected tx: 4",
                Refusal::NonceUsed,
            ),
            ("Nonce too low", Refusal::NonceUsed),
            (
                "nonce too high: address 0x, tx: 5 state: 4",
                Refusal::NonceGap,
            ),
            (
                "NonceGap, Future nonce. Expected nonce: 4",
                Refusal::NonceGap,
            ),
            ("replacement transaction underpriced", Refusal::Underpriced),
            (
                "transaction underpriced: gas tip cap 1, minimum needed 25",
                Refusal::Underpriced,
            ),
            ("ReplacementNotAllowed", Refusal::Underpriced),
            (
                "max fee per gas less than block base fee",
                Refusal::Underpriced,
            ),
            (
                "Gas price below configured minimum gas price",
                Refusal::Underpriced,
            ),
            (
                "insufficient funds for gas * price + value: have 1 want 2",
                Refusal::Funds,
            ),
            (
                "InsufficientFunds, Account balance: 1, cumulative cost: 2",
                Refusal::Funds,
            ),
            ("Upfront cost exceeds account balance", Refusal::Funds),
            ("txpool is full", Refusal::Full),
            ("intrinsic gas too low", Refusal::Other),
        ] {
            assert_eq!(Refusal::of(message), meaning, "{message}");
        }
    }
}
