//! `models/<name>/manifest.json`: everything about a model that its weights do not say.
//!
//! The node reads the scale and the weights' digest from it; a person reads how the model was trained and what it
//! scored. Unknown fields are refused: a typing error must not pass for a default.

mod metrics;
mod training;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::error::FeatureError;
use crate::scale::FeatureScale;
use crate::{CONTEXT_NAMES, FEATURE_NAMES, FEATURES_VERSION, INPUTS, WINDOW};

pub use metrics::{ClassMetrics, Metrics, Scores};
pub use training::{Dates, SourceFile, Splits, Training};

/// Value of [`Manifest::format`].
pub const FORMAT: &str = "veriregime-manifest/2";

/// A model's description.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// The model's name, that of its folder.
    pub name: String,
    /// What the model reads.
    pub schema: Schema,
    /// From raw features to the model's integers.
    pub scale: FeatureScale,
    /// The weights' file.
    pub weights: Weights,
    /// The network's shape.
    pub model: Architecture,
    /// How it was trained.
    pub training: Training,
    /// What it scored.
    pub metrics: Metrics,
}

/// What the model reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// Market symbol, such as `BTC/USDT`.
    pub symbol: String,
    /// Seconds per candle.
    pub timeframe: u32,
    /// [`FEATURES_VERSION`].
    pub features_version: u32,
    /// Minutes in a window.
    pub window: usize,
    /// Feature names, in order.
    pub features: Vec<String>,
    /// Names of the context's values, in order.
    pub context: Vec<String>,
}

impl Schema {
    /// The schema this crate computes, for a symbol.
    #[must_use]
    pub fn current(symbol: &str) -> Self {
        Self {
            symbol: symbol.to_owned(),
            timeframe: crate::candle::TIMEFRAME,
            features_version: FEATURES_VERSION,
            window: WINDOW,
            features: FEATURE_NAMES.map(str::to_owned).to_vec(),
            context: CONTEXT_NAMES.map(str::to_owned).to_vec(),
        }
    }
}

/// The weights' file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// File name, beside the manifest.
    pub file: String,
    /// SHA-256 of the file, 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// The network's shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Architecture {
    /// Widths from the inputs to the classes, such as `[496, 128, 64, 32, 3]`.
    pub widths: Vec<usize>,
    /// Activation name, such as `quadratic`.
    pub activation: String,
    /// Bits per weight, by layer.
    pub weight_bits: Vec<u32>,
    /// Right shift after each layer, by layer (0 for the last).
    pub shifts: Vec<u32>,
    /// Class names, by class index.
    pub classes: Vec<String>,
}

/// Why a manifest cannot be used.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// No valid manifest JSON.
    #[error("{path}: {source}: the manifest must be the one written with the model")]
    Json {
        /// The file.
        path: PathBuf,
        /// Line, column and reason.
        source: serde_json::Error,
    },
    /// A field this version cannot serve.
    #[error(
        "{path}: `{field}` is {found}, expected {expected}: use the version of this program that the model was made for"
    )]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// The field.
        field: &'static str,
        /// Its value.
        found: String,
        /// What this version reads.
        expected: String,
    },
    /// A scale out of range.
    #[error("{path}: {source}")]
    Scale {
        /// The file.
        path: PathBuf,
        /// The feature and its map.
        source: FeatureError,
    },
}

impl Manifest {
    /// Reads and checks a manifest.
    ///
    /// # Errors
    /// [`ManifestError`], naming the file, the field and the remedy.
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        let text = fs::read_to_string(path).map_err(|source| ManifestError::Io {
            path: path.to_owned(),
            source,
        })?;
        let fail = |source| ManifestError::Json {
            path: path.to_owned(),
            source,
        };
        // The format first, by itself: of another one, "missing field" would be all there is to say.
        let Format { format } = serde_json::from_str(&text).map_err(fail)?;
        check_format(path, &format)?;
        let manifest: Self = serde_json::from_str(&text).map_err(fail)?;
        manifest.check(path)?;
        Ok(manifest)
    }

    /// Writes the manifest as indented JSON.
    ///
    /// # Errors
    /// [`ManifestError`] when it would not read back, or the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), ManifestError> {
        self.check(path)?;
        let mut text =
            serde_json::to_string_pretty(self).map_err(|source| ManifestError::Json {
                path: path.to_owned(),
                source,
            })?;
        text.push('\n');
        fs::write(path, text).map_err(|source| ManifestError::Io {
            path: path.to_owned(),
            source,
        })
    }

    fn check(&self, path: &Path) -> Result<(), ManifestError> {
        let current = Schema::current(&self.schema.symbol);
        let hex = |text: &str| {
            text.len() == 64
                && text
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let expect = |holds: bool, field, found: String, expected: String| {
            if holds {
                Ok(())
            } else {
                Err(ManifestError::Unsupported {
                    path: path.to_owned(),
                    field,
                    found,
                    expected,
                })
            }
        };
        check_format(path, &self.format)?;
        expect(
            self.schema == current,
            "schema",
            format!("{:?}", self.schema),
            format!("{current:?}"),
        )?;
        let first = self.model.widths.first().copied();
        expect(
            first == Some(INPUTS),
            "model.widths[0]",
            format!("{first:?}"),
            INPUTS.to_string(),
        )?;
        let classes = self.training.question.classes();
        let last = self.model.widths.last().copied();
        expect(
            last == Some(classes.len()),
            "model.widths (last)",
            format!("{last:?}"),
            classes.len().to_string(),
        )?;
        expect(
            self.model.classes == classes,
            "model.classes",
            format!("{:?}", self.model.classes),
            format!("{classes:?}"),
        )?;
        let sha256 = &self.weights.sha256;
        expect(
            hex(sha256),
            "weights.sha256",
            sha256.clone(),
            "64 lower-case hexadecimal digits".to_owned(),
        )?;
        let file = &self.weights.file;
        let plain = !file.is_empty() && !file.contains(['/', '\\']) && file != "..";
        expect(
            plain,
            "weights.file",
            file.clone(),
            "a file name beside the manifest".to_owned(),
        )?;
        self.scale.check().map_err(|source| ManifestError::Scale {
            path: path.to_owned(),
            source,
        })
    }
}

/// The one field that every format has.
#[derive(Deserialize)]
struct Format {
    format: String,
}

fn check_format(path: &Path, format: &str) -> Result<(), ManifestError> {
    if format == FORMAT {
        return Ok(());
    }
    Err(ManifestError::Unsupported {
        path: path.to_owned(),
        field: "format",
        found: format.to_owned(),
        expected: FORMAT.to_owned(),
    })
}
