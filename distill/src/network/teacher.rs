//! The teachers: two convolutions over the minutes, a global average, a head.
//!
//! | architecture | reads | between the layers | head | parameters (3 classes) |
//! |---|---|---|---|---|
//! | proposal | 8 features | ReLU | 128 -> 3 | 27,715 |
//! | midterm | 7 features (no funding) | batch norm, ReLU, max-pool 2 | 128 -> 3 | 27,779 |
//! | context | 8 features, 16 context values | ReLU | 144 -> 64, ReLU, 64 -> 3 | 36,803 |
//!
//! Kernels are 5 and 3 wide, channels 64 and 128. A convolution is one matrix product over the unfolded windows: a kernel
//! of width k over rows of c channels reads k * c neighbouring numbers of the row-major input, so unfolding is k shifted
//! views side by side.

use candle_core::{Device, Tensor, Var};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use veriregime_features::{CONTEXT, CONTEXT_START, FEATURES, WINDOW};

use super::dense::Dense;
use super::{Network, normalise};
use crate::Error;

const FIRST: usize = 64;
const SECOND: usize = 128;
const FIRST_KERNEL: usize = 5;
const SECOND_KERNEL: usize = 3;
/// Features of the midterm report: the first seven.
const MIDTERM_FEATURES: usize = 7;
const HEAD: usize = 64;
/// Added to a batch's variance.
const EPSILON: f64 = 1e-5;
/// Share of a new batch in the running mean and variance.
const MOMENTUM: f64 = 0.1;

/// Which teacher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    /// Conv, ReLU, conv, ReLU, average, dense.
    Proposal,
    /// Conv, batch norm, ReLU, max-pool, twice; average, dense.
    Midterm,
    /// The proposal's, and a head that also reads the window's context.
    Context,
}

impl Architecture {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Proposal, Self::Midterm, Self::Context];

    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Proposal => "proposal",
            Self::Midterm => "midterm",
            Self::Context => "context",
        }
    }

    /// The name of a teacher of this architecture in a comparison of models.
    #[must_use]
    pub fn title(self) -> String {
        format!("teacher (CNN {}, float)", self.name())
    }
}

/// A convolutional network.
#[derive(Clone, Debug)]
pub struct Teacher {
    architecture: Architecture,
    first: Dense,
    second: Dense,
    head: Vec<Dense>,
    norms: Option<[Norm; 2]>,
}

/// Batch normalisation over the rows of a matrix; candle's own keeps its running values to itself, out of a checkpoint's reach.
#[derive(Clone, Debug)]
struct Norm {
    scale: Var,
    bias: Var,
    mean: Var,
    variance: Var,
}

impl Teacher {
    /// A teacher with random weights.
    ///
    /// # Errors
    /// [`Error::Tensor`] when the tensors cannot be made.
    pub fn random(
        architecture: Architecture,
        classes: usize,
        generator: &mut ChaCha8Rng,
    ) -> Result<Self, Error> {
        let features = match architecture {
            Architecture::Midterm => MIDTERM_FEATURES,
            _ => FEATURES,
        };
        let first = Dense::random(FIRST_KERNEL * features, FIRST, generator)?;
        let second = Dense::random(SECOND_KERNEL * FIRST, SECOND, generator)?;
        let head = match architecture {
            Architecture::Context => vec![
                Dense::random(SECOND + CONTEXT, HEAD, generator)?,
                Dense::random(HEAD, classes, generator)?,
            ],
            _ => vec![Dense::random(SECOND, classes, generator)?],
        };
        let norms = match architecture {
            Architecture::Midterm => Some([Norm::new(FIRST)?, Norm::new(SECOND)?]),
            _ => None,
        };
        Ok(Self {
            architecture,
            first,
            second,
            head,
            norms,
        })
    }

    /// Its layers.
    #[must_use]
    pub fn architecture(&self) -> Architecture {
        self.architecture
    }

    /// Number of trained parameters.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.variables()
            .iter()
            .map(|(_, variable)| variable.elem_count())
            .sum()
    }

    fn forward(&self, inputs: &Tensor, training: bool) -> Result<Tensor, Error> {
        let inputs = normalise(inputs)?;
        let count = inputs.dim(0)?;
        let mut rows = inputs
            .narrow(1, 0, CONTEXT_START)?
            .reshape((count, WINDOW, FEATURES))?;
        if self.architecture == Architecture::Midterm {
            rows = rows.narrow(2, 0, MIDTERM_FEATURES)?.contiguous()?;
        }
        for (index, (layer, kernel)) in [(&self.first, FIRST_KERNEL), (&self.second, SECOND_KERNEL)]
            .into_iter()
            .enumerate()
        {
            rows = convolve(&rows, kernel, layer)?;
            if let Some(norm) = self.norms.as_ref().map(|norms| &norms[index]) {
                let (length, channels) = (rows.dim(1)?, rows.dim(2)?);
                let flat = rows.reshape((count * length, channels))?;
                rows = norm
                    .apply(&flat, training)?
                    .reshape((count, length, channels))?;
            }
            rows = rows.relu()?;
            if self.norms.is_some() {
                rows = halve(&rows)?;
            }
        }
        let mut value = rows.mean(1)?;
        if self.architecture == Architecture::Context {
            let context = inputs.narrow(1, CONTEXT_START, CONTEXT)?;
            value = Tensor::cat(&[value, context], 1)?;
        }
        let last = self.head.len() - 1;
        for (index, layer) in self.head.iter().enumerate() {
            value = layer.forward(&value)?;
            if index < last {
                value = value.relu()?;
            }
        }
        Ok(value)
    }
}

impl Network for Teacher {
    fn logits(&self, inputs: &Tensor) -> Result<Tensor, Error> {
        self.forward(inputs, false)
    }

    fn training_logits(&self, inputs: &Tensor) -> Result<Tensor, Error> {
        self.forward(inputs, true)
    }

    fn variables(&self) -> Vec<(String, Var)> {
        let mut variables = Vec::new();
        variables.extend(self.first.variables("first"));
        variables.extend(self.second.variables("second"));
        for (index, layer) in self.head.iter().enumerate() {
            variables.extend(layer.variables(&format!("head{index}")));
        }
        for (index, norm) in self.norms.iter().flatten().enumerate() {
            variables.push((format!("norm{index}.scale"), norm.scale.clone()));
            variables.push((format!("norm{index}.bias"), norm.bias.clone()));
        }
        variables
    }

    fn state(&self) -> Vec<(String, Var)> {
        let mut state = self.variables();
        for (index, norm) in self.norms.iter().flatten().enumerate() {
            state.push((format!("norm{index}.mean"), norm.mean.clone()));
            state.push((format!("norm{index}.variance"), norm.variance.clone()));
        }
        state
    }
}

impl Norm {
    fn new(channels: usize) -> Result<Self, Error> {
        let one = |value: f64| -> Result<Var, Error> {
            Ok(Var::from_tensor(&Tensor::full(
                value as f32,
                channels,
                &Device::Cpu,
            )?)?)
        };
        Ok(Self {
            scale: one(1.0)?,
            bias: one(0.0)?,
            mean: one(0.0)?,
            variance: one(1.0)?,
        })
    }

    fn apply(&self, rows: &Tensor, training: bool) -> Result<Tensor, Error> {
        let (mean, variance) = if training {
            let mean = rows.mean(0)?;
            let variance = rows.broadcast_sub(&mean)?.sqr()?.mean(0)?;
            for (running, batch) in [(&self.mean, &mean), (&self.variance, &variance)] {
                let moved =
                    ((running.as_tensor() * (1.0 - MOMENTUM))? + (batch.detach() * MOMENTUM)?)?;
                running.set(&moved)?;
            }
            (mean, variance)
        } else {
            (
                self.mean.as_tensor().clone(),
                self.variance.as_tensor().clone(),
            )
        };
        let factor = (self.scale.as_tensor() / (variance + EPSILON)?.sqrt()?)?;
        Ok(rows
            .broadcast_sub(&mean)?
            .broadcast_mul(&factor)?
            .broadcast_add(&self.bias)?)
    }
}

/// A convolution over `[n, length, channels]`, giving `[n, length - kernel + 1, outputs]`.
fn convolve(rows: &Tensor, kernel: usize, layer: &Dense) -> Result<Tensor, Error> {
    let (count, length, channels) = rows.dims3()?;
    let positions = length + 1 - kernel;
    let shifted = (0..kernel)
        .map(|offset| Ok(rows.narrow(1, offset, positions)?))
        .collect::<Result<Vec<_>, Error>>()?;
    let unfolded = Tensor::cat(&shifted, 2)?.reshape((count * positions, kernel * channels))?;
    let output = layer.forward(&unfolded)?;
    let width = output.dim(1)?;
    Ok(output.reshape((count, positions, width))?)
}

/// The larger of every two neighbouring positions; an odd last one is dropped.
fn halve(rows: &Tensor) -> Result<Tensor, Error> {
    let (count, length, channels) = rows.dims3()?;
    let pairs = rows
        .narrow(1, 0, length - length % 2)?
        .contiguous()?
        .reshape((count, length / 2, 2, channels))?;
    let first = pairs.narrow(2, 0, 1)?.squeeze(2)?;
    let second = pairs.narrow(2, 1, 1)?.squeeze(2)?;
    Ok(first.maximum(&second)?)
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::{Architecture, Norm, Teacher, convolve, halve};
    use crate::network::dense::Dense;
    use crate::train::generator;

    #[test]
    fn convolve_agrees_with_the_definition() {
        // Length 4, two channels, kernel 2, one output: weights ordered by offset, then channel.
        let input = Tensor::from_vec(
            vec![1f32, 2., 3., 4., 5., 6., 7., 8.],
            (1, 4, 2),
            &Device::Cpu,
        )
        .unwrap();
        let layer = Dense::from_values(4, vec![1., 10., 100., 1000.], vec![0.5]).unwrap();
        let output = convolve(&input, 2, &layer)
            .unwrap()
            .to_vec3::<f32>()
            .unwrap();
        assert_eq!(output, [[[4321.5], [6543.5], [8765.5]]]);
    }

    #[test]
    fn halve_keeps_the_larger_of_two() {
        let input = Tensor::new(&[[[1f32, 9.], [3., 2.], [7., 7.]]], &Device::Cpu).unwrap();
        assert_eq!(
            halve(&input).unwrap().to_vec3::<f32>().unwrap(),
            [[[3., 9.]]]
        );
    }

    #[test]
    fn parameters_are_those_of_the_reports() {
        let count = |architecture| {
            Teacher::random(architecture, 3, &mut generator(1, "teacher"))
                .unwrap()
                .parameters()
        };
        assert_eq!(count(Architecture::Proposal), 27_715);
        assert_eq!(count(Architecture::Midterm), 27_779);
        assert_eq!(count(Architecture::Context), 36_803);
    }

    #[test]
    fn norm_gives_mean_zero_and_deviation_one_and_remembers_them() {
        let norm = Norm::new(1).unwrap();
        let rows = Tensor::new(&[[1f32], [3.], [5.], [7.]], &Device::Cpu).unwrap();
        for _ in 0..200 {
            let output = norm.apply(&rows, true).unwrap().to_vec2::<f32>().unwrap();
            assert!((output[0][0] + output[3][0]).abs() < 1e-6);
            assert!((output[3][0] - 3.0 / 5f32.sqrt()).abs() < 1e-4);
        }
        let seen = norm.apply(&rows, false).unwrap().to_vec2::<f32>().unwrap();
        assert!((seen[3][0] - 3.0 / 5f32.sqrt()).abs() < 1e-4);
    }
}
