//! Exported files in a runtime that is not ours (tract): the exact form gives the very integers, the float form what the
//! float network gives in double precision, up to single precision.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod support;

use std::io::Cursor;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use support::{Sizes, shipped};
use tract_onnx::prelude::{
    Framework, InferenceModelExt, RunnableModel, Tensor, TypedFact, TypedOp, tvec,
};
use tract_onnx::tract_hir::internal::Graph;
use veriregime_circuits::model::{Activation, IntegerModel};
use veriregime_distill::onnx;

const WINDOWS: usize = 200;

/// What the float form may lose to single precision, of the largest logit: 2^-24 per operation and a few hundred of
/// those, with some room.
const SINGLE: f64 = 1e-4;

type Runnable = RunnableModel<TypedFact, Box<dyn TypedOp>, Graph<TypedFact, Box<dyn TypedOp>>>;

fn load(file: &[u8]) -> Runnable {
    tract_onnx::onnx()
        .model_for_read(&mut Cursor::new(file))
        .unwrap()
        .into_optimized()
        .unwrap()
        .into_runnable()
        .unwrap()
}

fn row(values: &[f64]) -> Tensor {
    Tensor::from_shape(&[1, values.len()], values).unwrap()
}

fn single_row(values: &[f64]) -> Tensor {
    let values: Vec<f32> = values.iter().map(|&value| value as f32).collect();
    Tensor::from_shape(&[1, values.len()], &values).unwrap()
}

fn windows(model: &IntegerModel) -> Vec<Vec<i16>> {
    let mut generator = ChaCha8Rng::seed_from_u64(17);
    let range = model.input.min..=model.input.max;
    let mut window = || -> Vec<i16> {
        (0..model.input.len)
            .map(|_| generator.gen_range(range.clone()))
            .collect()
    };
    let mut windows: Vec<Vec<i16>> = (0..WINDOWS).map(|_| window()).collect();
    // The corners of the range, too.
    windows.push(vec![model.input.min; model.input.len]);
    windows.push(vec![model.input.max; model.input.len]);
    windows
}

fn class(logits: &[f64]) -> usize {
    (0..logits.len()).fold(
        0,
        |best, at| if logits[at] > logits[best] { at } else { best },
    )
}

/// Random weights and biases that move the values before each activation by a few bits.
fn random_model(seed: u64, activation: &Activation, shifts: [u32; 2]) -> IntegerModel {
    let sizes = Sizes {
        weight: 127,
        hidden_bias: 2,
        last_bias: 2,
    };
    support::random_model(seed, &[24, 10, 6, 3], &shifts, activation, &sizes)
}

/// Every kind of activation, with shifts that keep the worst case in double precision.
fn random_models() -> Vec<(&'static str, IntegerModel)> {
    [
        ("quadratic", Activation::quadratic(), [8, 16]),
        ("cubic", Activation::cubic(5), [8, 28]),
        ("relu", Activation::relu(), [8, 10]),
        (
            "relu approximation",
            Activation::relu_approximation(5),
            [8, 28],
        ),
        (
            "swish approximation",
            Activation::swish_approximation(5),
            [8, 28],
        ),
    ]
    .into_iter()
    .zip([0, 10, 20, 30, 40])
    .flat_map(|((name, activation, shifts), seed)| {
        [seed, seed + 1, seed + 2].map(|seed| (name, random_model(seed, &activation, shifts)))
    })
    .collect()
}

fn exact_in_every_logit(name: &str, model: &IntegerModel) {
    let runtime = load(&onnx::export_exact(model).unwrap());
    let mut seen = [false; 3];
    for window in windows(model) {
        let values: Vec<f64> = window.iter().map(|&x| f64::from(x)).collect();
        let output = runtime.run(tvec!(row(&values).into())).unwrap();
        let logits = output[0].as_slice::<f64>().unwrap();
        let ours = model.infer(&window).unwrap();
        let theirs: Vec<i64> = logits.iter().map(|&logit| logit as i64).collect();
        assert!(logits.iter().all(|logit| logit.fract() == 0.0));
        assert_eq!(theirs, ours.logits, "{name}");
        assert_eq!(class(logits), ours.class, "{name}");
        seen[ours.class] = true;
    }
    assert!(
        seen.iter().filter(|&&seen| seen).count() > 1,
        "{name}: always the same class"
    );
}

#[test]
fn exact_file_of_the_shipped_model_gives_its_integers() {
    exact_in_every_logit("shipped", &shipped());
}

#[test]
fn exact_files_of_every_activation_give_their_integers() {
    for (name, model) in random_models() {
        exact_in_every_logit(name, &model);
    }
}

/// Share of windows on which the float file names the integers' class.
fn float_agreement(name: &str, model: &IntegerModel) -> f64 {
    let file = onnx::export(model).unwrap();
    let (runtime, network) = (load(&file), onnx::read(&file).unwrap());
    let windows = windows(model);
    let same = windows.iter().filter(|window| {
        let values: Vec<f64> = window.iter().map(|&x| f64::from(x) / 128.0).collect();
        let output = runtime.run(tvec!(single_row(&values).into())).unwrap();
        let logits: Vec<f64> = output[0]
            .as_slice::<f32>()
            .unwrap()
            .iter()
            .map(|&logit| f64::from(logit))
            .collect();
        let ours = network.trace(&values).before.pop().unwrap();
        let largest = ours
            .iter()
            .fold(0f64, |largest, logit| largest.max(logit.abs()));
        for (theirs, ours) in logits.iter().zip(&ours) {
            assert!(
                (theirs - ours).abs() <= SINGLE * largest,
                "{name}: {theirs} is not {ours}"
            );
        }
        class(&logits) == model.infer(window).unwrap().class
    });
    same.count() as f64 / windows.len() as f64
}

#[test]
fn float_files_give_what_the_float_network_gives() {
    // The float form has no floor: a hidden value differs by up to half a step, so the classes of small margins may.
    let agreement = float_agreement("shipped", &shipped());
    assert!(agreement >= 0.9, "{agreement}");
    for (name, model) in random_models() {
        let agreement = float_agreement(name, &model);
        assert!(agreement >= 0.9, "{name}: {agreement}");
    }
}

#[test]
fn model_beyond_double_precision_is_refused_by_layer() {
    let mut model = random_model(1, &Activation::quadratic(), [8, 16]);
    model.layers[2].bias[0] = 1 << 53;
    let error = onnx::export_exact(&model).unwrap_err().to_string();
    assert!(
        error.contains("layer 2") && error.contains("2^53"),
        "{error}"
    );
}
