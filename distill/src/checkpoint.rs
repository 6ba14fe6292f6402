//! What survives an interruption: after every epoch the current and the best weights of the running stage.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor, Var};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Error;
use crate::train::Epoch;

/// Hexadecimal digits of a fingerprint in a file's name.
const DIGITS: usize = 12;

/// A folder of checkpoints. A stage's files are named by its data and settings, so that runs with others share the folder.
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
    /// Epochs finished, with their scores.
    pub epochs: Vec<Epoch>,
    /// Whether the stage is over.
    pub done: bool,
}

/// The checkpoint of one stage.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    stem: PathBuf,
    resume: bool,
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

    /// The checkpoint of a stage with this lineage: its settings and those of the stages before it.
    #[must_use]
    pub fn of(&self, stage: &str, lineage: &str) -> Checkpoint {
        let digest = Sha256::new()
            .chain_update(&self.data)
            .chain_update(lineage)
            .finalize();
        let fingerprint: String = hex::encode(digest).chars().take(DIGITS).collect();
        Checkpoint {
            stem: self.folder.join(format!("{stage}-{fingerprint}")),
            resume: self.resume,
        }
    }
}

impl Checkpoint {
    /// Loads the progress and current weights, when resuming and there are any.
    ///
    /// # Errors
    /// The reason they cannot be read.
    pub fn load(&self, state: &[(String, Var)]) -> Result<Progress, Error> {
        let path = self.path("json");
        if !self.resume || !path.exists() {
            return Ok(Progress::default());
        }
        let text = fs::read_to_string(&path).map_err(|source| Error::Io {
            path: path.clone(),
            source,
        })?;
        let progress =
            serde_json::from_str(&text).map_err(|source| Error::Json { path, source })?;
        self.restore("current", state)?;
        Ok(progress)
    }

    /// Saves the progress with the current weights, which are also the best so far if `best`.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Tensor`] when a file cannot be written.
    pub fn save(
        &self,
        state: &[(String, Var)],
        progress: &Progress,
        best: bool,
    ) -> Result<(), Error> {
        let tensors: HashMap<String, Tensor> = state
            .iter()
            .map(|(name, variable)| (name.clone(), variable.as_tensor().clone()))
            .collect();
        candle_core::safetensors::save(&tensors, self.path("current.safetensors"))?;
        if best {
            candle_core::safetensors::save(&tensors, self.path("best.safetensors"))?;
        }
        let path = self.path("json");
        let text = serde_json::to_string(progress).map_err(|source| Error::Json {
            path: path.clone(),
            source,
        })?;
        // A new file, then a rename: an interruption leaves the old progress or the new, never half of one.
        let new = self.path("new");
        fs::write(&new, text).map_err(|source| Error::Io {
            path: new.clone(),
            source,
        })?;
        fs::rename(&new, &path).map_err(|source| Error::Io { path, source })
    }

    /// Puts the `best` or `current` weights into the variables.
    ///
    /// # Errors
    /// [`Error::Tensor`] when the file is missing or of another shape.
    pub fn restore(&self, which: &str, state: &[(String, Var)]) -> Result<(), Error> {
        let path = self.path(&format!("{which}.safetensors"));
        let tensors = candle_core::safetensors::load(path, &Device::Cpu)?;
        for (name, variable) in state {
            if let Some(tensor) = tensors.get(name) {
                variable.set(tensor)?;
            }
        }
        Ok(())
    }

    fn path(&self, ending: &str) -> PathBuf {
        let mut name = self.stem.clone().into_os_string();
        name.push(".");
        name.push(ending);
        PathBuf::from(name)
    }
}
