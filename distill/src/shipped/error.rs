//! Why a stored teacher is refused.

use std::path::PathBuf;

use thiserror::Error;

/// Why a stored teacher is refused; each case names the file and the remedy.
#[derive(Debug, Error)]
pub enum TeacherError {
    /// The model's folder has no teacher.
    #[error(
        "{path} is not there: this model was stored without its teacher; train it again with `distill train`, which stores both"
    )]
    Absent {
        /// The file looked for.
        path: PathBuf,
    },
    /// No description.
    #[error("{path}: {source}: restore the file that train wrote")]
    Description {
        /// The description.
        path: PathBuf,
        /// Line, column and reason.
        source: serde_json::Error,
    },
    /// The description is of another format or of networks that this version cannot score.
    #[error(
        "{path}: `{field}` is {found}, expected {expected}: use the version of this program that wrote it"
    )]
    Unsupported {
        /// The description.
        path: PathBuf,
        /// The field.
        field: &'static str,
        /// Its value.
        found: String,
        /// What this version reads.
        expected: String,
    },
    /// A teacher and a manifest of different runs.
    #[error(
        "{path}: `{field}` is {found}, the manifest beside it says {expected}: take both from the same run"
    )]
    Stranger {
        /// The description.
        path: PathBuf,
        /// The field.
        field: &'static str,
        /// Its value.
        found: String,
        /// The manifest's.
        expected: String,
    },
    /// Tensors that the description does not name.
    #[error(
        "{path}: SHA-256 {found}, the description beside it says {expected}: restore the file that came with it"
    )]
    Digest {
        /// The tensors' file.
        path: PathBuf,
        /// Its digest.
        found: String,
        /// The description's.
        expected: String,
    },
    /// No safetensors file.
    #[error("{path}: no tensors can be read from it: {source}: restore the file that train wrote")]
    Damaged {
        /// The tensors' file.
        path: PathBuf,
        /// What is wrong with it.
        source: candle_core::Error,
    },
    /// Tensors of another network.
    #[error(
        "{path}: tensor `{tensor}` is {found}, the {architecture} teacher wants {expected}: restore the file that train wrote"
    )]
    Tensor {
        /// The tensors' file.
        path: PathBuf,
        /// The tensor's name.
        tensor: String,
        /// What is there: nothing, or a type and a shape.
        found: String,
        /// What is wanted: nothing, or a type and a shape.
        expected: String,
        /// Name of the architecture.
        architecture: &'static str,
    },
    /// A weight that is no number.
    #[error(
        "{path}: tensor `{tensor}` holds a value that is not finite: restore the file that train wrote"
    )]
    NotFinite {
        /// The tensors' file.
        path: PathBuf,
        /// The tensor's name.
        tensor: String,
    },
}
