//! The tape: one multiply-accumulate per row, the whole network in one column of values.
//!
//! ```text
//! row     A (value)     ACC (before the row)    kind       meaning
//! 0..p    public word   0                       mac zero   A = instance
//! ..      digit, value  running sum             mac        ACC' = ACC + W A + I
//! ..      value         running sum             mac zero   the same, and ACC' = 0
//! ..      value         running value           mul        ACC' = ACC A + W
//! ```
//! Every *chain* begins and ends with ACC = 0, so a `mul` row at the start of a chain loads the
//! constant W. Values are tied to each other by copy constraints on A alone; digits (0..=3) are
//! range-checked by a gate. Limb widths come from the worst-case bounds of the actual weights.

mod build;
mod check;
mod circuit;
mod dense;
mod inputs;
mod layout;
mod live;
mod output;
mod row;
mod witness;

pub use check::{Checker, Column};
pub use circuit::{TapeCircuit, TapeConfig};
pub use layout::{LANES, Layout, MAX_K, PUBLIC_STRIDE, RESERVED_ROWS, usable_rows};
pub use row::{Cell, Kind, Row, Value};
pub use witness::Witness;
