//! Integer models for the tests of ONNX files.
#![allow(clippy::unwrap_used, dead_code, missing_docs, reason = "tests")]

use std::path::Path;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use veriregime_circuits::model::{Activation, FORMAT, InputRange, IntegerModel, Layer};

/// The shipped model.
pub fn shipped() -> IntegerModel {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    IntegerModel::read(&root.join("models/btcusdt-1m-60/weights.json")).unwrap()
}

/// Sizes of a random model's numbers.
pub struct Sizes {
    /// Largest weight.
    pub weight: i32,
    /// Bits of a hidden bias beyond those that the layer's shift drops.
    pub hidden_bias: u32,
    /// Bits of the last biases.
    pub last_bias: u32,
}

/// A random model, one shift by hidden layer.
pub fn random_model(
    seed: u64,
    widths: &[usize],
    shifts: &[u32],
    activation: &Activation,
    sizes: &Sizes,
) -> IntegerModel {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let layers = widths.windows(2).enumerate().map(|(index, pair)| {
        let shift = shifts.get(index).copied();
        let largest = 1i64 << shift.map_or(sizes.last_bias, |shift| shift + sizes.hidden_bias);
        Layer {
            weights: (0..pair[1])
                .map(|_| {
                    (0..pair[0])
                        .map(|_| generator.gen_range(-sizes.weight..=sizes.weight))
                        .collect()
                })
                .collect(),
            bias: (0..pair[1])
                .map(|_| generator.gen_range(-largest..largest))
                .collect(),
            shift: shift.unwrap_or(0),
            activation: shift.map_or_else(Activation::default, |_| activation.clone()),
        }
    });
    let model = IntegerModel {
        format: FORMAT.into(),
        layers: layers.collect(),
        input: InputRange {
            len: widths[0],
            min: -128,
            max: 127,
        },
    };
    model.validate().unwrap();
    model
}
