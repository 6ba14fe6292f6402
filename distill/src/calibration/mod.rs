//! How much more often a model is right when its best logit leads by more.
//!
//! ```text
//! logits --margin--> (margin, class, label) --tenths by margin--> hit rates --pool adjacent violators--> monotone hit rates
//!                                           --margin at least m--> hit rate of what remains
//! Calibration of one part --its margins--> hit rates on another part (Transfer)
//! ```
//!
//! A margin is the best logit less the second best, in the model's own units: exact for integers, and comparable
//! within one model only. Everything here is a pure function of the answers; measured on the part on which it is meant to
//! hold, and stated as such by the caller.

mod bins;
mod error;
mod isotonic;
mod margin;
mod page;
mod picture;
mod table;
mod transfer;

pub use bins::Bin;
pub use error::Error;
pub use isotonic::isotonic;
pub use margin::{Answer, margin, margin_of_integers};
pub use table::{AtLeast, Calibration, OfClass, calibrate};
pub use transfer::{Carried, Kept, Transfer};
