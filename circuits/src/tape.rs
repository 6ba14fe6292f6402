//! The tape: the whole network as chains of multiply-accumulate rows.
//!
//! ```text
//! row     lanes A_1..A_L      weights W_1..W_L    ACC      C       meaning
//! 0       1                   1                   free     0       ACC' = ACC + W A + binding = 1
//! 2i      word + 1            -1                           0       ACC' = ACC + sum W A + word
//! ..      digits              place values        1        2       a chain begins
//! ..      digits              place values                 1       ACC' = ACC + sum W A
//! ..      values              packed weights               0       ACC' = ACC + sum W A
//! ..      value, values       0, weights                   0       ACC' = ACC A_1 + sum W A   (M = 1)
//! end     0                   0                   1        2       the last chain has ended
//! ```
//! Every *chain* begins and ends with ACC = 1: the start of one is the end of the one before.
//! Constants are multiples of a cell that is proven to be 1. Values are tied to each other by copy
//! constraints on the lanes; small ones are checked by pieces ([`RangeCheck`]): digits that a gate
//! bounds, or bytes in a lookup table. Limb widths come from the worst-case bounds of the actual
//! weights. [`Shape`] says how many columns there are and which checks, [`Profile`] chooses it.

mod activation;
mod build;
mod check;
mod circuit;
mod cost;
mod dense;
mod filler;
mod inputs;
mod layout;
mod live;
mod output;
mod profile;
mod range;
mod row;
mod shape;
mod split;
mod tables;
mod witness;

pub use check::{Checker, Column, Rule, Violation};
pub use circuit::{LookupColumns, TapeCircuit, TapeConfig};
pub use cost::Cost;
pub use filler::Filler;
pub use layout::{Layout, MAX_K, PUBLIC_STRIDE, RESERVED_ROWS, usable_rows};
pub use profile::{Candidate, Profile, candidates};
pub use range::{Piece, RangeCheck};
pub use row::{Cell, Lane, Row, Value};
pub use shape::{MAX_DEGREE, MAX_LANES, Shape};
pub use witness::Witness;
