//! The networks: the convolutional teachers, the dense student, and the student in its integer form.

pub mod activation;
pub mod dense;
pub mod logits;
pub mod quantised;
pub mod rounding;
pub mod student;
pub mod swap;
pub mod teacher;

use candle_core::{Device, Tensor, Var};
use veriregime_features::INPUTS;

use crate::Error;
use crate::data::Samples;
use crate::data::scale_fit::STEPS_PER_DEVIATION;

pub use activation::Activation;
pub use logits::Logits;
pub use quantised::Quantised;
pub use student::Student;
pub use teacher::{Architecture, Teacher};

/// Windows per forward pass when only predicting.
pub(crate) const PREDICT_BATCH: usize = 512;

/// Something that maps windows to logits and can be trained.
pub trait Network {
    /// Logits `[n, classes]` of inputs `[n, 496]` as the integers of the windows.
    ///
    /// # Errors
    /// [`Error::Tensor`] on shapes that do not fit.
    fn logits(&self, inputs: &Tensor) -> Result<Tensor, Error>;

    /// Logits while training, where they differ (batch normalisation).
    ///
    /// # Errors
    /// [`Error::Tensor`] on shapes that do not fit.
    fn training_logits(&self, inputs: &Tensor) -> Result<Tensor, Error> {
        self.logits(inputs)
    }

    /// The trainable variables, by name.
    fn variables(&self) -> Vec<(String, Var)>;

    /// Everything that a checkpoint keeps: the variables and what else training changes.
    fn state(&self) -> Vec<(String, Var)> {
        self.variables()
    }
}

/// The windows (or mirrored windows, see [`Samples::mirror`]) at `indices` as a tensor `[n, 496]` of integers in single precision.
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
) -> Result<Logits, Error> {
    let indices: Vec<usize> = indices.into_iter().collect();
    let mut all = Logits::new(samples.classes());
    for chunk in indices.chunks(PREDICT_BATCH) {
        let logits = network.logits(&inputs(samples, chunk)?)?.to_vec2::<f32>()?;
        for row in logits {
            all.push(row.into_iter().map(f64::from));
        }
    }
    Ok(all)
}
