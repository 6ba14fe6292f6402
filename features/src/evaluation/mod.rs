//! What a network would have scored on any market's history, whoever computes the network's answers.
//!
//! ```text
//! folder --History--> candles, funding --Selection--> windows, labels --a network--> classes --Selection::score--> Evaluation
//! ```
//!
//! Here is everything but the network: the node asks its integers, the trainer its teacher, about the same windows. Windows,
//! labels and scores are those of training ([`crate::places`], [`crate::labels`], [`crate::metrics`]).

mod error;
mod history;
mod report;
mod selection;

pub use error::EvaluationError;
pub use history::{History, HistoryError};
pub use report::{ClassScores, Evaluation};
pub use selection::Selection;
