//! What survives an interruption: after every epoch the current and the best weights of the running stage.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor, Var};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Error;
use crate::train::Epoch;

/// A folder of checkpoints of one run.
#[derive(Clone, Debug)]
pub struct Checkpoints {
    folder: PathBuf,
    data: String,
    resume: bool,
}

/// How far a stage has come.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// Digest of the data and of the settings of this stage and the ones before.
    pub fingerprint: String,
    /// Epochs finished, with their scores.
    pub epochs: Vec<Epoch>,
    /// Whether the stage is over.
    pub done: bool,
}

impl Checkpoints {
    /// A folder for checkpoints of runs on the data with this digest; `resume` continues from what is there.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder cannot be made.
    pub fn open(folder: &Path, data: String, resume: bool) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(|source| Error::Io {
            path: folder.to_owned(),
            source,
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            data,
            resume,
        })
    }

    /// Loads a stage's progress and current weights, when resuming and there are any.
    ///
    /// # Errors
    /// [`Error::ForeignCheckpoint`] when they belong to another run, else the reason they cannot be read.
    pub fn load(
        &self,
        stage: &str,
        settings: &str,
        variables: &[(String, Var)],
    ) -> Result<Progress, Error> {
        let path = self.folder.join(format!("{stage}.json"));
        let fingerprint = self.fingerprint(settings);
        if !self.resume || !path.exists() {
            return Ok(Progress {
                fingerprint,
                ..Progress::default()
            });
        }
        let text = fs::read_to_string(&path).map_err(|source| Error::Io {
            path: path.clone(),
            source,
        })?;
        let progress: Progress = serde_json::from_str(&text).map_err(|source| Error::Json {
            path: path.clone(),
            source,
        })?;
        if progress.fingerprint != fingerprint {
            return Err(Error::ForeignCheckpoint { path });
        }
        self.restore(stage, "current", variables)?;
        Ok(progress)
    }

    /// Saves a stage's progress with its current weights, which are also the best so far if `best`.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Tensor`] when a file cannot be written.
    pub fn save(
        &self,
        stage: &str,
        variables: &[(String, Var)],
        progress: &Progress,
        best: bool,
    ) -> Result<(), Error> {
        let tensors: HashMap<String, Tensor> = variables
            .iter()
            .map(|(name, variable)| (name.clone(), variable.as_tensor().clone()))
            .collect();
        candle_core::safetensors::save(&tensors, self.weights(stage, "current"))?;
        if best {
            candle_core::safetensors::save(&tensors, self.weights(stage, "best"))?;
        }
        self.write(stage, progress)
    }

    /// Writes a stage's progress alone.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be written.
    pub fn write(&self, stage: &str, progress: &Progress) -> Result<(), Error> {
        let path = self.folder.join(format!("{stage}.json"));
        let text = serde_json::to_string(progress).map_err(|source| Error::Json {
            path: path.clone(),
            source,
        })?;
        // A new file, then a rename: an interruption leaves the old progress or the new, never half of one.
        let new = path.with_extension("new");
        fs::write(&new, text).map_err(|source| Error::Io {
            path: new.clone(),
            source,
        })?;
        fs::rename(&new, &path).map_err(|source| Error::Io { path, source })
    }

    /// Puts the `best` or `current` weights of a stage into the variables.
    ///
    /// # Errors
    /// [`Error::Tensor`] when the file is missing or of another shape.
    pub fn restore(
        &self,
        stage: &str,
        which: &str,
        variables: &[(String, Var)],
    ) -> Result<(), Error> {
        let tensors = candle_core::safetensors::load(self.weights(stage, which), &Device::Cpu)?;
        for (name, variable) in variables {
            if let Some(tensor) = tensors.get(name) {
                variable.set(tensor)?;
            }
        }
        Ok(())
    }

    fn fingerprint(&self, settings: &str) -> String {
        hex::encode(
            Sha256::new()
                .chain_update(&self.data)
                .chain_update(settings)
                .finalize(),
        )
    }

    fn weights(&self, stage: &str, which: &str) -> PathBuf {
        self.folder.join(format!("{stage}.{which}.safetensors"))
    }
}
