//! A shipped model: the manifest that describes it and the integer network it names.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use veriregime_circuits::model::IntegerModel;
use veriregime_features::{Manifest, labels::Question, manifest::ManifestError};

/// The name of a class among the answers to a question.
pub fn class_name(question: Question, class: usize) -> &'static str {
    question.class_name(class).unwrap_or("UNKNOWN")
}

/// A model folder, read and checked.
#[derive(Debug, Clone)]
pub struct Model {
    /// `models/<name>`.
    pub directory: PathBuf,
    /// What the folder says about the model.
    pub manifest: Manifest,
    /// The network itself.
    pub network: IntegerModel,
}

/// A model folder that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// No single model of signals to choose.
    #[error(
        "{directory}: found {found} models that answer with signals: name the one meant with --model"
    )]
    Choose {
        /// The folder searched.
        directory: PathBuf,
        /// How many such models it has.
        found: usize,
    },
    /// No model of that name.
    #[error(
        "{name}: neither a model folder nor the name of one in {directory}: name one that holds a manifest.json with --model"
    )]
    Unknown {
        /// The name given.
        name: String,
        /// The folder searched.
        directory: PathBuf,
    },
    /// Bad manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The weights file cannot be read.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The weights are not the ones the manifest speaks of.
    #[error(
        "{path}: sha256 is {got}, the manifest says {want}: restore the file that came with the manifest"
    )]
    Digest {
        /// The file.
        path: PathBuf,
        /// Digest of the file.
        got: String,
        /// Digest in the manifest.
        want: String,
    },
    /// The network is not of the shape that the manifest says.
    #[error(
        "{path}: the network's widths are {got:?}, the manifest says {want:?}: restore the files that belong together"
    )]
    Widths {
        /// The weights file.
        path: PathBuf,
        /// Widths of the network.
        got: Vec<usize>,
        /// Widths in the manifest.
        want: Vec<usize>,
    },
    /// Bad network.
    #[error("{path}: {source}")]
    Network {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: veriregime_circuits::Error,
    },
}

impl Model {
    /// Reads `models/<name>`: manifest, weights and their digest.
    pub fn read(directory: &Path) -> Result<Self, ModelError> {
        let manifest = Manifest::read(&directory.join("manifest.json"))?;
        let path = directory.join(&manifest.weights.file);
        let bytes = std::fs::read(&path).map_err(|source| ModelError::Io {
            path: path.clone(),
            source,
        })?;
        let got = hex::encode(Sha256::digest(&bytes));
        if got != manifest.weights.sha256 {
            return Err(ModelError::Digest {
                path,
                got,
                want: manifest.weights.sha256,
            });
        }
        let network = IntegerModel::read(&path).map_err(|source| ModelError::Network {
            path: path.clone(),
            source,
        })?;
        if network.widths() != manifest.model.widths {
            return Err(ModelError::Widths {
                path,
                got: network.widths(),
                want: manifest.model.widths,
            });
        }
        Ok(Self {
            directory: directory.to_owned(),
            manifest,
            network,
        })
    }

    /// Reads the model of that name below `models/`.
    pub fn named(models: &Path, name: &Path) -> Result<Self, ModelError> {
        let folder = models.join(name);
        if !folder.join("manifest.json").is_file() {
            return Err(ModelError::Unknown {
                name: name.display().to_string(),
                directory: models.to_owned(),
            });
        }
        Self::read(&folder)
    }

    /// Reads the only model below `models/` that answers with signals, whatever else is there: the default of every
    /// command.
    ///
    /// # Errors
    /// Also when the manifest of another model there cannot be read: it might be a second one of signals.
    pub fn only(models: &Path) -> Result<Self, ModelError> {
        let folders: Vec<_> = std::fs::read_dir(models)
            .map_err(|source| ModelError::Io {
                path: models.to_owned(),
                source,
            })?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.join("manifest.json").is_file())
            .collect();
        let mut of_signals = Vec::new();
        for folder in folders {
            let manifest = Manifest::read(&folder.join("manifest.json"))?;
            if manifest.training.question == Question::Signal {
                of_signals.push(folder);
            }
        }
        match of_signals.as_slice() {
            [folder] => Self::read(folder),
            several => Err(ModelError::Choose {
                directory: models.to_owned(),
                found: several.len(),
            }),
        }
    }

    /// What the model was asked.
    pub fn question(&self) -> Question {
        self.manifest.training.question
    }

    /// The folder's name for the model.
    pub fn name(&self) -> &str {
        &self.manifest.name
    }
}
