//! A model's teacher as it is stored beside it: `teacher.json` says what it is, `teacher.safetensors` holds its tensors.
//!
//! The scale of the windows is the manifest's: teacher and student read the same integers. The description names the
//! student's weights by digest, so that a teacher is never taken for that of another run.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;

use candle_core::{DType, Device, Tensor};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use veriregime_features::Manifest;
use veriregime_features::labels::Question;
use veriregime_features::manifest::Weights;

use super::TeacherError;
use crate::data::scale_fit::STEPS_PER_DEVIATION;
use crate::network::{Architecture, Network, Teacher};
use crate::train::generator;
use crate::{Error, report};

/// Value of [`Description::format`].
pub const FORMAT: &str = "veriregime-teacher/1";

/// The description's file, beside the manifest.
pub const DESCRIPTION: &str = "teacher.json";

/// The tensors' file, beside it.
pub const TENSORS: &str = "teacher.safetensors";

/// A teacher with what is needed to score it.
#[derive(Clone, Debug)]
pub struct ShippedTeacher {
    /// The network.
    pub network: Teacher,
    /// Added to its logits before the largest is taken: chosen on the validation part, one per class.
    pub offsets: Vec<f64>,
}

/// `teacher.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// [`FORMAT`].
    pub format: String,
    /// Layers.
    pub architecture: Architecture,
    /// What it was asked.
    pub question: Question,
    /// Seed of the run.
    pub seed: u64,
    /// Integer steps of an input per unit of the network's input, [`STEPS_PER_DEVIATION`].
    pub steps_per_deviation: f64,
    /// Trained parameters.
    pub parameters: usize,
    /// [`ShippedTeacher::offsets`], in class order.
    pub offsets: Vec<f64>,
    /// File and digest of the tensors.
    pub tensors: Weights,
    /// SHA-256 of the weights of the integer model that learnt from it.
    pub student_sha256: String,
}

impl ShippedTeacher {
    /// The teacher's name in the manifest's comparison and in the model card.
    #[must_use]
    pub fn name(&self) -> String {
        self.network.architecture().title()
    }

    /// Stores the teacher of the run that `manifest` describes beside it.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Tensor`] when a file cannot be written.
    pub fn write(&self, folder: &Path, manifest: &Manifest) -> Result<(), Error> {
        let path = folder.join(TENSORS);
        let tensors: HashMap<String, Tensor> = self
            .network
            .state()
            .into_iter()
            .map(|(name, variable)| (name, variable.as_tensor().clone()))
            .collect();
        candle_core::safetensors::save(&tensors, &path)?;
        let description = Description {
            format: FORMAT.to_owned(),
            architecture: self.network.architecture(),
            question: manifest.training.question,
            seed: manifest.training.seed,
            steps_per_deviation: STEPS_PER_DEVIATION,
            parameters: self.network.parameters(),
            offsets: self.offsets.clone(),
            tensors: Weights {
                file: TENSORS.to_owned(),
                sha256: hex::encode(Sha256::digest(read(&path)?)),
            },
            student_sha256: manifest.weights.sha256.clone(),
        };
        report::json(&folder.join(DESCRIPTION), &description)
    }

    /// Reads the teacher of the model in `folder`, which `manifest` describes.
    ///
    /// # Errors
    /// [`Error::Teacher`] when there is none, when a file is damaged or of another format, or when it belongs to another run.
    pub fn read(folder: &Path, manifest: &Manifest) -> Result<Self, Error> {
        let path = folder.join(DESCRIPTION);
        let description: Description =
            serde_json::from_slice(&read(&path)?).map_err(|source| TeacherError::Description {
                path: path.clone(),
                source,
            })?;
        description.check(&path, manifest)?;
        let path = folder.join(TENSORS);
        let bytes = read(&path)?;
        let found = hex::encode(Sha256::digest(&bytes));
        if found != description.tensors.sha256 {
            let expected = description.tensors.sha256;
            return Err(TeacherError::Digest {
                path,
                found,
                expected,
            }
            .into());
        }
        let tensors =
            candle_core::safetensors::load_buffer(&bytes, &Device::Cpu).map_err(|source| {
                TeacherError::Damaged {
                    path: path.clone(),
                    source,
                }
            })?;
        let classes = description.question.classes().len();
        Ok(Self {
            network: network(&path, description.architecture, classes, tensors)?,
            offsets: description.offsets,
        })
    }
}

impl Description {
    fn check(&self, path: &Path, manifest: &Manifest) -> Result<(), TeacherError> {
        let (training, classes) = (&manifest.training, self.question.classes().len());
        let supported = [
            ("format", self.format.clone(), FORMAT.to_owned()),
            (
                "steps_per_deviation",
                self.steps_per_deviation.to_string(),
                STEPS_PER_DEVIATION.to_string(),
            ),
            (
                "offsets",
                format!("a list of {}", self.offsets.len()),
                format!("a list of {classes}"),
            ),
            (
                "tensors.file",
                self.tensors.file.clone(),
                TENSORS.to_owned(),
            ),
        ];
        for (field, found, expected) in supported {
            if found != expected {
                return Err(TeacherError::Unsupported {
                    path: path.to_owned(),
                    field,
                    found,
                    expected,
                });
            }
        }
        let related = [
            (
                "question",
                format!("{:?}", self.question),
                format!("{:?}", training.question),
            ),
            ("seed", self.seed.to_string(), training.seed.to_string()),
            (
                "student_sha256",
                self.student_sha256.clone(),
                manifest.weights.sha256.clone(),
            ),
        ];
        for (field, found, expected) in related {
            if found != expected {
                return Err(TeacherError::Stranger {
                    path: path.to_owned(),
                    field,
                    found,
                    expected,
                });
            }
        }
        Ok(())
    }
}

/// A teacher with these tensors: exactly its own, of its shapes, all finite.
fn network(
    path: &Path,
    architecture: Architecture,
    classes: usize,
    mut tensors: HashMap<String, Tensor>,
) -> Result<Teacher, Error> {
    // Random weights, every one of which is replaced.
    let teacher = Teacher::random(architecture, classes, &mut generator(0, "stored"))?;
    let described = |tensor: &Tensor| format!("{:?} {:?}", tensor.dtype(), tensor.dims());
    let other = |tensor: String, found: String, expected: String| TeacherError::Tensor {
        path: path.to_owned(),
        tensor,
        found,
        expected,
        architecture: architecture.name(),
    };
    for (name, variable) in teacher.state() {
        let expected = described(&variable);
        let Some(tensor) = tensors.remove(&name) else {
            return Err(other(name, "not there".to_owned(), expected).into());
        };
        if tensor.dtype() != DType::F32 || tensor.dims() != variable.dims() {
            return Err(other(name, described(&tensor), expected).into());
        }
        let values = tensor.flatten_all()?.to_vec1::<f32>()?;
        if values.iter().any(|value| !value.is_finite()) {
            return Err(TeacherError::NotFinite {
                path: path.to_owned(),
                tensor: name,
            }
            .into());
        }
        variable.set(&tensor)?;
    }
    match tensors.into_iter().min_by(|a, b| a.0.cmp(&b.0)) {
        None => Ok(teacher),
        Some((name, tensor)) => {
            Err(other(name, described(&tensor), "no such tensor".to_owned()).into())
        }
    }
}

/// A file of the teacher.
fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => TeacherError::Absent {
            path: path.to_owned(),
        }
        .into(),
        _ => Error::Io {
            path: path.to_owned(),
            source,
        },
    })
}
