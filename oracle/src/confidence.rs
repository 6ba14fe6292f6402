//! What a margin between logits has been worth: the hit rate of the model's calibration.
//!
//! The table is `reports/calibration.json` of the model folder (`docs/training.md`): for bins of margins of the
//! validation part the share of right answers, made monotone.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Margins and the share of right answers from there on.
#[derive(Debug, Clone, Default)]
pub struct Calibration {
    bins: Vec<Bin>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Bin {
    from: f64,
    smoothed: f64,
}

#[derive(Deserialize)]
struct File {
    fitted: Fitted,
}

#[derive(Deserialize)]
struct Fitted {
    bins: Vec<Bin>,
}

/// A calibration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CalibrationError {
    /// Unreadable.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Not a calibration.
    #[error("{path}: {source}: restore the file that came with the model")]
    Json {
        /// The file.
        path: PathBuf,
        /// Line, column and reason.
        source: serde_json::Error,
    },
    /// Bins out of order, or shares that are none.
    #[error(
        "{path}: bin {index} does not ascend or its share is not within 0 to 1: restore the file that came with the model"
    )]
    Bin {
        /// The file.
        path: PathBuf,
        /// Which bin.
        index: usize,
    },
}

impl Calibration {
    /// Reads the calibration of a model folder; a model without one has no confidence.
    pub fn of_model(folder: &Path) -> Result<Self, CalibrationError> {
        let path = folder.join("reports/calibration.json");
        if !path.is_file() {
            return Ok(Self::default());
        }
        let text = std::fs::read(&path).map_err(|source| CalibrationError::Io {
            path: path.clone(),
            source,
        })?;
        let File {
            fitted: Fitted { bins },
        } = serde_json::from_slice(&text).map_err(|source| CalibrationError::Json {
            path: path.clone(),
            source,
        })?;
        let mut previous = f64::NEG_INFINITY;
        for (index, bin) in bins.iter().enumerate() {
            if bin.from <= previous || !(0.0..=1.0).contains(&bin.smoothed) {
                return Err(CalibrationError::Bin { path, index });
            }
            previous = bin.from;
        }
        Ok(Self { bins })
    }

    /// The hit rate expected of an answer: that of the bin its margin lies in. `None` without a calibration or for fewer
    /// than two logits.
    pub fn confidence(&self, logits: &[i64]) -> Option<f64> {
        let mut sorted = logits.to_vec();
        sorted.sort_unstable_by(|a, b| b.cmp(a));
        let [best, second, ..] = sorted.as_slice() else {
            return None;
        };
        let margin = best.saturating_sub(*second) as f64;
        let bin = self.bins.iter().rev().find(|bin| bin.from <= margin);
        bin.or(self.bins.first()).map(|bin| bin.smoothed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Calibration, CalibrationError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("reports")).unwrap();
        std::fs::write(folder.path().join("reports/calibration.json"), text).unwrap();
        Calibration::of_model(folder.path())
    }

    #[test]
    fn confidence_is_that_of_the_margins_bin() {
        let bins =
            r#"{"fitted":{"bins":[{"from":0.0,"smoothed":0.3},{"from":100.0,"smoothed":0.6}]}}"#;
        let calibration = read(bins).unwrap();
        assert_eq!(calibration.confidence(&[5, 104, 5]), Some(0.3));
        assert_eq!(calibration.confidence(&[5, 105, -7]), Some(0.6));
        assert_eq!(calibration.confidence(&[5]), None);
    }

    #[test]
    fn a_damaged_table_is_refused_and_a_missing_one_is_not() {
        let none = Calibration::of_model(Path::new("/nonexistent")).unwrap();
        assert_eq!(none.confidence(&[1, 2]), None);
        assert!(matches!(read("{"), Err(CalibrationError::Json { .. })));
        let twice =
            r#"{"fitted":{"bins":[{"from":1.0,"smoothed":0.3},{"from":1.0,"smoothed":0.6}]}}"#;
        assert!(matches!(
            read(twice),
            Err(CalibrationError::Bin { index: 1, .. })
        ));
        let share = r#"{"fitted":{"bins":[{"from":1.0,"smoothed":1.3}]}}"#;
        assert!(matches!(
            read(share),
            Err(CalibrationError::Bin { index: 0, .. })
        ));
    }
}
