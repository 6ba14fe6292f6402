//! How much a layer's weights matter, and how much rounding them costs.
//!
//! The loss grows by about 1/2 sum F_i (dw_i)^2, F being the diagonal of the empirical Fisher information: the mean of squared
//! gradients, window by window. Per layer: mean F times the squared rounding error Q(b) at b bits, which is measured on the
//! weights, not assumed to fall by 4 per bit.

use candle_core::D;
use candle_nn::ops::log_softmax;
use serde::Serialize;

use super::Lab;
use crate::Error;
use crate::network::rounding::{FEWEST_BITS, MOST_BITS, best_scale, rounding_error};
use crate::network::{Network, Student, inputs};

/// Windows whose gradients are squared.
const WINDOWS: usize = 512;

/// One layer's sensitivity.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sensitivity {
    /// Number of weights.
    pub weights: usize,
    /// Mean squared gradient per weight.
    pub fisher: f64,
    /// Squared rounding error of all weights at each number of bits, fewest first.
    pub rounding: Vec<(u32, f64)>,
}

impl Sensitivity {
    /// Expected growth of the loss at each number of bits, fewest first.
    pub fn costs(&self) -> impl Iterator<Item = (u32, f64)> + '_ {
        self.rounding
            .iter()
            .map(|&(bits, error)| (bits, 0.5 * self.fisher * error))
    }
}

/// The sensitivity of every layer of a student.
///
/// # Errors
/// [`Error::Tensor`] when a gradient cannot be computed.
pub fn of(lab: &Lab, student: &Student, windows: &[usize]) -> Result<Vec<Sensitivity>, Error> {
    let samples = &lab.prepared.samples;
    let windows = &windows[..windows.len().min(WINDOWS)];
    let mut squares = vec![0.0; student.layers.len()];
    for &index in windows {
        let logs = log_softmax(&student.logits(&inputs(samples, &[index])?)?, D::Minus1)?;
        let label = usize::from(samples.label(index));
        let gradients = logs.narrow(1, label, 1)?.sum_all()?.backward()?;
        for (sum, layer) in squares.iter_mut().zip(&student.layers) {
            if let Some(gradient) = gradients.get(&layer.weight) {
                *sum += f64::from(gradient.sqr()?.sum_all()?.to_scalar::<f32>()?);
            }
        }
    }
    student
        .layers
        .iter()
        .zip(squares)
        .map(|(layer, sum)| {
            let flat = layer.values()?.0.concat();
            let rounding = (FEWEST_BITS..=MOST_BITS)
                .map(|bits| (bits, rounding_error(&flat, bits, best_scale(&flat, bits))))
                .collect();
            Ok(Sensitivity {
                weights: flat.len(),
                fisher: sum / (windows.len().max(1) * flat.len().max(1)) as f64,
                rounding,
            })
        })
        .collect()
}
