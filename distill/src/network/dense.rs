//! A dense layer whose start comes from our own generator, so that a seed reproduces a run.

use candle_core::{Device, Tensor, Var};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::Error;

/// `y = x W^T + b`, W of shape `[outputs, inputs]`.
#[derive(Clone, Debug)]
pub struct Dense {
    /// Weights `[outputs, inputs]`.
    pub weight: Var,
    /// Bias `[outputs]`.
    pub bias: Var,
}

impl Dense {
    /// Uniform weights of He's variance, bias zero.
    ///
    /// # Errors
    /// [`Error::Tensor`] when the tensors cannot be made.
    pub fn random(
        inputs: usize,
        outputs: usize,
        generator: &mut ChaCha8Rng,
    ) -> Result<Self, Error> {
        let bound = (6.0 / inputs as f32).sqrt();
        let weight = (0..inputs * outputs)
            .map(|_| generator.gen_range(-bound..bound))
            .collect();
        Self::from_values(inputs, weight, vec![0.0; outputs])
    }

    /// A layer with given values; `weight` is row-major.
    ///
    /// # Errors
    /// [`Error::Tensor`] when the lengths do not fit.
    pub fn from_values(inputs: usize, weight: Vec<f32>, bias: Vec<f32>) -> Result<Self, Error> {
        let outputs = bias.len();
        Ok(Self {
            weight: Var::from_vec(weight, (outputs, inputs), &Device::Cpu)?,
            bias: Var::from_vec(bias, outputs, &Device::Cpu)?,
        })
    }

    /// The same values in variables of their own.
    ///
    /// # Errors
    /// [`Error::Tensor`] when they cannot be copied.
    pub fn copy(&self) -> Result<Self, Error> {
        Ok(Self {
            weight: Var::from_tensor(&self.weight.as_tensor().copy()?)?,
            bias: Var::from_tensor(&self.bias.as_tensor().copy()?)?,
        })
    }

    /// Applies the layer to `[n, inputs]`.
    ///
    /// # Errors
    /// [`Error::Tensor`] on shapes that do not fit.
    pub fn forward(&self, input: &Tensor) -> Result<Tensor, Error> {
        Ok(input.matmul(&self.weight.t()?)?.broadcast_add(&self.bias)?)
    }

    /// Weights and bias as plain rows.
    ///
    /// # Errors
    /// [`Error::Tensor`] when they cannot be read.
    pub fn values(&self) -> Result<(Vec<Vec<f32>>, Vec<f32>), Error> {
        Ok((self.weight.to_vec2()?, self.bias.to_vec1()?))
    }

    pub(crate) fn variables(&self, name: &str) -> [(String, Var); 2] {
        [
            (format!("{name}.weight"), self.weight.clone()),
            (format!("{name}.bias"), self.bias.clone()),
        ]
    }
}
