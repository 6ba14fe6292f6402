//! Weights that a circuit could not hold are refused before any key exists, by layer, neuron and
//! bits; just below the edge they are proven.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "test")]
#![allow(clippy::indexing_slicing, reason = "test")]

mod support;

use proptest::prelude::*;
use support::{keys, random_inputs, random_model, shapes};
use veriregime_circuits::{
    Error,
    model::{
        Activation, IntegerModel,
        bounds::{Bounds, MAX_BITS, MAX_LOGIT_BITS},
    },
    tape::{Checker, Layout, Shape, Witness},
};

fn compile(model: &IntegerModel) -> Result<Layout, Error> {
    Layout::compile(model, Shape::default(), None)
}

/// Two layers whose second logit's worst case is as wide as the bias makes it.
fn edge(bias: i64) -> IntegerModel {
    let mut model = random_model(5, &[3, 2, 2], 8, &[0, 0, 1]);
    model.layers[1].bias = vec![0, bias];
    model
}

/// The smallest bias that is refused, by bisection.
fn first_refused() -> i64 {
    let (mut accepted, mut refused) = (0i64, i64::MAX);
    assert!(compile(&edge(accepted)).is_ok() && compile(&edge(refused)).is_err());
    while refused - accepted > 1 {
        let middle = accepted + (refused - accepted) / 2;
        if compile(&edge(middle)).is_ok() {
            accepted = middle;
        } else {
            refused = middle;
        }
    }
    refused
}

#[test]
fn compile_refuses_exactly_from_the_edge_on() {
    let refused = first_refused();
    let Err(Error::Overflow {
        layer,
        neuron,
        bits,
        limit,
    }) = compile(&edge(refused))
    else {
        panic!("not refused");
    };
    assert_eq!((layer, neuron, limit), (1, 1, MAX_LOGIT_BITS));
    assert_eq!(bits, limit + 1);
    let below = edge(refused - 1);
    let widest = Bounds::of(&below).unwrap().accumulators[1][1];
    assert_eq!(widest.bits(), limit);
    // The widest model that is accepted has honest tapes in every shape.
    for shape in shapes(false) {
        let (key, _) = keys(Layout::compile(&below, shape, None).unwrap());
        let witness = Witness::generate(key.layout(), &random_inputs(1, 3), [0; 32]).unwrap();
        let checker = Checker::new(&key).unwrap();
        assert_eq!(checker.first_violation(&witness).unwrap(), None, "{shape}");
    }
}

#[test]
fn compile_refuses_shifts_that_no_digit_ends_at() {
    for shape in shapes(false) {
        for shift in [1, 7, 61, 62, 127, 128, u32::MAX] {
            let mut model = random_model(5, &[3, 2, 2], 8, &[0, 0, 1]);
            model.layers[0].shift = shift;
            let error = Layout::compile(&model, shape, None).unwrap_err();
            assert!(matches!(error, Error::Model { .. }), "{error}");
        }
    }
}

#[test]
fn compile_names_the_place_of_an_overflow_in_a_hidden_layer() {
    let mut model = random_model(5, &[3, 2, 2, 2], 8, &[0, 0, 1]);
    model.layers[0].activation = Activation::from(vec![0, 0, 0, i64::MAX]);
    model.layers[0].shift = 0;
    let Err(Error::Overflow { layer, neuron, .. }) = compile(&model) else {
        panic!("not refused");
    };
    assert_eq!((layer, neuron), (0, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    /// Anything goes into the weights: either a place is named, or the tape of an input at an end
    /// of its range holds.
    #[test]
    fn compile_names_the_overflow_or_gives_a_tape_that_holds(
        seed in 0u64..1_000, bits in 2u32..17, shift in 0u32..5, degree in 1usize..4,
        scale in 0u32..40, shape in 0usize..12,
    ) {
        let mut activation = vec![0; degree + 1];
        activation[degree] = 1 << scale;
        activation[1] += 1 << (scale / 2);
        let mut model = random_model(seed, &[4, 3, 2, 2], bits, &activation);
        model.layers[0].shift = 2 * shift;
        model.layers[1].shift = 2 * shift;
        let shape = shapes(false)[shape];
        match Layout::compile(&model, shape, None) {
            Err(Error::Overflow { layer, neuron, bits, limit }) => {
                prop_assert!(layer < 3 && neuron < model.layers[layer].weights.len());
                prop_assert!(bits > limit && (limit == MAX_BITS || limit == MAX_LOGIT_BITS));
            }
            Err(error) => prop_assert!(false, "{}", error),
            Ok(layout) => {
                let (key, _) = keys(layout);
                let checker = Checker::new(&key).unwrap();
                for inputs in [vec![-128; 4], vec![127; 4], random_inputs(seed, 4)] {
                    let witness = Witness::generate(key.layout(), &inputs, [0; 32]).unwrap();
                    prop_assert_eq!(checker.first_violation(&witness).unwrap(), None);
                }
            }
        }
    }
}
