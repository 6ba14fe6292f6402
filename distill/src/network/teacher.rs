//! The teacher: Conv1D(8 -> 64, k=5), ReLU, Conv1D(64 -> 128, k=3), ReLU, global average pool, FC(128 -> 3).
//!
//! Each convolution is one matrix product over the unfolded windows: a kernel of width k over rows of c channels reads
//! k * c neighbouring numbers of the row-major input, so unfolding is k shifted views side by side.

use candle_core::{Tensor, Var};
use rand_chacha::ChaCha8Rng;
use veriregime_features::{FEATURES, WINDOW};

use super::dense::Dense;
use super::{Network, normalise};
use crate::Error;
use crate::data::CLASSES;

const FIRST: usize = 64;
const SECOND: usize = 128;
const FIRST_KERNEL: usize = 5;
const SECOND_KERNEL: usize = 3;

/// The convolutional network of the method's proposal, 27,715 parameters.
#[derive(Clone, Debug)]
pub struct Teacher {
    first: Dense,
    second: Dense,
    head: Dense,
}

impl Teacher {
    /// A teacher with random weights.
    ///
    /// # Errors
    /// [`Error::Tensor`] when the tensors cannot be made.
    pub fn random(generator: &mut ChaCha8Rng) -> Result<Self, Error> {
        Ok(Self {
            first: Dense::random(FIRST_KERNEL * FEATURES, FIRST, generator)?,
            second: Dense::random(SECOND_KERNEL * FIRST, SECOND, generator)?,
            head: Dense::random(SECOND, CLASSES, generator)?,
        })
    }
}

impl Network for Teacher {
    fn logits(&self, inputs: &Tensor) -> Result<Tensor, Error> {
        let first = convolve(
            &normalise(inputs)?,
            WINDOW,
            FEATURES,
            FIRST_KERNEL,
            &self.first,
        )?;
        let minutes = WINDOW + 1 - FIRST_KERNEL;
        let second = convolve(&first, minutes, FIRST, SECOND_KERNEL, &self.second)?;
        let minutes = minutes + 1 - SECOND_KERNEL;
        let pooled = second.reshape((inputs.dim(0)?, minutes, SECOND))?.mean(1)?;
        self.head.forward(&pooled)
    }

    fn variables(&self) -> Vec<(String, Var)> {
        [
            ("first", &self.first),
            ("second", &self.second),
            ("head", &self.head),
        ]
        .into_iter()
        .flat_map(|(name, layer)| layer.variables(name))
        .collect()
    }
}

/// A convolution and ReLU over `[n, length * channels]`, giving `[n, (length - kernel + 1) * outputs]`.
fn convolve(
    input: &Tensor,
    length: usize,
    channels: usize,
    kernel: usize,
    layer: &Dense,
) -> Result<Tensor, Error> {
    let count = input.dim(0)?;
    let positions = length + 1 - kernel;
    let shifted = (0..kernel)
        .map(|offset| {
            input
                .narrow(1, offset * channels, positions * channels)?
                .reshape((count * positions, channels))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let unfolded = Tensor::cat(&shifted, 1)?;
    let output = layer.forward(&unfolded)?.relu()?;
    let width = output.dim(1)?;
    Ok(output.reshape((count, positions * width))?)
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::convolve;
    use crate::network::dense::Dense;

    #[test]
    fn convolve_agrees_with_the_definition() {
        // Length 4, two channels, kernel 2, one output: weights ordered by offset, then channel.
        let input =
            Tensor::from_vec(vec![1f32, 2., 3., 4., 5., 6., 7., 8.], (1, 8), &Device::Cpu).unwrap();
        let layer = Dense::from_values(4, vec![1., 10., 100., 1000.], vec![0.5]).unwrap();
        let output = convolve(&input, 4, 2, 2, &layer)
            .unwrap()
            .to_vec2::<f32>()
            .unwrap();
        assert_eq!(output, [[4321.5, 6543.5, 8765.5]]);
    }
}
