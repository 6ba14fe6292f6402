//! The integer network: file format, validation and the reference inference.
//!
//! Exact semantics, for inputs x (integers within `input.min..=input.max`):
//! ```text
//! hidden layer:  acc = bias + sum_i w_i x_i      q = floor(acc / 2^shift)      h = activation(q)
//! last layer:    logits = acc                    class = argmax, ties to the lowest index
//! ```
//! `h` feeds the next layer as it is; there is no saturation anywhere, because the worst case of
//! every quantity is bounded from the actual weights ([`bounds`]) before a circuit exists.

mod activation;
pub mod bounds;
mod inference;
mod table;

pub use activation::{Activation, MAX_DEGREE, Named};
pub use inference::{Inference, Trace};
pub use table::{Function, MAX_TABLE, MAX_TABLE_VALUE, Table};

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Error;

/// The only format this version reads and writes.
pub const FORMAT: &str = "veriregime-integer-model/1";
/// Largest weight magnitude (16-bit weights).
pub const MAX_WEIGHT: i32 = 32_767;

/// A feed-forward network over the integers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntegerModel {
    /// Always [`FORMAT`].
    pub format: String,
    /// Number and range of the inputs.
    pub input: InputRange,
    /// Hidden layers, then the output layer.
    pub layers: Vec<Layer>,
}

/// Number and range of a network's inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputRange {
    /// How many inputs.
    pub len: usize,
    /// Smallest value of an input: -128.
    pub min: i16,
    /// Largest value of an input: 127.
    pub max: i16,
}

/// One dense layer with its rescale and activation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// `weights[output][input]`.
    pub weights: Vec<Vec<i32>>,
    /// One per output, at the accumulator's scale.
    pub bias: Vec<i64>,
    /// Even number of low bits dropped by the rescale; 0 in the last layer.
    pub shift: u32,
    /// Function of q; an empty list in the last layer.
    pub activation: Activation,
}

impl IntegerModel {
    /// Reads and validates a model file.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Model`] naming the file or the layer.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(|source| Error::Io {
            action: "cannot read model",
            path: path.to_path_buf(),
            source,
        })?;
        let model: Self = serde_json::from_slice(&bytes).map_err(|error| Error::Model {
            place: path.display().to_string(),
            problem: format!("not a {FORMAT} file: {error}"),
        })?;
        model.validate()?;
        Ok(model)
    }

    /// Writes the model as JSON, one line per weight row.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let mut text = serde_json::to_string(self).map_err(|error| Error::Model {
            place: path.display().to_string(),
            problem: error.to_string(),
        })?;
        text = text.replace("],[", "],\n[").replace("},{", "},\n{");
        text.push('\n');
        fs::write(path, text).map_err(|source| Error::Io {
            action: "cannot write model",
            path: path.to_path_buf(),
            source,
        })
    }

    /// Checks shapes, ranges and worst-case bounds.
    ///
    /// # Errors
    /// [`Error::Model`] with the first offending place, [`Error::Overflow`] when a worst case does
    /// not fit.
    pub fn validate(&self) -> Result<(), Error> {
        let refuse = |place: String, problem: String| Err(Error::Model { place, problem });
        if self.format != FORMAT {
            return refuse(
                "format".into(),
                format!("got {:?}, want {FORMAT:?}", self.format),
            );
        }
        if self.input.len == 0 || self.input.min != -128 || self.input.max != 127 {
            return refuse(
                "input".into(),
                format!(
                    "got {} inputs in {}..={}, want at least one in -128..=127",
                    self.input.len, self.input.min, self.input.max
                ),
            );
        }
        if self.layers.is_empty() {
            return refuse("layers".into(), "there are none, want at least one".into());
        }
        let mut width = self.input.len;
        for (index, layer) in self.layers.iter().enumerate() {
            let last = index + 1 == self.layers.len();
            layer.validate(index, width, last)?;
            width = layer.weights.len();
        }
        if !(2..=16).contains(&width) {
            return refuse(
                format!("layer {}", self.layers.len() - 1),
                format!("{width} outputs, want 2 to 16 classes"),
            );
        }
        bounds::Bounds::of(self).map(|_| ())
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.weights.len())
    }

    /// Widths from the inputs to the classes, for example `[480, 128, 64, 32, 3]`.
    pub fn widths(&self) -> Vec<usize> {
        std::iter::once(self.input.len)
            .chain(self.layers.iter().map(|l| l.weights.len()))
            .collect()
    }

    /// SHA-256 over the model's numbers in a fixed binary order, independent of file formatting.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(FORMAT.as_bytes());
        hash.update((self.input.len as u64).to_be_bytes());
        hash.update((self.layers.len() as u64).to_be_bytes());
        for layer in &self.layers {
            hash.update((layer.weights.len() as u64).to_be_bytes());
            for weight in layer.weights.iter().flatten() {
                hash.update(weight.to_be_bytes());
            }
            for bias in &layer.bias {
                hash.update(bias.to_be_bytes());
            }
            hash.update(layer.shift.to_be_bytes());
            layer.activation.hash_into(&mut hash);
        }
        hash.finalize().into()
    }
}

impl Layer {
    fn validate(&self, index: usize, width: usize, last: bool) -> Result<(), Error> {
        let refuse = |problem: String| {
            Err(Error::Model {
                place: format!("layer {index}"),
                problem,
            })
        };
        if self.weights.is_empty() {
            return refuse("no outputs, want at least one weight row".into());
        }
        if self.bias.len() != self.weights.len() {
            return refuse(format!(
                "{} biases for {} outputs, want one each",
                self.bias.len(),
                self.weights.len()
            ));
        }
        for (neuron, row) in self.weights.iter().enumerate() {
            if row.len() != width {
                return refuse(format!(
                    "neuron {neuron} has {} weights, want {width} (the width of the layer before)",
                    row.len()
                ));
            }
            if let Some(weight) = row
                .iter()
                .find(|w| w.unsigned_abs() > MAX_WEIGHT.unsigned_abs())
            {
                return refuse(format!(
                    "neuron {neuron} has weight {weight}, want -{MAX_WEIGHT}..={MAX_WEIGHT}"
                ));
            }
        }
        if last {
            if self.shift != 0 || self.activation != Activation::default() {
                return refuse(
                    "the last layer gives logits: want shift 0 and no activation".into(),
                );
            }
        } else {
            if !self.shift.is_multiple_of(2) || self.shift > 60 {
                return refuse(format!(
                    "shift {}, want an even number up to 60",
                    self.shift
                ));
            }
            if let Some(problem) = self.activation.problem() {
                return refuse(problem);
            }
        }
        Ok(())
    }
}
