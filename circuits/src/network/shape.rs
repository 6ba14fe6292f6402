//! Shapes of tensors.

use serde::{Deserialize, Serialize};

use super::{Network, Operator};

/// Channels, height and width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Dims(pub usize, pub usize, pub usize);

impl Dims {
    /// Number of values, saturating.
    pub fn len(&self) -> usize {
        self.0.saturating_mul(self.1).saturating_mul(self.2)
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Positions of one channel.
    pub fn positions(&self) -> usize {
        self.1 * self.2
    }
}

impl std::fmt::Display for Dims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} x {} x {}", self.0, self.1, self.2)
    }
}

/// Windows that fit: `None` if not one does.
pub(crate) fn windows(
    size: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 4],
    dilation: [usize; 2],
) -> Option<[usize; 2]> {
    let along = |axis: usize| {
        let padded = size[axis].checked_add(padding[axis].checked_add(padding[axis + 2])?)?;
        let reach = dilation[axis].checked_mul(kernel[axis].checked_sub(1)?)?;
        let free = padded.checked_sub(reach.checked_add(1)?)?;
        Some(free.checked_div(stride[axis])? + 1)
    };
    Some([along(0)?, along(1)?])
}

impl Network {
    /// Shapes of all tensors, the input's first. Of a validated network; stops at the first node
    /// that has none.
    pub fn dims(&self) -> Vec<Dims> {
        let mut dims = vec![self.input.dims];
        for node in &self.nodes {
            match node.operator.dims(&dims) {
                Some(shape) => dims.push(shape),
                None => break,
            }
        }
        dims
    }
}

impl Operator {
    /// Shape of the result for shapes of the tensors before it; `None` if it has none.
    pub(super) fn dims(&self, tensors: &[Dims]) -> Option<Dims> {
        match self {
            Self::Linear(linear) => {
                let first = linear.terms.first()?;
                first.dims(*tensors.get(first.input)?)
            }
            Self::Lookup { input, .. } => tensors.get(*input).copied(),
            Self::Maximum {
                input,
                kernel,
                stride,
                padding,
            } => {
                let Dims(channels, height, width) = *tensors.get(*input)?;
                let [height, width] = windows([height, width], *kernel, *stride, *padding, [1, 1])?;
                Some(Dims(channels, height, width))
            }
            Self::Gather { dims, .. } => Some(*dims),
            Self::Norm(norm) => tensors.get(norm.input).copied(),
        }
    }
}
