//! What a publisher tells while it works.

use crate::{attestor::Disagreement, prover::Proven, store::Stage, transactions};

/// A step of a round.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// The round has come this far; it is on disk.
    Stage(Stage),
    /// The proof is made and verified.
    Proven(&'a Proven),
    /// Attestors that did not vouch before the quorum was full, or that kept it from being reached.
    Disagreements(&'a [Disagreement]),
    /// Something happened to the round's transaction.
    Transaction(&'a transactions::Event),
}
