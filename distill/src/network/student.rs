//! The student: dense layers 480-128-64-32-3 with one activation between them.

use candle_core::{Tensor, Var};
use rand_chacha::ChaCha8Rng;
use veriregime_features::INPUTS;

use super::dense::Dense;
use super::{Network, normalise};
use crate::Error;
use crate::data::CLASSES;

/// Widths from the inputs to the classes.
pub const WIDTHS: [usize; 5] = [INPUTS, 128, 64, 32, CLASSES];

/// The function between two layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// max(0, x).
    Relu,
    /// x^2.
    Quadratic,
}

/// A dense network in single precision.
#[derive(Clone, Debug)]
pub struct Student {
    /// From the inputs to the classes.
    pub layers: Vec<Dense>,
    /// Between the layers.
    pub activation: Activation,
}

/// Values inside a forward pass.
pub struct Pass {
    /// Hidden values before the activation, by layer.
    pub before: Vec<Tensor>,
    /// Hidden values after the activation, by layer.
    pub after: Vec<Tensor>,
    /// Logits `[n, 3]`.
    pub logits: Tensor,
}

impl Student {
    /// A ReLU student with random weights.
    ///
    /// # Errors
    /// [`Error::Tensor`] when the tensors cannot be made.
    pub fn random(generator: &mut ChaCha8Rng) -> Result<Self, Error> {
        let layers = WIDTHS
            .windows(2)
            .map(|pair| Dense::random(pair[0], pair[1], generator))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            layers,
            activation: Activation::Relu,
        })
    }

    /// A forward pass that keeps the hidden values; `inputs` are the windows' integers.
    ///
    /// # Errors
    /// [`Error::Tensor`] on shapes that do not fit.
    pub fn pass(&self, inputs: &Tensor) -> Result<Pass, Error> {
        let mut value = normalise(inputs)?;
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for (index, layer) in self.layers.iter().enumerate() {
            value = layer.forward(&value)?;
            if index + 1 < self.layers.len() {
                before.push(value.clone());
                value = match self.activation {
                    Activation::Relu => value.relu()?,
                    Activation::Quadratic => value.sqr()?,
                };
                after.push(value.clone());
            }
        }
        Ok(Pass {
            before,
            after,
            logits: value,
        })
    }
}

impl Network for Student {
    fn logits(&self, inputs: &Tensor) -> Result<Tensor, Error> {
        Ok(self.pass(inputs)?.logits)
    }

    fn variables(&self) -> Vec<(String, Var)> {
        self.layers
            .iter()
            .enumerate()
            .flat_map(|(index, layer)| layer.variables(&format!("layer{index}")))
            .collect()
    }
}
