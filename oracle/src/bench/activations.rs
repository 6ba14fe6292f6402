//! One dense network of the product's shape for every activation: what the choice costs.

use rand::{Rng, SeedableRng, rngs::StdRng};
use serde::Serialize;
use veriregime_circuits::{
    Error,
    model::{
        Activation, FORMAT, Function, InputRange, IntegerModel, Layer, Table,
        bounds::{Bounds, Interval},
    },
};

use super::Figures;

/// Widths of the product's network.
const WIDTHS: [usize; 5] = [496, 128, 64, 32, 3];
/// Largest 8-bit weight.
const LARGEST: i32 = 127;
/// Hidden quotients stay within this many bits, in the worst case.
const QUOTIENT_BITS: u32 = 12;
/// Fraction bits of a quotient where the activation is not homogeneous.
const FRACTION_BITS: u32 = 8;

/// A measured activation.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Name of the activation.
    pub activation: String,
    /// The figures of the network with it.
    #[serde(flatten)]
    pub figures: Figures,
}

/// The activations by name.
pub fn all() -> Vec<(String, Activation)> {
    let limit = 1i128 << QUOTIENT_BITS;
    let domain = Interval {
        low: -limit,
        high: limit - 1,
    };
    let polynomials = [
        ("quadratic", Activation::quadratic()),
        ("cubic", Activation::cubic(FRACTION_BITS)),
        (
            "relu approximation",
            Activation::relu_approximation(FRACTION_BITS),
        ),
        (
            "swish approximation",
            Activation::swish_approximation(FRACTION_BITS),
        ),
        ("relu", Activation::relu()),
    ];
    let functions = [
        Function::Relu,
        Function::Silu,
        Function::Tanh,
        Function::Sigmoid,
    ];
    let tables = functions.into_iter().map(|function| {
        let table = Table::sample(function, domain, FRACTION_BITS, FRACTION_BITS);
        (
            format!("{} table", function.name()),
            Activation::table(table),
        )
    });
    let polynomials = polynomials
        .into_iter()
        .map(|(name, a)| (name.to_owned(), a));
    polynomials.chain(tables).collect()
}

/// A seeded dense network with 8-bit weights: every weight counts, unlike in a trained sparse one.
///
/// # Errors
/// [`Error::Overflow`] if no shift keeps the activation within bounds.
pub fn dense(seed: u64, activation: &Activation) -> Result<IntegerModel, Error> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut layers: Vec<Layer> = vec![];
    for pair in WIDTHS.windows(2) {
        let (inputs, outputs) = (pair.first().copied(), pair.last().copied());
        let mut row = || -> Vec<i32> {
            let weights = 0..inputs.unwrap_or(0);
            weights.map(|_| rng.gen_range(-LARGEST..=LARGEST)).collect()
        };
        let weights: Vec<Vec<i32>> = (0..outputs.unwrap_or(0)).map(|_| row()).collect();
        // The last layer's worst case decides how far the layer before must be rescaled.
        if let Some(before) = layers.last_mut() {
            before.activation = activation.clone();
        }
        layers.push(Layer {
            bias: vec![0; weights.len()],
            weights,
            shift: 0,
            activation: Activation::default(),
        });
        rescale(&mut layers)?;
    }
    Ok(model(layers))
}

/// Chooses the shift of the last but one layer: the least even one that keeps quotients in range.
fn rescale(layers: &mut [Layer]) -> Result<(), Error> {
    if layers.len() < 2 {
        return Ok(());
    }
    // Accumulators do not depend on the layer's own activation.
    let mut part = layers.to_vec();
    part.pop();
    if let Some(last) = part.last_mut() {
        last.activation = Activation::default();
    }
    let bounds = Bounds::of(&model(part))?;
    let worst = bounds.accumulators.last().into_iter().flatten();
    let worst = worst
        .map(|acc| acc.low.unsigned_abs().max(acc.high.unsigned_abs()))
        .max();
    let bits = 128 - worst.unwrap_or(0).leading_zeros();
    if let [.., before, _] = layers {
        before.shift = bits.saturating_sub(QUOTIENT_BITS).next_multiple_of(2);
    }
    Ok(())
}

fn model(layers: Vec<Layer>) -> IntegerModel {
    IntegerModel {
        format: FORMAT.into(),
        input: InputRange {
            len: WIDTHS.first().copied().unwrap_or(0),
            min: -128,
            max: 127,
        },
        layers,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "test")]
mod tests {
    use super::*;

    #[test]
    fn dense_networks_are_valid_and_reproducible() {
        for (name, activation) in all() {
            let model = dense(1, &activation).unwrap();
            model
                .validate()
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(model.digest(), dense(1, &activation).unwrap().digest());
        }
    }
}
