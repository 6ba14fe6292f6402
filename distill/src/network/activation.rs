//! The functions between a student's layers: ReLU, and the polynomials of the method that a circuit gets for nothing.

use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use crate::Error;

/// The function between two layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// max(0, x).
    Relu,
    /// x^2.
    Quadratic,
    /// x + 0.1 x^3.
    Cubic,
    /// 0.5 x + 0.125 x^2 - 0.03125 x^3.
    ReluApproximation,
    /// 0.5 x + 0.25 x^2 - 0.05 x^3.
    SwishApproximation,
}

impl Activation {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Relu,
        Self::Quadratic,
        Self::Cubic,
        Self::ReluApproximation,
        Self::SwishApproximation,
    ];

    /// The name in reports and manifests.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Relu => "relu",
            Self::Quadratic => "quadratic",
            Self::Cubic => "cubic",
            Self::ReluApproximation => "relu-approximation",
            Self::SwishApproximation => "swish-approximation",
        }
    }

    /// Coefficients of x, x^2 and x^3; `None` for ReLU.
    #[must_use]
    pub fn coefficients(self) -> Option<[f64; 3]> {
        match self {
            Self::Relu => None,
            Self::Quadratic => Some([0.0, 1.0, 0.0]),
            Self::Cubic => Some([1.0, 0.0, 0.1]),
            Self::ReluApproximation => Some([0.5, 0.125, -0.03125]),
            Self::SwishApproximation => Some([0.5, 0.25, -0.05]),
        }
    }

    /// What is added to a normalised value before the function where it stands for ReLU: a square needs its vertex at
    /// the left, or it would be even in the value.
    #[must_use]
    pub fn offset(self) -> f64 {
        match self {
            Self::Quadratic => 2.0,
            _ => 0.0,
        }
    }

    /// The function's value.
    #[must_use]
    pub fn value(self, x: f64) -> f64 {
        match self.coefficients() {
            None => x.max(0.0),
            Some([one, two, three]) => x * (one + x * (two + x * three)),
        }
    }

    /// The function's derivative.
    #[must_use]
    pub fn derivative(self, x: f64) -> f64 {
        match self.coefficients() {
            None => f64::from(x > 0.0),
            Some([one, two, three]) => one + x * (2.0 * two + 3.0 * x * three),
        }
    }

    /// The function of every element.
    ///
    /// # Errors
    /// [`Error::Tensor`] when it cannot be computed.
    pub fn apply(self, x: &Tensor) -> Result<Tensor, Error> {
        polynomial(x, self.coefficients())
    }
}

/// A polynomial without constant of every element; ReLU without coefficients.
pub(super) fn polynomial(x: &Tensor, coefficients: Option<[f64; 3]>) -> Result<Tensor, Error> {
    let Some([one, two, three]) = coefficients else {
        return Ok(x.relu()?);
    };
    if three == 0.0 && one == 0.0 {
        return Ok((x.sqr()? * two)?);
    }
    let factor = (x * three)?.affine(1.0, two)?;
    Ok((x * (x * factor)?.affine(1.0, one)?)?)
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::Activation;

    #[test]
    fn tensors_values_and_derivatives_agree() {
        let points: Vec<f64> = (-30..=30)
            .map(|point| f64::from(point) / 10.0 + 0.01)
            .collect();
        for activation in Activation::ALL {
            let tensor = Tensor::from_vec(points.clone(), points.len(), &Device::Cpu).unwrap();
            let values = activation.apply(&tensor).unwrap().to_vec1::<f64>().unwrap();
            for (&x, value) in points.iter().zip(values) {
                assert!((value - activation.value(x)).abs() < 1e-12);
                let slope = (activation.value(x + 1e-6) - activation.value(x - 1e-6)) / 2e-6;
                assert!(
                    (slope - activation.derivative(x)).abs() < 1e-6,
                    "{activation:?} {x}"
                );
            }
        }
    }
}
