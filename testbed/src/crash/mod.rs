//! `kill -9` at every arrow of a round.
//!
//! ```text
//! next close ─> daemon blocked at an arrow (a call held, or a line of its log) ─> a moment ─> kill -9
//!      ^                                                                              │
//!      └──── one accepted round or a recorded reason <── restart, world as before <───┘
//! ```

mod arrow;
mod report;
mod run;

pub use arrow::{ARROWS, Arrow, Place, Trigger};
pub use report::{Kill, Report};
pub use run::{Matrix, run};
