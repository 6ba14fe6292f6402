//! The networks: the convolutional teacher, the dense student, and the student in its integer form.

pub mod dense;
pub mod quantised;
pub mod student;
pub mod swap;
pub mod teacher;

use candle_core::{Device, Tensor, Var};
use veriregime_features::INPUTS;

use crate::Error;
use crate::data::scale_fit::STEPS_PER_DEVIATION;
use crate::data::{CLASSES, Samples};

pub use quantised::Quantised;
pub use student::{Activation, Student};
pub use teacher::Teacher;

/// Windows per forward pass when only predicting.
const PREDICT_BATCH: usize = 512;

/// Something that maps windows to logits and can be trained.
pub trait Network {
    /// Logits `[n, 3]` of inputs `[n, 480]` as the integers of the windows.
    ///
    /// # Errors
    /// [`Error::Tensor`] on shapes that do not fit.
    fn logits(&self, inputs: &Tensor) -> Result<Tensor, Error>;

    /// The trainable variables, by name.
    fn variables(&self) -> Vec<(String, Var)>;
}

/// The windows (or mirrored windows, see [`Samples::mirror`]) at `indices` as a tensor `[n, 480]` of integers in single precision.
///
/// # Errors
/// [`Error::Tensor`] when the tensor cannot be made.
pub fn inputs(samples: &Samples, indices: &[usize]) -> Result<Tensor, Error> {
    let values: Vec<f32> = indices
        .iter()
        .flat_map(|&index| samples.values(index))
        .collect();
    Ok(Tensor::from_vec(
        values,
        (indices.len(), INPUTS),
        &Device::Cpu,
    )?)
}

/// Inputs in standard deviations, the unit in which float networks learn.
pub(crate) fn normalise(inputs: &Tensor) -> Result<Tensor, Error> {
    Ok((inputs / STEPS_PER_DEVIATION)?)
}

/// Logits of the windows at some indices, in order.
///
/// # Errors
/// [`Error::Tensor`] on shapes that do not fit.
pub fn predict(
    network: &impl Network,
    samples: &Samples,
    indices: impl IntoIterator<Item = usize>,
) -> Result<Vec<[f32; CLASSES]>, Error> {
    let indices: Vec<usize> = indices.into_iter().collect();
    let mut all = Vec::with_capacity(indices.len());
    for chunk in indices.chunks(PREDICT_BATCH) {
        let logits = network.logits(&inputs(samples, chunk)?)?.to_vec2::<f32>()?;
        all.extend(logits.iter().map(|row| [row[0], row[1], row[2]]));
    }
    Ok(all)
}
