//! An axis: its label with the unit, what its numbers are, and its range.

use super::ticks::{Tick, dates, numbers};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Number,
    Date,
}

/// An axis; the range follows the data unless [`Axis::within`] sets it.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What is measured, with the unit.
    pub label: String,
    kind: Kind,
    range: Option<(f64, f64)>,
}

impl Axis {
    /// Plain numbers.
    #[must_use]
    pub fn numbers(label: &str) -> Self {
        Self {
            label: label.to_owned(),
            kind: Kind::Number,
            range: None,
        }
    }

    /// Times in UNIX seconds, shown as UTC dates.
    #[must_use]
    pub fn dates(label: &str) -> Self {
        Self {
            kind: Kind::Date,
            ..Self::numbers(label)
        }
    }

    /// Shows this range; what lies beyond is cut off at the edge.
    #[must_use]
    pub fn within(self, low: f64, high: f64) -> Self {
        Self {
            range: Some((low, high)),
            ..self
        }
    }

    /// The range for these values, with a share of it as air on both sides.
    pub(super) fn range<'a>(&self, values: impl Iterator<Item = &'a f64>, air: f64) -> (f64, f64) {
        let (low, high) = self.range.unwrap_or_else(|| {
            let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), &value| {
                (low.min(value), high.max(value))
            });
            let air = (high - low) * air;
            (low - air, high + air)
        });
        if high > low {
            return (low, high);
        }
        // A single value: some room around it.
        let room = (low.abs() * 0.1).max(0.5);
        (low - room, low + room)
    }

    /// Marks within a range.
    pub(super) fn ticks(&self, (low, high): (f64, f64), most: usize) -> Vec<Tick> {
        match self.kind {
            Kind::Number => numbers(low, high, most),
            Kind::Date => dates(low, high, most),
        }
    }
}
