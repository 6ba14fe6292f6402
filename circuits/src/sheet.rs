//! The sheet: feed-forward networks in general as a circuit.
//!
//! A sheet has several value columns and one accumulator, as a tape has, and two things more: sums
//! at random points, drawn after all values are committed, and a lookup argument over every value
//! column. A convolution costs one cell for each input and two or three for each output, whatever
//! its kernel ([`grid`]); a dense layer is packed ([`packed`]). See docs/design/sheet.md.

mod block;
mod circuit;
mod compiled;
mod compiler;
mod config;
mod elementwise;
mod form;
mod fourier;
mod grid;
mod keys;
mod late;
mod layout;
mod linear;
mod lookup;
mod maximum;
mod meaning;
mod method;
mod norm;
mod packed;
mod power;
mod result;
mod row;
mod shape;
mod statement;
mod stream;
mod sum;
mod witness;
mod writer;

pub use circuit::SheetCircuit;
pub use config::SheetConfig;
pub use keys::{SheetKey, SheetProof, SheetProver, commitment, prove_witness};
pub use late::Challenges;
pub use layout::Layout;
pub(crate) use layout::MIN_K;
pub use method::Method;
pub use shape::Shape;
pub use statement::{Visibilities, Visibility};
pub use witness::Witness;
