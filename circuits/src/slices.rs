//! Networks in slices, proven one by one and linked.
//!
//! A network is cut where one tensor alone passes from the nodes before to the nodes behind; a
//! linear node that is too large for one circuit is split by its output channels. Every slice is a
//! sheet of its own with the same number of rows. The tensors between slices are committed: the
//! commitment is part of both proofs, and a verifier compares the two, so that slices of different
//! inferences do not pass for one ([`Chain::verify`], `contracts/slices/SliceChain.sol`).

mod chain;
mod cut;
mod rows;

pub use chain::{Chain, ChainProof, Link, Shared};
pub use cut::{Slice, Source, cut, plan};
pub use rows::common_k;
