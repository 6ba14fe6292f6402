//! A shipped model and its teacher, and what the measurements need of them.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use veriregime_features::labels::Question;

use super::choice::choose;
use super::fidelity::compare;
use super::work::{Work, write, write_json};
use super::{Fidelity, Windows};
use crate::data::{History, Samples};
use crate::{Error, Shipped, ShippedTeacher};

/// A shipped model with its teacher.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its folder.
    pub folder: PathBuf,
    /// The student.
    pub shipped: Shipped,
    /// The teacher.
    pub teacher: ShippedTeacher,
}

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Training windows for calibration.
    pub calibration: usize,
    /// Validation windows by which options are chosen.
    pub validation: usize,
    /// Test windows that are scored.
    pub test: usize,
    /// Test windows that are proven.
    pub proofs: usize,
}

impl Extent {
    /// The experiment; `usize::MAX` for all.
    pub const WHOLE: Self = Self {
        calibration: 512,
        validation: 2_000,
        test: usize::MAX,
        proofs: 100,
    };
    /// Its miniature.
    pub const MINIATURE: Self = Self {
        calibration: 16,
        validation: 32,
        test: 64,
        proofs: 3,
    };
}

/// Windows of the three parts.
pub struct Parts {
    /// For calibration.
    pub training: Samples,
    /// For the choice of options.
    pub validation: Samples,
    /// For measuring.
    pub test: Samples,
}

impl Subject {
    /// Reads `models/<name>`.
    ///
    /// # Errors
    /// Whatever cannot be read.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let shipped = Shipped::read(folder)?;
        let teacher = ShippedTeacher::read(folder, &shipped.manifest)?;
        Ok(Self {
            folder: folder.to_owned(),
            shipped,
            teacher,
        })
    }

    /// What it is asked.
    #[must_use]
    pub fn question(&self) -> Question {
        self.shipped.question()
    }

    /// The parts of the history that the model was trained on.
    ///
    /// # Errors
    /// [`Error::Sources`] or [`Error::Windows`] when it is another one.
    pub fn parts(&self, history: &History) -> Result<Parts, Error> {
        let splits = &self.shipped.manifest.training.splits;
        Ok(Parts {
            training: self.shipped.part(history, &splits.train)?,
            validation: self.shipped.part(history, &splits.validation)?,
            test: self.shipped.part(history, &splits.test)?,
        })
    }

    /// Makes the teacher's integers, scores them, chooses the windows to prove; writes all that into the folder.
    ///
    /// # Errors
    /// Whatever stops the import or a file.
    pub fn prepare(
        &self,
        history: &History,
        parts: &Parts,
        extent: Extent,
        work: &Work,
    ) -> Result<Fidelity, Error> {
        let folder = work.question(self.question());
        let chosen = choose(
            &self.teacher,
            (&parts.training, extent.calibration),
            (&parts.validation, extent.validation),
        )?;
        let compared = compare(&self.teacher, &chosen.import, &parts.test, extent.test)?;
        let fidelity = Fidelity {
            question: self.question(),
            digest: hex::encode(chosen.import.network.digest()),
            onnx_sha256: hex::encode(Sha256::digest(&chosen.onnx)),
            parameters: self.teacher.network.parameters(),
            tried: chosen.tried,
            calibration_windows: extent.calibration.min(parts.training.len()),
            validation_windows: extent.validation.min(parts.validation.len()),
            test_windows: compared.windows,
            agreement: compared.agreement,
            float: compared.float,
            integers: compared.integers,
            student: self.shipped.manifest.metrics.test.clone(),
            student_digest: hex::encode(self.shipped.model.digest()),
        };
        write(&folder.join("teacher.onnx"), &chosen.onnx)?;
        chosen.import.network.write(&folder.join("network.json"))?;
        write_json(&folder.join("layers.json"), &chosen.import.report)?;
        let windows = Windows::spread(history, &parts.test, extent.proofs)?;
        write_json(&folder.join("windows.json"), &windows)?;
        self.shipped.model.write(&folder.join("student.json"))?;
        write_json(&folder.join("fidelity.json"), &fidelity)?;
        Ok(fidelity)
    }
}
