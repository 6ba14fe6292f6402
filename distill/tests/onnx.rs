//! ONNX files: a round trip is exact, the float network says what the integers say, everything else is refused by name.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod support;

use std::path::Path;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use support::{Sizes, shipped};
use veriregime_circuits::model::{Activation, IntegerModel};
use veriregime_distill::onnx::{self, FloatActivation, Quantisation};

const WINDOWS: usize = 1_000;

/// Last biases need more than the 24 bits of single precision.
const SIZES: Sizes = Sizes {
    weight: 300,
    hidden_bias: 7,
    last_bias: 28,
};

fn random_model(seed: u64, widths: &[usize], shifts: &[u32], activation: &[i64]) -> IntegerModel {
    let activation = Activation::from(activation.to_vec());
    support::random_model(seed, widths, shifts, &activation, &SIZES)
}

fn import(bytes: &[u8]) -> IntegerModel {
    onnx::import(bytes, Quantisation::default()).unwrap()
}

/// Share of random inputs on which float and integer networks name the same class.
fn agreement(model: &IntegerModel, file: &[u8]) -> f64 {
    let network = onnx::read(file).unwrap();
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let same = (0..WINDOWS).filter(|_| {
        let inputs: Vec<i16> = (0..model.input.len)
            .map(|_| generator.gen_range(-128..=127))
            .collect();
        let floats: Vec<f64> = inputs.iter().map(|&x| f64::from(x) / 128.0).collect();
        let logits = network.trace(&floats).before.pop().unwrap();
        let class = (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b]));
        class == Some(model.infer(&inputs).unwrap().class)
    });
    same.count() as f64 / WINDOWS as f64
}

#[test]
fn round_trip_of_the_shipped_model_is_exact() {
    let model = shipped();
    assert_eq!(import(&onnx::export(&model).unwrap()), model);
}

#[test]
fn round_trip_keeps_every_activation_and_biases_beyond_single_precision() {
    for activation in [
        &[0, 0, 1][..],
        &[7, -300, 5],
        &[0, 1],
        &[12, 0, -3, 2],
        &[0, 256, 0, -1],
    ] {
        let model = random_model(3, &[9, 6, 4, 3], &[12, 20], activation);
        let restored = import(&onnx::export(&model).unwrap());
        assert_eq!(restored, model, "{activation:?}");
        assert_eq!(restored.digest(), model.digest());
    }
}

#[test]
fn relu_survives_the_round_trip_and_quantisation() {
    let mut model = random_model(3, &[9, 6, 4, 3], &[12, 20], &[0, 1]);
    for layer in model.layers.iter_mut().filter(|layer| layer.shift > 0) {
        layer.activation = Activation::relu();
    }
    let file = onnx::export(&model).unwrap();
    assert_eq!(import(&file), model);
    let quantisation = Quantisation {
        weight_bits: 12,
        hidden_bits: 14,
        ..Quantisation::default()
    };
    let foreign = without_metadata(&file);
    let quantised = onnx::import(&foreign, quantisation).unwrap();
    assert!(agreement(&quantised, &foreign) > 0.98);
}

#[test]
fn exported_network_names_the_classes_of_the_integers() {
    let fine = random_model(5, &[12, 8, 6, 3], &[6, 20], &[0, 0, 1]);
    assert!(agreement(&fine, &onnx::export(&fine).unwrap()) >= 0.999);
    // The shipped model rounds its hidden values to about six bits.
    let model = shipped();
    assert!(agreement(&model, &onnx::export(&model).unwrap()) >= 0.9);
}

#[test]
fn exported_hidden_values_stay_near_one() {
    let model = shipped();
    let network = onnx::read(&onnx::export(&model).unwrap()).unwrap();
    let inputs = vec![0.25; model.input.len];
    for values in network.trace(&inputs).before {
        assert!(values.iter().all(|v| v.abs() < 4.0), "{values:?}");
    }
}

#[test]
fn file_without_metadata_is_quantised_to_a_valid_model_of_the_same_classes() {
    let quantisation = Quantisation {
        weight_bits: 16,
        hidden_bits: 14,
        ..Quantisation::default()
    };
    for activation in [&[0, 0, 1][..], &[7, -300, 5], &[12, 0, -3, 2]] {
        let file = without_metadata(
            &onnx::export(&random_model(3, &[9, 6, 4, 3], &[12, 20], activation)).unwrap(),
        );
        let model = onnx::import(&file, quantisation).unwrap();
        assert!(
            model
                .layers
                .iter()
                .flat_map(|l| l.weights.iter().flatten())
                .all(|w| w.abs() < 1 << 15)
        );
        assert!(agreement(&model, &file) >= 0.99, "{activation:?}");
    }
}

#[test]
fn quantisation_takes_fewer_bits_where_the_worst_case_does_not_fit() {
    let file = without_metadata(
        &onnx::export(&random_model(
            3,
            &[60, 40, 20, 20, 3],
            &[12, 20, 24],
            &[0, 0, 1],
        ))
        .unwrap(),
    );
    let [wide, narrow] = [16, 4].map(|hidden_bits| {
        let quantisation = Quantisation {
            hidden_bits,
            ..Quantisation::default()
        };
        onnx::import(&file, quantisation).unwrap()
    });
    wide.validate().unwrap();
    assert!(wide.layers[0].shift <= narrow.layers[0].shift);
}

#[test]
fn changed_weights_do_not_pass_for_the_exported_model() {
    let model = shipped();
    let mut file = onnx::export(&model).unwrap();
    // The largest weight of the first layer, at whichever power of two the file has its scale.
    let largest = *model.layers[0].weights.iter().flatten().max().unwrap();
    let at = (0..40)
        .find_map(|bits| {
            let needle = (largest as f32 / 2f32.powi(bits)).to_le_bytes();
            file.windows(4).position(|word| word == needle)
        })
        .expect("the largest first-layer weight");
    file[at + 3] ^= 0x80;
    let error = onnx::import(&file, Quantisation::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("veriregime.digest") && error.contains("changed after the export"),
        "{error}"
    );
}

/// The file with our metadata keys renamed, as if another program had written it.
fn without_metadata(file: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    for key in ["veriregime.scales", "veriregime.digest"] {
        let at = file
            .windows(key.len())
            .position(|w| w == key.as_bytes())
            .unwrap();
        file[at] = b'x';
    }
    file
}

/// Files written by the `onnx` Python package: `scripts/peers/fixtures.py`.
fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    std::fs::read(folder.join(name)).unwrap()
}

fn refusal(name: &str) -> String {
    onnx::import(&fixture(name), Quantisation::default())
        .unwrap_err()
        .to_string()
}

#[test]
fn independent_files_are_read() {
    let inputs = [0.5, -0.25, 0.125, 1.0];
    let expected: Vec<(String, FloatActivation, Vec<f64>)> =
        serde_json::from_slice::<Vec<(String, Vec<f64>, Vec<f64>)>>(&fixture("expected.json"))
            .unwrap()
            .into_iter()
            .map(|(name, coefficients, logits)| {
                let relu = coefficients.is_empty();
                let function = if relu {
                    FloatActivation::Relu
                } else {
                    FloatActivation::Polynomial(coefficients)
                };
                (name, function, logits)
            })
            .collect();
    assert_eq!(expected.len(), 4);
    for (name, function, logits) in expected {
        let network = onnx::read(&fixture(&name)).unwrap();
        assert_eq!(network.layers[0].activation, function, "{name}");
        let ours = network.trace(&inputs).before.pop().unwrap();
        for (ours, theirs) in ours.iter().zip(&logits) {
            assert!((ours - theirs).abs() < 1e-5, "{name}: {ours} {theirs}");
        }
    }
}

#[test]
fn unsupported_files_are_refused_by_node_operator_and_attribute() {
    for (name, parts) in [
        (
            "refused_softmax.onnx",
            &["\"last\"", "Softmax", "supported are Gemm"][..],
        ),
        (
            "refused_alpha.onnx",
            &["\"first\"", "Gemm", "alpha is 0.5", "fold alpha"],
        ),
        (
            "refused_residual.onnx",
            &["\"skip\"", "Add", "different layers"],
        ),
        ("refused_degree.onnx", &["Mul", "degree 4", "third degree"]),
        (
            "refused_bias.onnx",
            &["\"first\"", "bias of shape [2]", "one bias per output"],
        ),
        (
            "refused_width.onnx",
            &["\"first\"", "weights for 3 inputs", "Some(4)"],
        ),
        ("refused_double.onnx", &["\"weights0\"", "single precision"]),
    ] {
        let error = refusal(name);
        for part in parts {
            assert!(error.contains(part), "{name}: {error}");
        }
    }
    let error = onnx::import(b"no protocol buffer", Quantisation::default()).unwrap_err();
    assert!(
        error.to_string().starts_with("not an ONNX model file"),
        "{error}"
    );
}
