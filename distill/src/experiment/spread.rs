//! A figure over several seeds.

use std::fmt;

use serde::Serialize;

/// Mean, sample standard deviation, and the values in the order of the seeds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// Sample standard deviation; 0 of a single value.
    pub deviation: f64,
    /// One value per seed.
    pub values: Vec<f64>,
}

impl Spread {
    /// The spread of some values.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let values: Vec<f64> = values.into_iter().collect();
        let count = values.len().max(1) as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Self {
            mean,
            deviation: (squares / (count - 1.0).max(1.0)).sqrt(),
            values,
        }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = text.precision().unwrap_or(4);
        write!(text, "{:.digits$} ± {:.digits$}", self.mean, self.deviation)
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn spread_of_known_values() {
        let spread = Spread::of([1.0, 2.0, 3.0]);
        assert_eq!((spread.mean, spread.deviation), (2.0, 1.0));
        assert_eq!(format!("{spread:.1}"), "2.0 ± 1.0");
        assert_eq!(Spread::of([5.0]).deviation, 0.0);
    }
}
