//! The student in integers, trained through the exact integer semantics with a straight-through estimator.
//!
//! Forward, in integer units: `acc = W x + b`, `q = floor(acc / 2^shift + 1/2)`, `h = q^2`, logits = the last `acc`.
//! W are latent weights times a scale, rounded to the given bits; rounding and floor pass gradients unchanged. The
//! exported model has the half folded into its bias, so that its plain floor gives the same q.

use candle_core::{DType, Tensor, Var};
use veriregime_circuits::model::{Activation, FORMAT, InputRange, IntegerModel, Layer};
use veriregime_circuits::tape::Layout;
use veriregime_features::INPUTS;

use super::Network;
use super::dense::Dense;
use super::student::Student;
use crate::Error;
use crate::config::budget_shape;
use crate::data::scale_fit::STEPS_PER_DEVIATION;

/// Activation name of the exported model.
pub const ACTIVATION: &str = "quadratic";
/// Steps of hidden values before their square, in units of the float student (where 2 is typical), finest first.
const STEPS: [f64; 4] = [0.125, 0.25, 0.5, 1.0];
/// Fewest bits per weight that [`Quantised::within`] tries.
const FEWEST_BITS: u32 = 3;
/// Share of the row budget that calibration may use: training afterwards moves the bounds a little.
const ROW_SHARE: f64 = 0.98;
/// Latent weights beyond this many root mean squares are clipped.
const CLIP: f64 = 8.0;

/// One layer: latent weights and how they become integers.
#[derive(Clone, Debug)]
pub struct QuantisedLayer {
    dense: Dense,
    /// Integers per latent weight unit.
    weight_scale: f64,
    /// Largest weight magnitude.
    limit: f64,
    /// Float value of one unit of the accumulator.
    unit: f64,
    /// Bits dropped; even; 0 in the last layer.
    shift: u32,
}

/// The student in integers.
#[derive(Clone, Debug)]
pub struct Quantised {
    layers: Vec<QuantisedLayer>,
}

impl Quantised {
    /// The finest quantisation of a squared student whose circuit stays within the row budget: `weight_bits` if that
    /// fits with any hidden step, else fewer.
    ///
    /// # Errors
    /// [`Error::RowBudget`] or [`Error::Model`] when even the coarsest does not fit.
    pub fn within(student: &Student, weight_bits: u32, row_budget: usize) -> Result<Self, Error> {
        let mut refusal = Error::RowBudget {
            rows: 0,
            k: 0,
            budget: row_budget,
        };
        for bits in (FEWEST_BITS..=weight_bits).rev() {
            for largest_step in STEPS {
                let quantised = Self::calibrate(student, bits, largest_step)?;
                let layout = quantised
                    .export(&[])
                    .and_then(|model| Ok(Layout::compile(&model, budget_shape(), None)?));
                match layout {
                    Ok(layout) if layout.rows.len() as f64 <= ROW_SHARE * row_budget as f64 => {
                        return Ok(quantised);
                    }
                    Ok(Layout { rows, k, .. }) => {
                        refusal = Error::RowBudget {
                            rows: rows.len(),
                            k,
                            budget: row_budget,
                        };
                    }
                    Err(error) => refusal = error,
                }
            }
        }
        Err(refusal)
    }

    /// Chooses scales and shifts for a squared student: hidden steps are at most `largest_step`.
    ///
    /// # Errors
    /// [`Error::Tensor`] when weights cannot be read.
    pub fn calibrate(
        student: &Student,
        weight_bits: u32,
        largest_step: f64,
    ) -> Result<Self, Error> {
        let limit = f64::from((1 << (weight_bits - 1)) - 1);
        let mut input_unit = 1.0 / STEPS_PER_DEVIATION;
        let mut layers = Vec::new();
        for (index, layer) in student.layers.iter().enumerate() {
            let (weights, bias) = layer.values()?;
            let flat = weights.concat();
            let largest = flat
                .iter()
                .fold(0f32, |largest, weight| largest.max(weight.abs()));
            let rms = (flat.iter().map(|w| f64::from(*w).powi(2)).sum::<f64>()
                / flat.len().max(1) as f64)
                .sqrt();
            let weight_scale = limit / f64::from(largest).min(CLIP * rms).max(1e-9);
            let unit = input_unit / weight_scale;
            let hidden = index + 1 < student.layers.len();
            let shift = if hidden {
                even_shift(largest_step / unit)
            } else {
                0
            };
            let step = unit * 2f64.powi(shift as i32);
            input_unit = step * step;
            let inputs = weights.first().map_or(0, Vec::len);
            let dense = Dense::from_values(inputs, flat, bias)?;
            layers.push(QuantisedLayer {
                dense,
                weight_scale,
                limit,
                unit,
                shift,
            });
        }
        Ok(Self { layers })
    }

    /// Bits per weight, by layer.
    #[must_use]
    pub fn weight_bits(&self) -> Vec<u32> {
        self.layers
            .iter()
            .map(|layer| (layer.limit + 1.0).log2() as u32 + 1)
            .collect()
    }

    /// Float value of one unit of the logits.
    #[must_use]
    pub fn logit_unit(&self) -> f64 {
        self.layers.last().map_or(1.0, |layer| layer.unit)
    }

    /// The integer model, its last bias moved by `offsets` (in float logits).
    ///
    /// # Errors
    /// [`Error::Model`] when the integers do not make a valid model.
    pub fn export(&self, offsets: &[f64]) -> Result<IntegerModel, Error> {
        let last = self.layers.len().saturating_sub(1);
        let layers = self
            .layers
            .iter()
            .enumerate()
            .map(|(index, layer)| {
                let (weights, bias) = layer.dense.values()?;
                let integer = |weight: f32| {
                    (f64::from(weight) * layer.weight_scale)
                        .round()
                        .clamp(-layer.limit, layer.limit) as i32
                };
                let half = if index == last {
                    0
                } else {
                    1i64 << (layer.shift - 1)
                };
                let bias = bias.iter().enumerate().map(|(class, &bias)| {
                    let moved = if index == last {
                        offsets.get(class).copied().unwrap_or(0.0)
                    } else {
                        0.0
                    };
                    ((f64::from(bias) + moved) / layer.unit).round() as i64 + half
                });
                Ok(Layer {
                    weights: weights
                        .into_iter()
                        .map(|row| row.into_iter().map(integer).collect())
                        .collect(),
                    bias: bias.collect(),
                    shift: layer.shift,
                    activation: if index == last {
                        Activation::default()
                    } else {
                        Activation::quadratic()
                    },
                })
            })
            .collect::<Result<_, Error>>()?;
        let input = InputRange {
            len: INPUTS,
            min: -128,
            max: 127,
        };
        let model = IntegerModel {
            format: FORMAT.to_owned(),
            input,
            layers,
        };
        model.validate()?;
        Ok(model)
    }
}

impl Network for Quantised {
    fn logits(&self, inputs: &Tensor) -> Result<Tensor, Error> {
        let last = self.layers.len().saturating_sub(1);
        let mut value = inputs.clone();
        for (index, layer) in self.layers.iter().enumerate() {
            // The first accumulators stay below 2^24, exact in single precision; later ones need double.
            let precise = if index == 0 { DType::F32 } else { DType::F64 };
            let weight = layer.integer_weight()?.to_dtype(precise)?;
            let products = value.matmul(&weight.t()?)?.to_dtype(DType::F64)?;
            let accumulator = products.broadcast_add(&layer.integer_bias()?)?;
            if index == last {
                return Ok((accumulator * layer.unit)?.to_dtype(DType::F32)?);
            }
            let exact = accumulator.affine(2f64.powi(-(layer.shift as i32)), 0.5)?;
            value = through(&(&exact - 0.5)?, &exact.floor()?)?.sqr()?;
        }
        Ok(value)
    }

    fn variables(&self) -> Vec<(String, Var)> {
        let layers = self.layers.iter().enumerate();
        layers
            .flat_map(|(index, layer)| layer.dense.variables(&format!("layer{index}")))
            .collect()
    }
}

impl QuantisedLayer {
    /// Weights as the integers they become, in double precision.
    fn integer_weight(&self) -> Result<Tensor, Error> {
        let scaled = (self.dense.weight.to_dtype(DType::F64)? * self.weight_scale)?;
        through(&scaled, &scaled.round()?.clamp(-self.limit, self.limit)?)
    }

    /// The bias as the integer it becomes, without the half of the rounding.
    fn integer_bias(&self) -> Result<Tensor, Error> {
        let scaled = (self.dense.bias.to_dtype(DType::F64)? / self.unit)?;
        through(&scaled, &scaled.round()?)
    }
}

/// The value of `forward` with the gradient of `backward`.
fn through(backward: &Tensor, forward: &Tensor) -> Result<Tensor, Error> {
    Ok((backward + (forward - backward)?.detach())?)
}

/// The largest even shift of at least 2 that does not exceed `ratio` = 2^shift.
fn even_shift(ratio: f64) -> u32 {
    let bits = ratio.max(4.0).log2().floor() as u32;
    bits - bits % 2
}
