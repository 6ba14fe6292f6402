//! A model as it is shipped: manifest and weights, read from its folder and checked against each other; its teacher beside it.

mod error;
mod teacher;

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};
use veriregime_circuits::model::IntegerModel;
use veriregime_features::labels::Question;
use veriregime_features::manifest::Dates;
use veriregime_features::{CANDLES, Manifest};

use crate::config::DataConfig;
use crate::data::{History, Samples};
use crate::{Config, Error};

pub use error::TeacherError;
pub use teacher::{DESCRIPTION, Description, ShippedTeacher, TENSORS};

/// Manifest and weights of a model.
#[derive(Clone, Debug)]
pub struct Shipped {
    /// What is said about it.
    pub manifest: Manifest,
    /// Its integers.
    pub model: IntegerModel,
}

impl Shipped {
    /// Reads `models/<name>`.
    ///
    /// # Errors
    /// [`Error::Digest`] when the weights are not those that the manifest names; whatever else cannot be read.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let manifest = Manifest::read(&folder.join("manifest.json"))?;
        let path = folder.join(&manifest.weights.file);
        let bytes = fs::read(&path).map_err(|source| Error::Io {
            path: path.clone(),
            source,
        })?;
        let found = hex::encode(Sha256::digest(&bytes));
        if found != manifest.weights.sha256 {
            return Err(Error::Digest {
                path,
                found,
                expected: manifest.weights.sha256,
            });
        }
        let model = IntegerModel::read(&path)?;
        Ok(Self { manifest, model })
    }

    /// What the model was asked.
    #[must_use]
    pub fn question(&self) -> Question {
        self.manifest.training.question
    }

    /// Its windows and labels: the settings of the manifest, over the span from the first window to the last label.
    #[must_use]
    pub fn data(&self) -> DataConfig {
        let training = &self.manifest.training;
        let splits = &training.splits;
        DataConfig {
            from: splits.train.from.saturating_sub(CANDLES as u64 * 60),
            to: splits.test.to + u64::from(training.horizon_minutes) * 60,
            theta: training.theta,
            horizon_minutes: training.horizon_minutes,
            stride_minutes: training.stride_minutes,
            ..Config::of(training.question, training.seed).data
        }
    }

    /// The windows of a part, made anew from the history that the model was trained on.
    ///
    /// # Errors
    /// [`Error::Sources`] or [`Error::Windows`] when the history is another one.
    pub fn part(&self, history: &History, dates: &Dates) -> Result<Samples, Error> {
        let training = &self.manifest.training;
        let known = |source| training.sources.contains(source);
        if let Some(source) = history.sources.iter().find(|source| !known(source)) {
            return Err(Error::Sources {
                model: self.manifest.name.clone(),
                file: source.file.clone(),
                sha256: source.sha256.clone(),
            });
        }
        let sampling = self.data().sampling();
        let (places, _) = sampling.places(&history.candles, dates.from..=dates.to);
        if places.len() as u64 != dates.windows {
            return Err(Error::Windows {
                model: self.manifest.name.clone(),
                found: places.len() as u64,
                expected: dates.windows,
            });
        }
        Samples::compute(self.question(), history, &places, &self.manifest.scale)
    }
}
