//! Why a simulation does not start.

use thiserror::Error as ThisError;

/// Why a simulation does not start; each case names the place and the remedy.
#[derive(Clone, Debug, PartialEq, ThisError)]
pub enum Error {
    /// Slices that do not belong together.
    #[error("{what}: {got} values for {want} times, want one for each")]
    Lengths {
        /// Which slice.
        what: &'static str,
        /// Its length.
        got: usize,
        /// Number of times.
        want: usize,
    },
    /// Nothing to simulate.
    #[error("the market has {got} closes, at least 2 are needed: choose a longer span")]
    TooShort {
        /// Closes given.
        got: usize,
    },
    /// Times that do not ascend.
    #[error(
        "{what}: time {time} at index {index} does not come after its predecessor: sort, and drop repeats"
    )]
    Disorder {
        /// Market or signals.
        what: &'static str,
        /// Index of the later one.
        index: usize,
        /// The time, UNIX seconds.
        time: u64,
    },
    /// A price that is none.
    #[error("market: close {close} at {time} is not a positive number")]
    Price {
        /// Close time, UNIX seconds.
        time: u64,
        /// The price.
        close: f64,
    },
    /// A signal of no candle.
    #[error("signals: the market has no close at {time}: a signal is given at a candle's close")]
    NoClose {
        /// Time of the signal, UNIX seconds.
        time: u64,
    },
    /// A class that is none.
    #[error("{what}: class {class} at index {index}, want less than {classes}")]
    Class {
        /// Signals or regimes.
        what: &'static str,
        /// Index of the signal.
        index: usize,
        /// The class.
        class: u8,
        /// Number of classes.
        classes: u8,
    },
    /// A setting that makes no sense.
    #[error("settings: {name} is {got}, want {want}")]
    Setting {
        /// Name of the field.
        name: &'static str,
        /// Its value.
        got: f64,
        /// What would be right.
        want: &'static str,
    },
}
