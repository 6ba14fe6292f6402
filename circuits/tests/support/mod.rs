//! Models and inputs for the integration tests.
#![allow(
    dead_code,
    missing_docs,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test support: every test binary uses its own part"
)]

pub mod corpus;
pub mod crafted;
pub mod evm;
pub mod keyed;
pub mod machine;
pub mod mutation;
pub mod phases;
pub mod subject;
pub mod toy;
pub mod toys;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use veriregime_circuits::{
    keys::ProvingKey,
    model::{
        Activation, FORMAT, Function, InputRange, IntegerModel, Layer, Table, bounds::Interval,
    },
    srs::Srs,
    tape::{Layout, RangeCheck, Shape},
};

/// A random network of the given widths with weights of `bits` bits and the given activation.
pub fn random_model(seed: u64, widths: &[usize], bits: u32, activation: &[i64]) -> IntegerModel {
    random_model_with(seed, widths, bits, activation.to_vec().into())
}

/// The same with any activation.
pub fn random_model_with(
    seed: u64,
    widths: &[usize],
    bits: u32,
    activation: Activation,
) -> IntegerModel {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let limit = (1i32 << (bits - 1)) - 1;
    let layers = widths
        .windows(2)
        .enumerate()
        .map(|(index, pair)| {
            let last = index + 2 == widths.len();
            Layer {
                weights: (0..pair[1])
                    .map(|_| {
                        (0..pair[0])
                            .map(|_| rng.gen_range(-limit..=limit))
                            .collect()
                    })
                    .collect(),
                bias: (0..pair[1]).map(|_| rng.gen_range(-5000..5000)).collect(),
                shift: if last {
                    0
                } else if index == 0 {
                    8
                } else {
                    16
                },
                activation: if last {
                    Activation::default()
                } else {
                    activation.clone()
                },
            }
        })
        .collect();
    IntegerModel {
        format: FORMAT.into(),
        input: InputRange {
            len: widths[0],
            min: -128,
            max: 127,
        },
        layers,
    }
}

/// The product's network with 8-bit weights of the magnitude that training gives.
pub fn product_sized_model(seed: u64) -> IntegerModel {
    let mut model = random_model(seed, &[480, 128, 64, 32, 3], 5, &[0, 0, 1]);
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    for layer in &mut model.layers {
        for row in &mut layer.weights {
            let len = row.len();
            for _ in 0..len / 16 {
                row[rng.gen_range(0..len)] = rng.gen_range(-127..=127);
            }
        }
    }
    model.layers[0].shift = 10;
    model.layers[1].shift = 20;
    model.layers[2].shift = 22;
    model
}

/// Random inputs, with the extremes over-represented.
pub fn random_inputs(seed: u64, len: usize) -> Vec<i16> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    (0..len)
        .map(|_| match rng.gen_range(0..10) {
            0 => -128,
            1 => 127,
            2 => 0,
            _ => rng.gen_range(-128..=127),
        })
        .collect()
}

/// One shape of every kind: each range check, one and several lanes, degrees above the least.
pub fn shapes(tables: bool) -> Vec<Shape> {
    let mut shapes = vec![];
    for range in [RangeCheck::Bits, RangeCheck::Quads, RangeCheck::Bytes] {
        for lanes in [1, 2, 4, 8] {
            shapes.push(Shape::new(lanes, range, tables));
        }
    }
    for (lanes, range, degree) in [(3, RangeCheck::Bits, 4), (4, RangeCheck::Quads, 6)] {
        let least = Shape::new(lanes, range, tables);
        shapes.push(Shape {
            degree: degree.max(least.degree),
            ..least
        });
    }
    shapes
}

/// Keys for a layout under the development SRS.
pub fn keys(layout: Layout) -> (ProvingKey, Srs) {
    let srs = Srs::development(layout.k);
    (ProvingKey::generate(layout, &srs).unwrap(), srs)
}

/// Every activation, by name, for layers of about ten inputs with 4-bit weights.
pub fn activations() -> Vec<(String, Activation)> {
    let mut activations = vec![
        ("quadratic".into(), Activation::quadratic()),
        ("cubic".into(), Activation::cubic(2)),
        (
            "relu_approximation".into(),
            Activation::relu_approximation(2),
        ),
        (
            "swish_approximation".into(),
            Activation::swish_approximation(2),
        ),
        ("relu".into(), Activation::relu()),
    ];
    let domain = Interval {
        low: -1_500,
        high: 1_500,
    };
    for function in [
        Function::Relu,
        Function::Silu,
        Function::Tanh,
        Function::Sigmoid,
    ] {
        let table = Table::sample(function, domain, 4, 6);
        activations.push((
            format!("{} by table", function.name()),
            Activation::table(table),
        ));
    }
    activations
}
