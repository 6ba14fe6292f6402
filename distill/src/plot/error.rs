//! Why a plot is not drawn.

use thiserror::Error as ThisError;

/// Why a plot is not drawn; each case names the plot, the place and the remedy.
#[derive(Clone, Debug, PartialEq, ThisError)]
pub enum Error {
    /// Nothing to draw.
    #[error("plot {plot:?} has no data: give at least one {what}")]
    Empty {
        /// Title of the plot.
        plot: String,
        /// What is missing.
        what: &'static str,
    },
    /// A number that has no place on an axis.
    #[error("plot {plot:?}, {place}: {value} is not finite; leave the point out")]
    NotFinite {
        /// Title of the plot.
        plot: String,
        /// Series, row or point.
        place: String,
        /// The number.
        value: f64,
    },
    /// Lengths that do not belong together.
    #[error("plot {plot:?}, {place}: {got} values, want {want}, one for each label")]
    Shape {
        /// Title of the plot.
        plot: String,
        /// Series or row.
        place: String,
        /// Values given.
        got: usize,
        /// Values needed.
        want: usize,
    },
    /// The drawing library refused.
    #[error("plot {plot:?} cannot be drawn: {reason}")]
    Draw {
        /// Title of the plot.
        plot: String,
        /// The library's reason.
        reason: String,
    },
}

/// Refuses what is not finite.
pub(super) fn finite<'a>(
    plot: &str,
    place: &str,
    values: impl IntoIterator<Item = &'a f64>,
) -> Result<(), Error> {
    match values.into_iter().find(|value| !value.is_finite()) {
        None => Ok(()),
        Some(&value) => Err(Error::NotFinite {
            plot: plot.to_owned(),
            place: place.to_owned(),
            value,
        }),
    }
}

/// Refuses a row of another length.
pub(super) fn as_many(plot: &str, place: &str, got: usize, want: usize) -> Result<(), Error> {
    if got == want {
        return Ok(());
    }
    Err(Error::Shape {
        plot: plot.to_owned(),
        place: place.to_owned(),
        got,
        want,
    })
}
