//! The powers of two between a float network and its integers.
//!
//! A float value times 2^scale is its integer. A hidden layer's integers `q = floor(acc / 2^shift)` stand on average
//! half a unit below `acc / 2^shift`, so the float bias is `(bias - 2^(shift-1)) / 2^(shift + value)`: the expected
//! difference of the two networks is zero.

use serde::{Deserialize, Serialize};
use veriregime_circuits::model::{FORMAT, InputRange, IntegerModel, Layer};

use super::activation;
use super::error::OnnxError;
use super::network::{FloatLayer, FloatNetwork};

/// log2 of integer steps per float unit, for every quantity of a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scales {
    /// Of the inputs: 7 when the integers -128..=127 are the floats -1..1.
    pub input: i32,
    /// By layer.
    pub layers: Vec<LayerScale>,
}

/// The scales of one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerScale {
    /// Bits dropped by the rescale: even; 0 in the last layer.
    pub shift: u32,
    /// Of the values before the activation, after the rescale.
    pub value: i32,
    /// Of the values after the activation; in the last layer the same as `value`.
    pub output: i32,
}

impl LayerScale {
    /// Of the accumulator and the bias.
    fn accumulator(self) -> i32 {
        self.value + self.shift as i32
    }

    /// Half of what the rescale drops, in units of the accumulator.
    fn half(self) -> i64 {
        if self.shift == 0 {
            0
        } else {
            1 << (self.shift - 1)
        }
    }
}

/// `2^exponent`.
pub(super) fn power(exponent: i32) -> f64 {
    2f64.powi(exponent)
}

impl Scales {
    /// The float network of an integer model, and by layer what each bias loses to single precision.
    ///
    /// # Errors
    /// [`OnnxError::Layer`] when there are not as many scales as layers.
    pub fn to_float(
        &self,
        model: &IntegerModel,
    ) -> Result<(FloatNetwork, Vec<Vec<i64>>), OnnxError> {
        self.cover(model.layers.len())?;
        let (mut layers, mut rests) = (Vec::new(), Vec::new());
        let mut input = self.input;
        for (layer, &scale) in model.layers.iter().zip(&self.layers) {
            let weight = power(input - scale.accumulator());
            let unit = power(-scale.accumulator());
            let bias: Vec<f32> = layer
                .bias
                .iter()
                .map(|&bias| (bias.saturating_sub(scale.half()) as f64 * unit) as f32)
                .collect();
            let rest = layer.bias.iter().zip(&bias).map(|(&exact, &float)| {
                exact.saturating_sub(integer_bias(float, scale).unwrap_or(exact))
            });
            rests.push(rest.collect());
            layers.push(FloatLayer {
                weights: layer
                    .weights
                    .iter()
                    .map(|row| {
                        row.iter()
                            .map(|&w| (f64::from(w) * weight) as f32)
                            .collect()
                    })
                    .collect(),
                bias,
                activation: activation::to_float(&layer.activation, scale).map_err(|problem| {
                    OnnxError::Layer {
                        layer: layers.len(),
                        problem,
                    }
                })?,
            });
            input = scale.output;
        }
        let inputs = model.input.len;
        Ok((FloatNetwork { inputs, layers }, rests))
    }

    /// The integer model nearest to a float network; `rests` are added to the biases.
    ///
    /// # Errors
    /// [`OnnxError::Layer`] when a value does not fit the integer format or an activation is not in it.
    pub fn to_integer(
        &self,
        network: &FloatNetwork,
        rests: &[Vec<i64>],
    ) -> Result<IntegerModel, OnnxError> {
        self.cover(network.layers.len())?;
        let mut layers = Vec::new();
        let mut input = self.input;
        for (index, (layer, &scale)) in network.layers.iter().zip(&self.layers).enumerate() {
            let refuse = |problem: String| OnnxError::Layer {
                layer: index,
                problem,
            };
            let weight = power(scale.accumulator() - input);
            let integer = |w: &f32| {
                integer(f64::from(*w) * weight)
                    .and_then(|w| i32::try_from(w).ok())
                    .ok_or_else(|| refuse(format!("weight {w} does not fit 32 bits at its scale")))
            };
            let rest = rests.get(index).map(Vec::as_slice).unwrap_or_default();
            let bias = layer.bias.iter().enumerate().map(|(neuron, &bias)| {
                integer_bias(bias, scale)
                    .and_then(|b| b.checked_add(rest.get(neuron).copied().unwrap_or(0)))
                    .ok_or_else(|| refuse(format!("bias {bias} does not fit 64 bits at its scale")))
            });
            let last = index + 1 == network.layers.len();
            layers.push(Layer {
                weights: layer
                    .weights
                    .iter()
                    .map(|row| row.iter().map(integer).collect())
                    .collect::<Result<_, _>>()?,
                bias: bias.collect::<Result<_, _>>()?,
                shift: scale.shift,
                activation: activation::to_integer(&layer.activation, scale, last)
                    .map_err(refuse)?,
            });
            input = scale.output;
        }
        Ok(IntegerModel {
            format: FORMAT.to_owned(),
            input: InputRange {
                len: network.inputs,
                min: -128,
                max: 127,
            },
            layers,
        })
    }

    fn cover(&self, layers: usize) -> Result<(), OnnxError> {
        if self.layers.len() == layers {
            return Ok(());
        }
        Err(OnnxError::Layer {
            layer: self.layers.len().min(layers),
            problem: format!(
                "{} scales for {layers} layers, want one each",
                self.layers.len()
            ),
        })
    }
}

fn integer_bias(bias: f32, scale: LayerScale) -> Option<i64> {
    integer(f64::from(bias) * power(scale.accumulator()))?.checked_add(scale.half())
}

/// The nearest integer, if it is clearly within 64 bits.
pub(super) fn integer(value: f64) -> Option<i64> {
    let rounded = value.round();
    (rounded.abs() < power(62)).then_some(rounded as i64)
}
