//! What the threshold of the labels does to the classes of each part.
//!
//! ```text
//! history --windows, split (both the same for every threshold)--> labels by threshold --> shares by part
//! ```
//!
//! The split and the windows are those of training; only theta varies. The project's reports name the shares at 0.2 %;
//! the study says what is measured beside them.

mod page;
mod picture;
mod study;

pub use study::{Comparison, Part, Shares, Study, THETAS};
