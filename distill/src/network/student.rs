//! The student: dense layers, such as 496-128-64-32-3, with one activation between them.

use candle_core::{Tensor, Var};
use rand_chacha::ChaCha8Rng;

use super::dense::Dense;
use super::{Activation, Network, normalise};
use crate::Error;

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
    /// Logits `[n, classes]`.
    pub logits: Tensor,
}

impl Student {
    /// A ReLU student with random weights; `widths` from the inputs to the classes.
    ///
    /// # Errors
    /// [`Error::Tensor`] when the tensors cannot be made.
    pub fn random(widths: &[usize], generator: &mut ChaCha8Rng) -> Result<Self, Error> {
        let layers = widths
            .windows(2)
            .map(|pair| Dense::random(pair[0], pair[1], generator))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            layers,
            activation: Activation::Relu,
        })
    }

    /// The same values in variables of their own: what is trained further leaves the original as it is.
    ///
    /// # Errors
    /// [`Error::Tensor`] when they cannot be copied.
    pub fn copy(&self) -> Result<Self, Error> {
        let layers = self
            .layers
            .iter()
            .map(Dense::copy)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            layers,
            activation: self.activation,
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
                value = self.activation.apply(&value)?;
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
