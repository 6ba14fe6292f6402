//! The student in integers, trained through the exact integer semantics with a straight-through estimator.
//!
//! Forward, in integer units: `acc = W x + b`, `q = floor(acc / 2^shift + 1/2)`, `h = g(q)`, logits = the last `acc`.
//! W are latent weights times a scale, rounded to the layer's bits; rounding and floor pass gradients unchanged. The
//! exported model has the half folded into its bias, so that its plain floor gives the same q.
//!
//! With s the float value of one step of q and c the leading coefficient, of degree d, of the activation, one unit of h is
//! worth |c| s^d, and the integer polynomial has the coefficients round(c_j s^j / (|c| s^d)), the leading one being +-1.

use candle_core::{DType, Tensor, Var};
use veriregime_circuits::model::{self, FORMAT, InputRange, IntegerModel, Layer};
use veriregime_circuits::tape::Layout;
use veriregime_features::INPUTS;

use super::activation::polynomial;
use super::dense::Dense;
use super::rounding::{FEWEST_BITS, MOST_BITS, best_scale, limit};
use super::student::Student;
use super::{Activation, Network};
use crate::Error;
use crate::config::budget_shape;
use crate::data::scale_fit::STEPS_PER_DEVIATION;

/// Steps of hidden values before their activation, in units of the float student (where 1 to 2 is typical), finest first.
const STEPS: [f64; 5] = [0.0625, 0.125, 0.25, 0.5, 1.0];
/// Share of the row budget that calibration may use: training afterwards moves the bounds a little.
const ROW_SHARE: f64 = 0.98;
/// Above this many bits the first layer's accumulators can exceed what single precision holds exactly.
const SINGLE_BITS: u32 = 8;
/// Integers below this are exact in single precision.
const SINGLE: f64 = 16_777_216.0;
/// Integers below this are exact in double precision, with room for the half of the rounding.
const DOUBLE: f64 = 4_503_599_627_370_496.0 / 2.0;

/// One layer: latent weights and how they become integers.
#[derive(Clone, Debug)]
pub struct QuantisedLayer {
    dense: Dense,
    /// Bits per weight, sign included.
    bits: u32,
    /// Integers per latent weight unit.
    weight_scale: f64,
    /// Float value of one unit of the accumulator.
    unit: f64,
    /// Bits dropped; even; 0 in the last layer.
    shift: u32,
    /// The activation's integer coefficients of q, q^2, q^3; `None` for ReLU; of no meaning in the last layer.
    activation: Option<[f64; 3]>,
}

/// The student in integers.
#[derive(Clone, Debug)]
pub struct Quantised {
    layers: Vec<QuantisedLayer>,
}

impl Quantised {
    /// The finest quantisation of a student whose circuit stays within the row budget: the wanted bits if that fits with
    /// any hidden step, else fewer in every layer.
    ///
    /// # Errors
    /// [`Error::Bits`] when there is not one number of bits per layer; [`Error::RowBudget`] or [`Error::Model`] when even
    /// the coarsest does not fit.
    pub fn within(
        student: &Student,
        weight_bits: &[u32],
        row_budget: usize,
    ) -> Result<Self, Error> {
        if weight_bits.len() != student.layers.len() {
            return Err(Error::Bits {
                given: weight_bits.len(),
                layers: student.layers.len(),
            });
        }
        let mut refusal = Error::RowBudget {
            rows: 0,
            k: 0,
            budget: row_budget,
        };
        let rows = |bits: &[u32], largest_step: f64| -> Result<(Self, usize, u32), Error> {
            let quantised = Self::calibrate(student, bits, largest_step)?;
            let layout = Layout::compile(&quantised.export(&[])?, budget_shape(), None)?;
            Ok((quantised, layout.rows.len(), layout.k))
        };
        for fewer in 0..MOST_BITS {
            let bits: Vec<u32> = weight_bits
                .iter()
                .map(|bits| bits.saturating_sub(fewer).max(FEWEST_BITS))
                .collect();
            // The coarsest steps first: what does not fit with them fits with none.
            let mut found = None;
            for largest_step in STEPS.into_iter().rev() {
                match rows(&bits, largest_step) {
                    Ok((quantised, rows, _)) if rows as f64 <= ROW_SHARE * row_budget as f64 => {
                        found = Some(quantised);
                    }
                    Ok((_, rows, k)) => {
                        refusal = Error::RowBudget {
                            rows,
                            k,
                            budget: row_budget,
                        };
                        break;
                    }
                    Err(error) => {
                        refusal = error;
                        break;
                    }
                }
            }
            if let Some(quantised) = found {
                return Ok(quantised);
            }
            if bits.iter().all(|&bits| bits == FEWEST_BITS) {
                break;
            }
        }
        Err(refusal)
    }

    /// Chooses scales and shifts for a student: hidden steps are at most `largest_step`.
    ///
    /// # Errors
    /// [`Error::Tensor`] when weights cannot be read.
    pub fn calibrate(
        student: &Student,
        weight_bits: &[u32],
        largest_step: f64,
    ) -> Result<Self, Error> {
        let mut input_unit = 1.0 / STEPS_PER_DEVIATION;
        let mut layers = Vec::new();
        for (index, (layer, &bits)) in student.layers.iter().zip(weight_bits).enumerate() {
            let (weights, bias) = layer.values()?;
            let flat = weights.concat();
            let weight_scale = best_scale(&flat, bits);
            let unit = input_unit / weight_scale;
            let hidden = index + 1 < student.layers.len();
            let shift = if hidden {
                even_shift(largest_step / unit)
            } else {
                0
            };
            let step = unit * 2f64.powi(shift as i32);
            let (activation, hidden_unit) = integer_activation(student.activation, step);
            input_unit = hidden_unit;
            let inputs = weights.first().map_or(0, Vec::len);
            let dense = Dense::from_values(inputs, flat, bias)?;
            layers.push(QuantisedLayer {
                dense,
                bits,
                weight_scale,
                unit,
                shift,
                activation,
            });
        }
        Ok(Self { layers })
    }

    /// Bits per weight, by layer.
    #[must_use]
    pub fn weight_bits(&self) -> Vec<u32> {
        self.layers.iter().map(|layer| layer.bits).collect()
    }

    /// Weights as integers, by layer and output.
    ///
    /// # Errors
    /// [`Error::Tensor`] when they cannot be read.
    pub fn integer_weights(&self) -> Result<Vec<Vec<Vec<i32>>>, Error> {
        let layers = self.layers.iter();
        layers
            .map(|layer| Ok(layer.export(None)?.weights))
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
            .map(|(index, layer)| layer.export((index == last).then_some(offsets)))
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

impl Quantised {
    /// The last accumulators, the integer model's logits, for inputs `[n, 496]`, in double precision: exact, or `None` where the
    /// values are too large for that to be certain.
    ///
    /// # Errors
    /// [`Error::Tensor`] on shapes that do not fit.
    pub fn integer_logits(&self, inputs: &Tensor) -> Result<Option<Tensor>, Error> {
        let largest = |values: &Tensor| -> Result<f64, Error> {
            Ok(values
                .abs()?
                .max_all()?
                .to_dtype(DType::F64)?
                .to_scalar::<f64>()?)
        };
        let mut value = inputs.to_dtype(DType::F64)?;
        for (index, layer) in self.layers.iter().enumerate() {
            let rows = layer.integer_weight()?.abs()?.sum(1)?;
            let most = largest(&value)? * largest(&rows)? + largest(&layer.integer_bias()?)?;
            let precise = layer.precision(index);
            if most
                >= if precise == DType::F32 {
                    SINGLE
                } else {
                    DOUBLE
                }
            {
                return Ok(None);
            }
            let accumulator = layer.accumulate(&value, precise)?;
            if index + 1 == self.layers.len() {
                return Ok(Some(accumulator));
            }
            value = layer.activate(&accumulator)?;
        }
        Ok(Some(value))
    }
}

impl Network for Quantised {
    fn logits(&self, inputs: &Tensor) -> Result<Tensor, Error> {
        let last = self.layers.len().saturating_sub(1);
        let mut value = inputs.clone();
        for (index, layer) in self.layers.iter().enumerate() {
            let accumulator = layer.accumulate(&value, layer.precision(index))?;
            if index == last {
                return Ok((accumulator * layer.unit)?.to_dtype(DType::F32)?);
            }
            value = layer.activate(&accumulator)?;
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
    /// The first accumulators of up to 8-bit weights stay below 2^24, exact in single precision; others need double.
    fn precision(&self, index: usize) -> DType {
        if index == 0 && self.bits <= SINGLE_BITS {
            DType::F32
        } else {
            DType::F64
        }
    }

    /// W x + b as integers.
    fn accumulate(&self, value: &Tensor, precise: DType) -> Result<Tensor, Error> {
        let weight = self.integer_weight()?.to_dtype(precise)?;
        let products = value
            .to_dtype(precise)?
            .matmul(&weight.t()?)?
            .to_dtype(DType::F64)?;
        Ok(products.broadcast_add(&self.integer_bias()?)?)
    }

    /// The activation of the rescaled accumulator.
    fn activate(&self, accumulator: &Tensor) -> Result<Tensor, Error> {
        let exact = accumulator.affine(2f64.powi(-(self.shift as i32)), 0.5)?;
        let step = through(&(&exact - 0.5)?, &exact.floor()?)?;
        polynomial(&step, self.activation)
    }

    /// The layer's integers; `offsets` (in float logits) for the last one, which has no activation.
    fn export(&self, offsets: Option<&[f64]>) -> Result<Layer, Error> {
        let (weights, bias) = self.dense.values()?;
        let limit = limit(self.bits);
        let integer = |weight: f32| {
            (f64::from(weight) * self.weight_scale)
                .round()
                .clamp(-limit, limit) as i32
        };
        let half = if self.shift == 0 {
            0
        } else {
            1i64 << (self.shift - 1)
        };
        let bias = bias.iter().enumerate().map(|(class, &bias)| {
            let moved = offsets
                .and_then(|offsets| offsets.get(class))
                .copied()
                .unwrap_or(0.0);
            ((f64::from(bias) + moved) / self.unit).round() as i64 + half
        });
        Ok(Layer {
            weights: weights
                .into_iter()
                .map(|row| row.into_iter().map(integer).collect())
                .collect(),
            bias: bias.collect(),
            shift: self.shift,
            activation: match (offsets, self.activation) {
                (Some(_), _) => model::Activation::default(),
                (None, None) => model::Activation::relu(),
                (None, Some(coefficients)) => {
                    let mut integers = vec![0];
                    integers.extend(coefficients.map(|coefficient| coefficient as i64));
                    while integers.last() == Some(&0) {
                        integers.pop();
                    }
                    model::Activation::from(integers)
                }
            },
        })
    }

    /// Weights as the integers they become, in double precision.
    fn integer_weight(&self) -> Result<Tensor, Error> {
        let limit = limit(self.bits);
        let scaled = (self.dense.weight.to_dtype(DType::F64)? * self.weight_scale)?;
        through(&scaled, &scaled.round()?.clamp(-limit, limit)?)
    }

    /// The bias as the integer it becomes, without the half of the rounding.
    fn integer_bias(&self) -> Result<Tensor, Error> {
        let scaled = (self.dense.bias.to_dtype(DType::F64)? / self.unit)?;
        through(&scaled, &scaled.round()?)
    }
}

/// An activation's integer coefficients where one step of q is worth `step`, and the float value of one unit of its result.
fn integer_activation(activation: Activation, step: f64) -> (Option<[f64; 3]>, f64) {
    let Some(coefficients) = activation.coefficients() else {
        return (None, step);
    };
    let degree = coefficients
        .iter()
        .rposition(|&coefficient| coefficient != 0.0)
        .unwrap_or(0);
    let power = |place: usize| step.powi(place as i32 + 1);
    let unit = coefficients[degree].abs() * power(degree);
    let integers = std::array::from_fn(|place| (coefficients[place] * power(place) / unit).round());
    (Some(integers), unit)
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
