//! Convolutions; a dense layer is one over a single position.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::shape::{Dims, windows};

/// A convolution without bias: cross-correlation, as in ONNX.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Convolution {
    /// Tensor that it reads.
    pub input: usize,
    /// Output channels.
    pub outputs: usize,
    /// `[output][input channel of the group][row][column]`, flattened.
    pub weights: Vec<i32>,
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
    /// Distance of windows, down and right.
    pub stride: [usize; 2],
    /// Rows and columns of zeros added: top, left, bottom, right.
    pub padding: [usize; 4],
    /// Distance of the kernel's rows and columns.
    pub dilation: [usize; 2],
    /// Groups of channels that do not see each other.
    pub groups: usize,
}

impl Convolution {
    /// Every channel by a factor of its own.
    pub fn scale(input: usize, factors: &[i32]) -> Self {
        Self {
            input,
            outputs: factors.len(),
            weights: factors.to_vec(),
            kernel: [1, 1],
            stride: [1, 1],
            padding: [0; 4],
            dilation: [1, 1],
            groups: factors.len(),
        }
    }

    /// A dense layer: `weights[output][input]`, flattened.
    pub fn dense(input: usize, outputs: usize, weights: Vec<i32>) -> Self {
        Self {
            input,
            outputs,
            weights,
            kernel: [1, 1],
            stride: [1, 1],
            padding: [0; 4],
            dilation: [1, 1],
            groups: 1,
        }
    }

    /// Shape of the result; `None` if no window fits or the groups do not divide the channels.
    pub fn dims(&self, input: Dims) -> Option<Dims> {
        let Dims(channels, height, width) = input;
        if self.groups == 0
            || !channels.is_multiple_of(self.groups)
            || !self.outputs.is_multiple_of(self.groups)
        {
            return None;
        }
        let size = [height, width];
        let [height, width] = windows(size, self.kernel, self.stride, self.padding, self.dilation)?;
        Some(Dims(self.outputs, height, width))
    }

    /// Input channels that one output sees.
    pub fn fan(&self, channels: usize) -> usize {
        channels / self.groups.max(1)
    }

    /// First input channel that an output sees.
    pub fn first_channel(&self, output: usize, channels: usize) -> usize {
        let per_group = (self.outputs / self.groups.max(1)).max(1);
        output / per_group * self.fan(channels)
    }

    /// Weights of an output: `[input channel][row][column]`.
    pub fn row(&self, output: usize, channels: usize) -> &[i32] {
        let length = self.fan(channels) * self.kernel[0] * self.kernel[1];
        self.weights
            .get(output * length..(output + 1) * length)
            .unwrap_or_default()
    }

    /// Adds the convolution of `x` to `sums`, in the order of the result. Both of the right shape.
    pub(super) fn add_to(&self, sums: &mut [i64], x: &[i64], input: Dims) {
        let Some(output) = self.dims(input) else {
            return;
        };
        let Dims(channels, height, width) = input;
        let [kernel_height, kernel_width] = self.kernel;
        let positions = output.positions();
        let sums = sums.par_chunks_mut(positions.max(1)).enumerate();
        sums.for_each(|(out, sums)| {
            let first = self.first_channel(out, channels);
            for (tap, &weight) in self.row(out, channels).iter().enumerate() {
                if weight == 0 {
                    continue;
                }
                let weight = i64::from(weight);
                let channel = first + tap / (kernel_height * kernel_width);
                let row = tap / kernel_width % kernel_height * self.dilation[0];
                let column = tap % kernel_width * self.dilation[1];
                let plane = &x[channel * height * width..(channel + 1) * height * width];
                for (index, sums) in sums.chunks_mut(output.2).enumerate() {
                    let y = (index * self.stride[0] + row).wrapping_sub(self.padding[0]);
                    if y >= height {
                        continue;
                    }
                    let line = &plane[y * width..(y + 1) * width];
                    for (index, sum) in sums.iter_mut().enumerate() {
                        let at = (index * self.stride[1] + column).wrapping_sub(self.padding[1]);
                        if let Some(&value) = line.get(at) {
                            *sum += weight * value;
                        }
                    }
                }
            }
        });
    }
}

/// Channel within the group and position in the input that a weight meets for the output at a row
/// and column; `None` for padding.
pub(crate) fn window_of(
    term: &Convolution,
    input: Dims,
    output: [usize; 2],
    weight: usize,
) -> Option<(usize, usize)> {
    let [height, width] = term.kernel;
    let (channel, tap) = (weight / (height * width), weight % (height * width));
    let place = |axis: usize, tap: usize| {
        let padded = output[axis] * term.stride[axis] + tap * term.dilation[axis];
        padded.checked_sub(term.padding[axis])
    };
    let (y, x) = (place(0, tap / width)?, place(1, tap % width)?);
    (y < input.1 && x < input.2).then_some((channel, y * input.2 + x))
}
