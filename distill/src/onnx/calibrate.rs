//! Scales from seeded calibration inputs, uniform over the whole input range: wider than any window of a market.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use veriregime_circuits::model::IntegerModel;

use super::activation;
use super::network::FloatNetwork;
use super::quantise::Bits;
use super::scales::{LayerScale, Scales};
use crate::Error;

/// log2 of integer steps per unit of an exported network's input.
pub(super) const EXPORT_INPUT: i32 = 7;
/// Calibration inputs.
const SAMPLES: usize = 256;
/// Largest shift of the integer format.
const LARGEST_SHIFT: i32 = 60;

/// Scales at which a model's values before each activation lie within [-1, 1] on the calibration inputs.
pub(super) fn of_integer(model: &IntegerModel) -> Result<Scales, Error> {
    let mut largest = vec![1f64; model.layers.len()];
    for inputs in samples(model.input.len) {
        let trace = model.trace(&inputs)?;
        let logits = trace.accumulators.last().cloned().unwrap_or_default();
        let layers = trace.quotients.iter().chain([&logits]);
        for (largest, values) in largest.iter_mut().zip(layers) {
            *largest = values.iter().fold(*largest, |m, &v| m.max(v.abs() as f64));
        }
    }
    let layers = model.layers.iter().zip(largest).map(|(layer, largest)| {
        let value = largest.log2().ceil() as i32;
        let output = activation::output_of_integer(&layer.activation, value);
        LayerScale {
            shift: layer.shift,
            value,
            output,
        }
    });
    Ok(Scales {
        input: EXPORT_INPUT,
        layers: layers.collect(),
    })
}

/// Scales that give weights and hidden values the bits asked for; `largest` are the largest values by layer.
pub(super) fn of_float(
    network: &FloatNetwork,
    input: i32,
    bits: &[Bits],
    largest: &[f64],
) -> Scales {
    let mut layers = Vec::new();
    let mut from = input;
    let demands = bits.iter().zip(largest);
    for (index, (layer, (bits, &largest))) in network.layers.iter().zip(demands).enumerate() {
        let weight = layer.weights.iter().flatten();
        let weight = weight.fold(0f32, |largest, w| largest.max(w.abs()));
        let accumulator = from + fitting(f64::from(weight), bits.weight);
        let last = index + 1 == network.layers.len();
        let shift = if last {
            0
        } else {
            let shift = accumulator - fitting(largest, bits.hidden);
            // Even, and rather one bit more than one bit less.
            shift.clamp(0, LARGEST_SHIFT) & !1
        };
        let value = accumulator - shift;
        let output = activation::output_of_float(&layer.activation, value, last);
        from = output;
        layers.push(LayerScale {
            shift: shift as u32,
            value,
            output,
        });
    }
    Scales { input, layers }
}

/// Largest magnitudes before each activation.
pub(super) fn largest_values(network: &FloatNetwork, input: i32) -> Vec<f64> {
    let mut largest = vec![0f64; network.layers.len()];
    let step = 2f64.powi(-input);
    for inputs in samples(network.inputs) {
        let inputs: Vec<f64> = inputs.iter().map(|&x| f64::from(x) * step).collect();
        for (largest, values) in largest.iter_mut().zip(network.trace(&inputs).before) {
            *largest = values.iter().fold(*largest, |m, v| m.max(v.abs()));
        }
    }
    largest
}

/// The largest scale at which `magnitude` fits a signed integer of `bits`.
fn fitting(magnitude: f64, bits: u32) -> i32 {
    let limit = f64::from((1u32 << (bits.clamp(2, 16) - 1)) - 1);
    // The clamp gives all-zero layers a scale.
    let exponent = (limit / magnitude).log2().floor();
    exponent.clamp(-f64::from(LARGEST_SHIFT), f64::from(LARGEST_SHIFT)) as i32
}

fn samples(inputs: usize) -> impl Iterator<Item = Vec<i16>> {
    let mut generator = ChaCha8Rng::seed_from_u64(0);
    (0..SAMPLES).map(move |_| {
        (0..inputs)
            .map(|_| generator.gen_range(-128..=127))
            .collect()
    })
}
