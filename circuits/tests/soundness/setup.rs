//! Configurations to attack: small models in every kind of shape, with their keys.

use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use rayon::prelude::*;
use veriregime_circuits::{
    keys::ProvingKey,
    model::{Activation, Function, IntegerModel, Table, bounds::Interval},
    proof::{Proof, prove_witness, verify},
    srs::Srs,
    tape::{Checker, Layout, RangeCheck, Shape, Witness},
};

use crate::{
    scale::Scale,
    support::{keys, random_inputs, random_model, random_model_with},
    tally::Tally,
};

pub const RANGES: [RangeCheck; 3] = [RangeCheck::Bits, RangeCheck::Quads, RangeCheck::Bytes];

/// A model in a shape, with its keys.
#[derive(Debug)]
pub struct Setup {
    pub name: String,
    pub key: ProvingKey,
    pub srs: Srs,
}

impl Setup {
    pub fn new(name: &str, model: &IntegerModel, shape: Shape) -> Self {
        let (key, srs) = keys(Layout::compile(model, shape, None).unwrap());
        let name = format!("{name} in {shape}");
        Self { name, key, srs }
    }

    pub fn layout(&self) -> &Layout {
        self.key.layout()
    }

    pub fn checker(&self) -> Checker<'_> {
        Checker::new(&self.key).unwrap()
    }

    pub fn inputs(&self, seed: u64) -> Vec<i16> {
        random_inputs(seed, self.layout().schema.inputs)
    }

    pub fn witness(&self, seed: u64) -> Witness {
        Witness::generate(self.layout(), &self.inputs(seed), [0; 32]).unwrap()
    }

    /// Proves a tape that may be false and asks the real verifier.
    pub fn accepts(&self, witness: Witness) -> bool {
        let rng = ChaCha20Rng::seed_from_u64(1);
        prove_witness(&self.key, &self.srs, witness, rng).is_ok_and(|proof| self.verifies(&proof))
    }

    pub fn verifies(&self, proof: &Proof) -> bool {
        let key = self.key.verifying_key();
        verify(key, &self.srs, &proof.public_inputs, &proof.bytes).is_ok()
    }
}

/// Adds up what a group does to every setup, in parallel.
pub fn over(setups: &[Setup], attack: impl Fn(&Setup) -> Tally + Sync + Send) -> Tally {
    let tallies = setups.par_iter().map(attack);
    tallies.reduce(Tally::default, |a, b| a + b)
}

/// Small models that between them use every kind of row.
pub fn models() -> Vec<(&'static str, IntegerModel)> {
    let domain = |reach: i128| Interval {
        low: -reach,
        high: reach,
    };
    let tanh = |reach| Activation::table(Table::sample(Function::Tanh, domain(reach), 3, 6));
    // Two input words, two logit words, an unread input, two kinds of activation.
    let mut mixed = random_model_with(23, &[33, 3, 3, 4], 4, tanh(300));
    mixed.layers[0].activation = Activation::relu();
    mixed.layers[1].shift = 6;
    // Small enough that tanh does not saturate.
    mixed.layers[1].bias = vec![10, -200, 300];
    for row in &mut mixed.layers[0].weights {
        row[5] = 0;
    }
    vec![
        ("quadratic", random_model(11, &[3, 2, 2], 4, &[1, -1, 1])),
        ("cubic", random_model(11, &[3, 2, 3], 4, &[7, -3, 2, 1])),
        (
            "relu",
            random_model_with(11, &[3, 2, 3], 4, Activation::relu()),
        ),
        ("table", random_model_with(11, &[3, 2, 2], 4, tanh(64))),
        ("mixed", mixed),
    ]
}

/// The shapes to attack a model in.
pub fn shapes(tables: bool, scale: Scale) -> Vec<Shape> {
    let lanes: &[usize] = scale.pick(&[1, 2, 4], &[1, 2, 3, 4, 8]);
    let mut shapes = vec![];
    for range in RANGES {
        shapes.extend(lanes.iter().map(|&lanes| Shape::new(lanes, range, tables)));
    }
    if scale == Scale::Full {
        let least = Shape::new(4, RangeCheck::Quads, tables);
        shapes.push(Shape { degree: 6, ..least });
    }
    shapes
}

/// Every model in every shape.
pub fn configurations(scale: Scale) -> Vec<Setup> {
    let mut cases = vec![];
    for (name, model) in models() {
        let tables = model
            .layers
            .iter()
            .any(|l| l.activation.as_table().is_some());
        for shape in shapes(tables, scale) {
            cases.push((name, model.clone(), shape));
        }
    }
    cases
        .into_par_iter()
        .map(|(name, model, shape)| Setup::new(name, &model, shape))
        .collect()
}

/// One model in every range check with one and with two lanes.
pub fn each_range(name: &str, model: &IntegerModel) -> Vec<Setup> {
    let tables = model
        .layers
        .iter()
        .any(|l| l.activation.as_table().is_some());
    let shapes = RANGES
        .into_iter()
        .flat_map(|range| [1, 2].map(|lanes| (lanes, range)));
    shapes
        .map(|(lanes, range)| Setup::new(name, model, Shape::new(lanes, range, tables)))
        .collect()
}
