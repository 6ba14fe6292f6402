//! Model files: what is refused, by name, and bounds that no inference leaves.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "test")]

mod support;

use std::fs;

use proptest::prelude::*;
use support::{random_inputs, random_model};
use veriregime_circuits::{
    Error,
    model::{Activation, IntegerModel, MAX_TABLE, Table, bounds::Bounds},
    tape::{Layout, Shape},
};

fn compile(model: &IntegerModel) -> Result<Layout, Error> {
    Layout::compile(model, Shape::default(), None)
}

fn model() -> IntegerModel {
    random_model(1, &[4, 3, 2], 8, &[0, 0, 1])
}

fn table(low: i64, values: &[i32]) -> Activation {
    Activation::table(Table {
        name: "t".into(),
        low,
        values: values.to_vec(),
    })
}

fn refusal(change: impl FnOnce(&mut IntegerModel)) -> String {
    let mut model = model();
    change(&mut model);
    model.validate().unwrap_err().to_string()
}

#[test]
fn validate_refuses_each_malformed_part_by_name() {
    model().validate().unwrap();
    for (text, want) in [
        (refusal(|m| m.format = "other".into()), "format"),
        (refusal(|m| m.input.len = 0), "input"),
        (refusal(|m| m.input.max = 255), "input"),
        (refusal(|m| m.layers.clear()), "layers"),
        (refusal(|m| m.layers[0].weights.clear()), "layer 0"),
        (
            refusal(|m| m.layers[0].weights[2].push(1)),
            "layer 0: neuron 2",
        ),
        (
            refusal(|m| m.layers[1].weights[0][0] = 40_000),
            "layer 1: neuron 0",
        ),
        (refusal(|m| m.layers[1].bias.push(0)), "layer 1"),
        (refusal(|m| m.layers[0].shift = 7), "layer 0: shift 7"),
        (
            refusal(|m| m.layers[0].activation = vec![].into()),
            "layer 0: activation",
        ),
        (
            refusal(|m| m.layers[0].activation = vec![0, 1, 0].into()),
            "layer 0: activation",
        ),
        (refusal(|m| m.layers[1].shift = 2), "layer 1"),
        (
            refusal(|m| m.layers[1].activation = vec![0, 1].into()),
            "layer 1",
        ),
        (
            refusal(|m| m.layers[1].activation = Activation::relu()),
            "layer 1",
        ),
        (
            refusal(|m| m.layers[0].activation = table(0, &[])),
            "layer 0: table t has 0 values",
        ),
        (
            refusal(|m| m.layers[0].activation = table(0, &vec![0; MAX_TABLE + 1])),
            "layer 0: table t has 16385 values",
        ),
        (
            refusal(|m| m.layers[0].activation = table(-3000, &[0, 32_768])),
            "layer 0: table t has value 32768",
        ),
        (
            refusal(|m| m.layers[0].activation = table(1 << 41, &[0])),
            "layer 0: table t begins at",
        ),
        (
            refusal(|m| m.layers[0].activation = table(-1, &[0, 1, 2])),
            "layer 0 neuron 0: its quotient can be",
        ),
    ] {
        assert!(text.contains(want), "{text:?} does not name {want:?}");
    }
}

#[test]
fn plan_refuses_weights_that_overflow_naming_layer_and_neuron() {
    // Without a rescale the square of the first layer's sums cannot fit a logit.
    let mut model = random_model(2, &[40, 2, 2], 16, &[0, 0, 1]);
    model.layers[0].shift = 0;
    let Err(Error::Overflow {
        layer,
        neuron,
        bits,
        limit,
    }) = compile(&model)
    else {
        panic!("an overflowing model was accepted");
    };
    assert_eq!((layer, neuron), (1, 0));
    assert!(bits > limit);
}

#[test]
fn plan_refuses_a_tape_longer_than_the_largest_circuit() {
    let model = random_model(3, &[13_000, 2], 4, &[]);
    assert!(matches!(compile(&model), Err(Error::TooLong { .. })));
}

#[test]
fn all_zero_packed_rows_take_no_rows() {
    let dense = random_model(4, &[20, 4, 2], 4, &[0, 0, 1]);
    let mut sparse = dense.clone();
    for row in &mut sparse.layers[0].weights {
        row[7] = 0;
    }
    let (dense, sparse) = (compile(&dense).unwrap(), compile(&sparse).unwrap());
    assert!(sparse.rows.len() < dense.rows.len());
}

#[test]
fn read_malformed_file_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.json");
    for text in ["", "{", "[]", "{\"format\": 1}"] {
        fs::write(&path, text).unwrap();
        let error = IntegerModel::read(&path).unwrap_err().to_string();
        assert!(error.contains("weights.json"), "{error}");
    }
    model().write(&path).unwrap();
    assert_eq!(IntegerModel::read(&path).unwrap(), model());
    let text = fs::read_to_string(&path)
        .unwrap()
        .replace("\"shift\"", "\"shfit\"");
    fs::write(&path, text).unwrap();
    assert!(IntegerModel::read(&path).is_err());
    assert!(matches!(
        IntegerModel::read(folder.path()),
        Err(Error::Io { .. })
    ));
}

#[test]
fn read_every_form_of_an_activation() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.json");
    model().write(&path).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let with = |activation: &str| {
        fs::write(&path, text.replacen("[0,0,1]", activation, 1)).unwrap();
        IntegerModel::read(&path)
    };
    assert!(text.contains("\"activation\":[0,0,1]"));
    let wide = (-500..500).map(|q| q.to_string()).collect::<Vec<_>>();
    let values = wide.join(",");
    let table = format!(r#"{{"kind":"table","name":"t","low":-500,"values":[{values}]}}"#);
    for (json, want) in [
        ("[0,0,1]", Activation::quadratic()),
        (r#"{"kind":"relu"}"#, Activation::relu()),
        (&table, self::table(-500, &(-500..500).collect::<Vec<_>>())),
    ] {
        let read = with(json).unwrap();
        assert_eq!(read.layers[0].activation, want);
        // What is written is read back, in the same form.
        let again = folder.path().join("again.json");
        read.write(&again).unwrap();
        assert_eq!(IntegerModel::read(&again).unwrap(), read);
    }
    for (json, want) in [
        (r#"{"kind":"gelu"}"#, "gelu"),
        (r#"{"kind":"relu","low":3}"#, "low"),
        (r#"{"kind":"table","name":"t","low":0}"#, "values"),
        (
            r#"{"kind":"table","name":"t","low":0,"values":[1],"high":3}"#,
            "high",
        ),
        (
            r#"{"kind":"table","name":"t","low":0,"values":[1.5]}"#,
            "1.5",
        ),
        (r#"{"name":"relu"}"#, "kind"),
        (r#""relu""#, "relu"),
        ("[0,0,1.5]", "1.5"),
        ("7", "7"),
    ] {
        let error = with(json).unwrap_err().to_string();
        assert!(error.contains("weights.json"), "{error}");
        assert!(
            error.contains(want),
            "{json}: {error:?} does not name {want:?}"
        );
        assert!(!error.contains("untagged"), "{error}");
    }
}

/// A hand-built model that no validation has seen gives an error, not a trap.
#[test]
fn infer_overflow_is_an_error() {
    let mut huge = model();
    huge.layers[0].activation = vec![0, i64::MAX, 0, i64::MAX].into();
    huge.layers[0].bias = vec![i64::MAX; 3];
    huge.layers[0].shift = 0;
    assert!(huge.infer(&[0; 4]).is_err());
    let mut shifted = model();
    shifted.layers[0].shift = 200;
    assert!(shifted.infer(&[0; 4]).is_err());
}

#[test]
fn infer_refuses_wrong_count_and_range() {
    assert!(model().infer(&[0; 3]).is_err());
    assert!(
        model()
            .infer(&[0, 0, 128, 0])
            .unwrap_err()
            .to_string()
            .contains("index 2")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn trace_stays_within_bounds(seed in 0u64..1_000, activation in prop::collection::vec(-9i64..9, 1..4)) {
        let mut activation = activation;
        activation.push(1);
        let model = random_model(seed, &[6, 4, 3, 2], 5, &activation);
        let Ok(bounds) = Bounds::of(&model) else { return Ok(()) };
        let trace = model.trace(&random_inputs(seed, 6)).unwrap();
        for (layer, values) in trace.accumulators.iter().enumerate() {
            for (neuron, value) in values.iter().enumerate() {
                let range = bounds.accumulators[layer][neuron];
                prop_assert!((range.low..=range.high).contains(value));
            }
        }
        for (layer, values) in trace.hidden.iter().enumerate() {
            for (neuron, value) in values.iter().enumerate() {
                let range = bounds.hidden[layer][neuron];
                prop_assert!((range.low..=range.high).contains(value));
            }
        }
    }
}
