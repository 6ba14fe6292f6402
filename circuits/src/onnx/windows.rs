//! Windows of convolutions and pools, from the attributes that they share.

use super::{
    attributes::refused,
    call::Call,
    refusal::{Refusal, refuse},
    view::size,
};
use crate::network::{Dims, windows};

/// Kernel, stride, padding (top, left, bottom, right) and dilation over a value with one or two spatial axes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Windows {
    pub(super) view: Dims,
    pub(super) kernel: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) padding: [usize; 4],
    pub(super) dilation: [usize; 2],
    /// Height and width of the result.
    pub(super) result: [usize; 2],
    /// Number of spatial axes.
    axes: usize,
    /// How many rows and columns ceil_mode adds at the end.
    pub(super) extra: [usize; 2],
}

impl Windows {
    /// The windows of a node over a value of shape [1, channels, ..]; `kernel` by default is the attribute's.
    pub(super) fn of(
        call: &Call<'_>,
        shape: &[usize],
        kernel: Option<&[usize]>,
    ) -> Result<Self, Refusal> {
        let (view, axes) = match *shape {
            [1, c, w] => (Dims(c, 1, w), 1),
            [1, c, h, w] => (Dims(c, h, w), 2),
            _ => {
                return refuse(
                    format!("an input of shape {shape:?}"),
                    "want [1, channels, length] or [1, channels, height, width], a batch of 1",
                );
            }
        };
        let attributes = &call.attributes;
        let stated = attributes.sizes("kernel_shape", kernel.unwrap_or_default())?;
        if kernel.is_some_and(|kernel| kernel != stated) {
            return Err(refused(
                "kernel_shape",
                &stated,
                "want the shape of the weights",
            ));
        }
        let pair = |name: &str, values: &[usize], fill: usize| match (values, axes) {
            (&[w], 1) => Ok([fill, w]),
            (&[h, w], 2) => Ok([h, w]),
            _ => Err(refused(name, values, &format!("want {axes} values"))),
        };
        let positive = |name: &str| {
            let values = attributes.sizes(name, &[1; 2][..axes])?;
            match values.contains(&0) {
                true => Err(refused(name, &values, "want at least 1")),
                false => pair(name, &values, 1),
            }
        };
        let kernel = pair("kernel_shape", &stated, 1)?;
        if kernel.contains(&0) {
            return Err(refused("kernel_shape", &stated, "want at least 1"));
        }
        let (stride, dilation) = (positive("strides")?, positive("dilations")?);
        let mut windows = Self {
            view,
            kernel,
            stride,
            padding: [0; 4],
            dilation,
            result: [0; 2],
            axes,
            extra: [0; 2],
        };
        windows.pad(call)?;
        windows.place(call)?;
        size(&[1, view.0, windows.result[0], windows.result[1]])?;
        Ok(windows)
    }

    fn reach(&self, axis: usize) -> usize {
        self.dilation[axis]
            .saturating_mul(self.kernel[axis] - 1)
            .saturating_add(1)
    }

    fn input(&self, axis: usize) -> usize {
        [self.view.1, self.view.2][axis]
    }

    /// The padding that pads and auto_pad mean.
    fn pad(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        let auto = call.attributes.string("auto_pad", "NOTSET");
        let pads = call.attributes.sizes("pads", &[0; 4][..2 * self.axes])?;
        match auto.as_str() {
            "NOTSET" | "" => {
                self.padding = match *pads.as_slice() {
                    [begin, end] if self.axes == 1 => [0, begin, 0, end],
                    [top, left, bottom, right] if self.axes == 2 => [top, left, bottom, right],
                    _ => {
                        return Err(refused(
                            "pads",
                            &pads,
                            "want a begin and an end for every axis",
                        ));
                    }
                };
            }
            "VALID" => {}
            "SAME_UPPER" | "SAME_LOWER" => {
                for axis in 0..2 {
                    let (input, stride) = (self.input(axis), self.stride[axis]);
                    let covered = (input.div_ceil(stride) - 1)
                        .saturating_mul(stride)
                        .saturating_add(self.reach(axis));
                    let total = covered.saturating_sub(input);
                    let (less, more) = (total / 2, total - total / 2);
                    let upper = auto == "SAME_UPPER";
                    self.padding[axis] = if upper { less } else { more };
                    self.padding[axis + 2] = if upper { more } else { less };
                }
            }
            _ => {
                return Err(refused(
                    "auto_pad",
                    &auto,
                    "want NOTSET, VALID, SAME_UPPER or SAME_LOWER",
                ));
            }
        }
        Ok(())
    }

    /// The result's size, with the windows that ceil_mode adds.
    fn place(&mut self, call: &Call<'_>) -> Result<(), Refusal> {
        if call.attributes.int("ceil_mode", 0) != 0 {
            for axis in 0..2 {
                let padded = self
                    .input(axis)
                    .saturating_add(self.padding[axis])
                    .saturating_add(self.padding[axis + 2]);
                let rest = padded.saturating_sub(self.reach(axis));
                let windows = rest / self.stride[axis] + 1;
                let start = windows.saturating_mul(self.stride[axis]);
                // A window more, if it begins before the padding at the end.
                if !rest.is_multiple_of(self.stride[axis])
                    && start < self.input(axis).saturating_add(self.padding[axis])
                {
                    self.extra[axis] = self.stride[axis] - rest % self.stride[axis];
                    self.padding[axis + 2] += self.extra[axis];
                }
            }
        }
        let size = [self.view.1, self.view.2];
        match windows(size, self.kernel, self.stride, self.padding, self.dilation) {
            Some(result) => {
                self.result = result;
                Ok(())
            }
            None => refuse(
                format!(
                    "no window of {:?} fits {size:?} with padding {:?}",
                    self.kernel, self.padding
                ),
                "want a kernel within the padded input",
            ),
        }
    }

    /// Shape of a result with this many channels, as ONNX sees it.
    pub(super) fn shape(&self, channels: usize) -> Vec<usize> {
        let [height, width] = self.result;
        match self.axes {
            1 => vec![1, channels, width],
            _ => vec![1, channels, height, width],
        }
    }

    /// Shape of a result with this many channels.
    pub(super) fn dims(&self, channels: usize) -> Dims {
        Dims(channels, self.result[0], self.result[1])
    }
}
