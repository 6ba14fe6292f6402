//! From ReLU to x^2 without starting over: complete the square.
//!
//! Around the values a neuron really takes, with r their root mean square,
//! ```text
//! relu(x) ~ r (0.125 z^2 + 0.5 z + c),  z = x / r            (the ReLU approximation of the method, c fitted)
//!         = r ((z + 2)^2 / 8 + c - 0.5)
//! ```
//! so dividing a neuron's weights by r and adding 2 to its bias makes the activation a bare square, and the factor and
//! the constant move into the next layer. The swap costs nothing in the circuit.

use super::dense::Dense;
use super::student::{Activation, Student};
use crate::Error;
use crate::data::Samples;
use crate::network::inputs;

/// Where the parabola's vertex lies: z = -2.
const VERTEX: f32 = 2.0;
/// 1 / 8.
const CURVATURE: f32 = 0.125;
/// c - 0.5, with c chosen so that the mean error is zero for normal z: E relu(z) - E (0.125 z^2) = 0.399 - 0.125.
const OFFSET: f32 = 0.274 - 0.5;
/// Smallest r: neurons that are nearly always zero are not blown up.
const SMALLEST: f32 = 0.05;

/// A student with squares, and the ReLU student's spread that its hidden values are measured in.
#[derive(Clone, Debug)]
pub struct Swapped {
    /// The new student.
    pub student: Student,
    /// r of each hidden neuron, by layer.
    pub spread: Vec<Vec<f32>>,
}

/// Swaps the activation of a trained ReLU student, calibrated on the given windows.
///
/// # Errors
/// [`Error::Tensor`] on shapes that do not fit.
pub fn to_quadratic(
    relu: &Student,
    samples: &Samples,
    calibration: &[usize],
) -> Result<Swapped, Error> {
    let pass = relu.pass(&inputs(samples, calibration)?)?;
    let spread: Vec<Vec<f32>> = pass
        .before
        .iter()
        .map(|value| {
            let rms = value.sqr()?.mean(0)?.sqrt()?.to_vec1::<f32>()?;
            Ok(rms.into_iter().map(|rms| rms.max(SMALLEST)).collect())
        })
        .collect::<Result<_, Error>>()?;
    let mut layers = Vec::new();
    for (index, layer) in relu.layers.iter().enumerate() {
        let (mut weights, mut bias) = layer.values()?;
        if let Some(previous) = index.checked_sub(1).and_then(|before| spread.get(before)) {
            for (row, bias) in weights.iter_mut().zip(&mut bias) {
                for (weight, r) in row.iter_mut().zip(previous) {
                    *bias += *weight * r * OFFSET;
                    *weight *= r * CURVATURE;
                }
            }
        }
        if let Some(own) = spread.get(index) {
            for ((row, bias), r) in weights.iter_mut().zip(&mut bias).zip(own) {
                row.iter_mut().for_each(|weight| *weight /= r);
                *bias = *bias / r + VERTEX;
            }
        }
        let inputs = weights.first().map_or(0, Vec::len);
        layers.push(Dense::from_values(inputs, weights.concat(), bias)?);
    }
    Ok(Swapped {
        student: Student {
            layers,
            activation: Activation::Quadratic,
        },
        spread,
    })
}

/// What a squared hidden value stands for, in units of its neuron's r: the counterpart of relu(x) / r.
pub(crate) fn as_relu(squared: &candle_core::Tensor) -> Result<candle_core::Tensor, Error> {
    Ok(squared.affine(f64::from(CURVATURE), f64::from(OFFSET))?)
}
