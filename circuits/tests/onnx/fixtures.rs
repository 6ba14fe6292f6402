//! Files of other people's exporters: the reals are onnxruntime's, the integers NumPy's.

use std::{fs, path::PathBuf};

use serde_json::Value;
use veriregime_circuits::onnx::{Import, Model, Options, Samples};

use crate::file::outputs;

/// What a file computes behind the logits, which is left out.
#[derive(Debug, Clone, Copy)]
enum Ending {
    Nothing,
    Softmax,
    LogSoftmax,
    /// Of the opposite of the last logit, and of it.
    Sigmoid,
}

/// Name, ending, and the largest difference of an output from onnxruntime's over the largest output: of the integers, with
/// 8 bits for activations and 12 for weights.
const FIXTURES: [(&str, Ending, f64); 24] = [
    ("activations", Ending::LogSoftmax, 0.02),
    ("allconv", Ending::Nothing, 0.02),
    ("cnn1d", Ending::Nothing, 0.02),
    ("inception", Ending::Nothing, 0.02),
    ("keras_cnn", Ending::Softmax, 0.02),
    ("keras_mlp", Ending::Softmax, 0.02),
    ("layernorm", Ending::Nothing, 0.02),
    ("layernorm_old", Ending::Nothing, 0.02),
    ("lenet", Ending::Nothing, 0.02),
    ("mixer", Ending::Nothing, 0.02),
    ("mlp", Ending::Softmax, 0.02),
    ("polynomial", Ending::Nothing, 0.05),
    ("qdq_channels", Ending::Nothing, 0.03),
    ("qdq_cnn", Ending::Nothing, 0.02),
    ("qdq_mlp", Ending::Nothing, 0.02),
    ("qlinear", Ending::Nothing, 0.02),
    ("residual", Ending::Nothing, 0.02),
    ("residual_old", Ending::Nothing, 0.02),
    ("separable", Ending::Nothing, 0.03),
    ("sk_logistic", Ending::Softmax, 0.02),
    ("sk_mlp", Ending::Softmax, 0.02),
    ("sk_mlp_binary", Ending::Nothing, 0.02),
    ("sk_scaled", Ending::Sigmoid, 0.02),
    ("strided", Ending::Nothing, 0.02),
];

struct Fixture {
    model: Model,
    made: Import,
    inputs: Vec<Vec<f64>>,
    outputs: Vec<Vec<f64>>,
    expected: Value,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../test/onnx")
}

fn rows(value: &Value) -> Vec<Vec<f64>> {
    let row = |row: &Value| {
        row.as_array()
            .unwrap()
            .iter()
            .map(|v| v.as_f64().unwrap())
            .collect()
    };
    value.as_array().unwrap().iter().map(row).collect()
}

fn json(name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder().join(name)).unwrap()).unwrap()
}

fn fixture(name: &str) -> Fixture {
    let bytes = fs::read(folder().join(format!("{name}.onnx"))).unwrap();
    let samples = Samples::read(&folder().join(format!("{name}.json"))).unwrap();
    let options = Options::default();
    let model = Model::read(&bytes, &options).unwrap();
    let data = json(&format!("{name}.json"));
    Fixture {
        made: model.quantise(&samples, &options).unwrap(),
        model,
        inputs: rows(&data["input_data"]),
        outputs: rows(&data["output_data"]),
        expected: json(&format!("{name}.expected.json")),
    }
}

impl Ending {
    fn of(self, logits: &[f64]) -> Vec<f64> {
        let sum: f64 = logits.iter().map(|x| x.exp()).sum();
        match self {
            Self::Nothing => logits.to_vec(),
            Self::Softmax => logits.iter().map(|x| x.exp() / sum).collect(),
            Self::LogSoftmax => logits.iter().map(|x| x - sum.ln()).collect(),
            Self::Sigmoid => logits.iter().map(|x| 1.0 / (1.0 + (-x).exp())).collect(),
        }
    }
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |m, v| m.max(v.abs()))
}

fn class(values: &[f64]) -> usize {
    (0..values.len())
        .max_by(|&a, &b| values[a].total_cmp(&values[b]).then(b.cmp(&a)))
        .unwrap()
}

#[test]
fn every_file_has_a_row() {
    let files = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = files
        .filter_map(|name| Some(name.strip_suffix(".onnx")?.to_owned()))
        .collect();
    names.sort();
    assert_eq!(names, FIXTURES.map(|(name, ..)| name));
}

#[test]
fn reals_are_those_of_onnxruntime() {
    for (name, ending, _) in FIXTURES {
        let fixture = fixture(name);
        for (input, want) in fixture.inputs.iter().zip(&fixture.outputs) {
            let got = ending.of(&fixture.model.evaluate(input).unwrap());
            for (got, want) in got.iter().zip(want) {
                assert!(
                    (got - want).abs() <= 2e-5 * want.abs().max(1.0),
                    "{name}: {got}, onnxruntime has {want}"
                );
            }
        }
    }
}

#[test]
fn integers_are_near_onnxruntime_and_name_its_class() {
    for (name, ending, tolerance) in FIXTURES {
        let fixture = fixture(name);
        let all: Vec<f64> = fixture.outputs.concat();
        let allowed = tolerance * largest(&all);
        for (input, want) in fixture.inputs.iter().zip(&fixture.outputs) {
            let got = ending.of(&outputs(&fixture.made, input));
            let worst = got
                .iter()
                .zip(want)
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f64::max);
            assert!(
                worst <= allowed,
                "{name}: off by {worst}, allowed {allowed}\n{}",
                fixture.made.report
            );
            assert_eq!(
                class(&got),
                class(want),
                "{name}: {got:?}, onnxruntime has {want:?}"
            );
        }
    }
}

#[test]
fn integers_are_those_of_numpy_bit_for_bit() {
    for (name, ..) in FIXTURES {
        let fixture = fixture(name);
        assert_eq!(
            fixture.made.report.digest, fixture.expected["digest"],
            "{name}: another network"
        );
        for (index, input) in fixture.inputs.iter().enumerate() {
            let trace = fixture
                .made
                .network
                .trace(&fixture.made.integers(input))
                .unwrap();
            let want: Vec<i64> = fixture.expected["outputs"][index]
                .as_array()
                .unwrap()
                .iter()
                .map(|v| v.as_i64().unwrap())
                .collect();
            assert_eq!(trace.output(), want, "{name}: input {index}");
        }
    }
}

#[test]
fn networks_survive_their_file() {
    let folder = tempfile::tempdir().unwrap();
    for (name, ..) in FIXTURES {
        let network = fixture(name).made.network;
        let path = folder.path().join(name);
        network.write(&path).unwrap();
        assert_eq!(
            veriregime_circuits::network::Network::read(&path).unwrap(),
            network
        );
    }
}

#[test]
fn quantised_files_keep_their_integer_weights() {
    // A weight of the file is an int8: none of the network's is larger, where the network is not free to choose.
    use veriregime_circuits::network::Operator;
    for name in ["qdq_cnn", "qdq_mlp"] {
        for node in fixture(name).made.network.nodes {
            if let Operator::Linear(linear) = node.operator {
                let weights = linear.terms.iter().flat_map(|term| &term.weights);
                assert!(
                    weights.into_iter().all(|w| w.abs() <= 128),
                    "{name}: {}",
                    node.name
                );
            }
        }
    }
}
