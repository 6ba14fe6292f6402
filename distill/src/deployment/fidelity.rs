//! How well a teacher's integers do on the test part.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use veriregime_circuits::onnx::Import;
use veriregime_features::labels::Question;
use veriregime_features::manifest::Scores;
use veriregime_features::metrics::scores;

use super::choice::class_of;
use super::{Choice, windows::spread};
use crate::data::Samples;
use crate::network::predict;
use crate::{Error, Shipped, ShippedTeacher};

/// A teacher over the reals and over the integers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fidelity {
    /// What is asked.
    pub question: Question,
    /// Digest of the integer network.
    pub digest: String,
    /// SHA-256 of its ONNX file.
    pub onnx_sha256: String,
    /// Trained parameters.
    pub parameters: usize,
    /// What was tried.
    pub tried: Vec<Choice>,
    /// Training windows for calibration.
    pub calibration_windows: usize,
    /// Validation windows by which the options were chosen.
    pub validation_windows: usize,
    /// Test windows.
    pub test_windows: usize,
    /// Share of test windows with the float teacher's class.
    pub agreement: f64,
    /// The float teacher on the test part.
    pub float: Scores,
    /// The integers on it.
    pub integers: Scores,
    /// The shipped student's integers on it, by its manifest.
    pub student: Scores,
    /// Digest of the student's integers.
    pub student_digest: String,
}

/// Classes over a test part.
pub struct Compared {
    /// Number of windows.
    pub windows: usize,
    /// Share with the same class.
    pub agreement: f64,
    /// The float teacher's scores.
    pub float: Scores,
    /// The integers' scores.
    pub integers: Scores,
}

/// Scores a teacher and its integers on `count` samples, evenly spread.
///
/// # Errors
/// [`Error::Model`] or [`Error::Tensor`] when a window does not fit.
pub fn compare(
    teacher: &ShippedTeacher,
    import: &Import,
    samples: &Samples,
    count: usize,
) -> Result<Compared, Error> {
    let places = spread(samples.len(), count);
    let float = predict(&teacher.network, samples, places.iter().copied())?;
    let float = float.decide(&teacher.offsets);
    let integers: Vec<u8> = places
        .par_iter()
        .map(|&index| class_of(import, samples, index))
        .collect::<Result<_, Error>>()?;
    let labels: Vec<u8> = places.iter().map(|&index| samples.labels[index]).collect();
    let same = float.iter().zip(&integers).filter(|(a, b)| a == b).count();
    Ok(Compared {
        windows: places.len(),
        agreement: same as f64 / places.len().max(1) as f64,
        float: scores(samples.classes(), &labels, &float),
        integers: scores(samples.classes(), &labels, &integers),
    })
}

impl Fidelity {
    /// Whether the scores of the float teacher are those of its manifest: the test part is the same.
    #[must_use]
    pub fn is_of(&self, shipped: &Shipped, teacher: &ShippedTeacher) -> bool {
        let known = shipped.manifest.metrics.comparison.get(&teacher.name());
        known.is_some_and(|known| {
            self.test_windows as u64 == shipped.manifest.training.splits.test.windows
                && (known.macro_f1 - self.float.macro_f1).abs() < 1e-3
        })
    }
}
