//! KZG commitments over precomputed multiples of the reference string.
//!
//! ```text
//! Srs points --Plan(budget)--> Table (monomial), Table (Lagrange)
//! polynomial --multiply(table)--> the same group element as the library's commitment
//! ```
//! Nothing about the protocol changes: [`FixedBaseScheme`] is halo2's KZG scheme whose parameters
//! remember multiples of their points. Keys, proofs and the verifier are those of the library.

pub mod addition;
pub mod multiply;
pub mod opening;
pub mod params;
pub mod plan;
pub mod scalar;
mod sorted;
pub mod table;
mod weigh;

pub use multiply::multiply;
pub use opening::FixedBaseOpening;
pub use params::{FixedBaseParams, FixedBaseScheme};
pub use plan::Plan;
pub use table::Table;
