//! From ReLU to another activation without starting over.
//!
//! Around the values that a neuron really takes, with r their root mean square, ReLU is nearly an affine function of the
//! new activation g:
//! ```text
//! relu(x) ~ a g(x / r + o) + b        o: 2 for the square, whose vertex then lies at -2 r, else 0;  a, b by least squares
//! ```
//! Dividing a neuron's weights by r and adding o to its bias makes its activation a bare g; a and b move into the next
//! layer. The swap costs nothing in the circuit.

use super::dense::Dense;
use super::student::Student;
use super::{Activation, inputs};
use crate::Error;
use crate::data::Samples;
use candle_core::Tensor;

/// Smallest r: neurons that are nearly always zero are not blown up.
const SMALLEST: f32 = 0.05;

/// A student with another activation, and how its hidden values stand for the ReLU student's.
#[derive(Clone, Debug)]
pub struct Swapped {
    /// The new student.
    pub student: Student,
    /// a of each hidden neuron in units of r, by layer: `[1, width]`.
    factor: Vec<Tensor>,
    /// b in units of r.
    constant: Vec<Tensor>,
    /// r.
    spread: Vec<Tensor>,
}

/// Swaps the activation of a trained ReLU student, calibrated on the given windows.
///
/// # Errors
/// [`Error::Tensor`] on shapes that do not fit.
pub fn swap(
    relu: &Student,
    activation: Activation,
    samples: &Samples,
    calibration: &[usize],
) -> Result<Swapped, Error> {
    let pass = relu.pass(&inputs(samples, calibration)?)?;
    let fits: Vec<Vec<Fit>> = pass
        .before
        .iter()
        .map(|value| {
            let columns = value.t()?.contiguous()?.to_vec2::<f32>()?;
            Ok(columns
                .iter()
                .map(|column| Fit::of(column, activation))
                .collect())
        })
        .collect::<Result<_, Error>>()?;
    let mut layers = Vec::new();
    for (index, layer) in relu.layers.iter().enumerate() {
        let (mut weights, mut bias) = layer.values()?;
        if let Some(previous) = index.checked_sub(1).and_then(|before| fits.get(before)) {
            for (row, bias) in weights.iter_mut().zip(&mut bias) {
                for (weight, fit) in row.iter_mut().zip(previous) {
                    *bias += *weight * fit.constant;
                    *weight *= fit.factor;
                }
            }
        }
        if let Some(own) = fits.get(index) {
            for ((row, bias), fit) in weights.iter_mut().zip(&mut bias).zip(own) {
                row.iter_mut().for_each(|weight| *weight /= fit.spread);
                *bias = *bias / fit.spread + activation.offset() as f32;
            }
        }
        let inputs = weights.first().map_or(0, Vec::len);
        layers.push(Dense::from_values(inputs, weights.concat(), bias)?);
    }
    let row = |number: fn(&Fit) -> f32| -> Result<Vec<Tensor>, Error> {
        fits.iter()
            .map(|layer| {
                let values: Vec<f32> = layer.iter().map(number).collect();
                let width = values.len();
                Ok(Tensor::from_vec(
                    values,
                    (1, width),
                    &candle_core::Device::Cpu,
                )?)
            })
            .collect()
    };
    Ok(Swapped {
        student: Student { layers, activation },
        factor: row(|fit| fit.factor / fit.spread)?,
        constant: row(|fit| fit.constant / fit.spread)?,
        spread: row(|fit| fit.spread)?,
    })
}

impl Swapped {
    /// Mean squared distance of what the new hidden values stand for from the ReLU student's, each in units of its
    /// neuron's r.
    ///
    /// # Errors
    /// [`Error::Tensor`] on shapes that do not fit.
    pub fn distance(&self, after: &[Tensor], relu: &[Tensor]) -> Result<Tensor, Error> {
        let mut sum = Tensor::zeros((), candle_core::DType::F32, &candle_core::Device::Cpu)?;
        for (index, (after, relu)) in after.iter().zip(relu).enumerate() {
            let meant = after
                .broadcast_mul(&self.factor[index])?
                .broadcast_add(&self.constant[index])?;
            let gap = (meant - relu.broadcast_div(&self.spread[index])?.detach())?;
            sum = (sum + gap.sqr()?.mean_all()?)?;
        }
        Ok(sum)
    }
}

/// One neuron's r, a and b.
struct Fit {
    spread: f32,
    factor: f32,
    constant: f32,
}

impl Fit {
    fn of(values: &[f32], activation: Activation) -> Self {
        let count = values.len().max(1) as f64;
        let mean =
            |f: &dyn Fn(f64) -> f64| values.iter().map(|&x| f(f64::from(x))).sum::<f64>() / count;
        let spread = mean(&|x| x * x).sqrt().max(f64::from(SMALLEST));
        let new = |x: f64| activation.value(x / spread + activation.offset());
        let (mean_new, mean_old) = (mean(&new), mean(&|x| x.max(0.0)));
        let variance = mean(&|x| (new(x) - mean_new).powi(2));
        let covariance = mean(&|x| (new(x) - mean_new) * (x.max(0.0) - mean_old));
        let factor = if variance > 1e-12 {
            covariance / variance
        } else {
            0.0
        };
        Self {
            spread: spread as f32,
            factor: factor as f32,
            constant: (mean_old - factor * mean_new) as f32,
        }
    }
}
