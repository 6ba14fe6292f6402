//! Why answers cannot be calibrated.

use thiserror::Error as ThisError;

/// Why answers cannot be calibrated.
#[derive(Clone, Debug, PartialEq, ThisError)]
pub enum Error {
    /// Nothing to count.
    #[error("no answers to calibrate: give at least one")]
    Empty,
    /// A margin that is none.
    #[error("answer {index}: margin {margin}, want a finite number from 0 on")]
    Margin {
        /// Index of the answer.
        index: usize,
        /// Its margin.
        margin: f64,
    },
    /// A class without a name.
    #[error("answer {index}: class or label {class}, but there are names for {classes} classes")]
    Class {
        /// Index of the answer.
        index: usize,
        /// The class.
        class: u8,
        /// Number of names.
        classes: usize,
    },
}
