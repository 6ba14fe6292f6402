//! A simulated day with everything going wrong now and then.
//!
//! ```text
//! clock at speed, held back while rounds are open ── every window: weather (faults by chance) + events (by plan)
//!                                                         └─> Figures: due, published, missed by reason, memory, times
//! ```

mod event;
mod figures;
mod report;
mod run;
mod weather;

pub use event::{Event, schedule};
pub use report::Report;
pub use run::{Soak, run};
