//! What cannot be proven is refused by node, operator and attribute, with a remedy.

use veriregime_circuits::onnx::{Error, Model, Options, Samples};

use crate::file::{File, float, floats, int, ints, string};

fn refused(file: &File) -> Error {
    let error = Model::read(&file.bytes(), &Options::default()).unwrap_err();
    println!("{error}");
    error
}

/// The file is refused for an attribute of its last node.
fn attribute(
    file: File,
    operator: &str,
    inputs: &[&str],
    attributes: Vec<veriregime_circuits::onnx::proto::AttributeProto>,
    want: &str,
) {
    let error = refused(&file.node(operator, inputs, "bad", attributes));
    match &error {
        Error::Attribute {
            node,
            operator: got,
            attribute,
            remedy,
            ..
        } => {
            assert_eq!(
                (node.as_str(), got.as_str(), attribute.as_str()),
                ("bad", operator, want),
                "{error}"
            );
            assert!(!remedy.is_empty());
        }
        other => panic!("{other}"),
    }
    assert_eq!(error.code(), "onnx.attribute");
}

/// The file is refused for what its last node reads.
fn operand(file: File, operator: &str, inputs: &[&str], words: &str) {
    let error = refused(&file.node(operator, inputs, "bad", vec![]));
    let said = error.to_string();
    assert!(
        matches!(&error, Error::Operand { node, .. } if node == "bad"),
        "{error}"
    );
    assert!(said.contains(words), "{said}");
    assert_eq!(error.code(), "onnx.operand");
}

fn image() -> File {
    File::new(&[1, 2, 4, 4])
        .constant("w", &[2, 2, 3, 3], &[0.5; 36])
        .constant("m", &[2, 2], &[1.0; 4])
}

fn vector() -> File {
    File::new(&[1, 3]).constant("w", &[3, 2], &[1.0; 6])
}

#[test]
fn operators_that_are_not_supported_are_named() {
    for operator in [
        "ConvTranspose",
        "LSTM",
        "Einsum",
        "If",
        "Resize",
        "Where",
        "InstanceNormalization",
    ] {
        let error = refused(&vector().node(operator, &["x"], "bad", vec![]));
        assert!(
            matches!(&error, Error::Operator { node, operator: got, .. } if node == "bad" && got == operator)
        );
        assert_eq!(error.code(), "onnx.operator");
    }
    let error = refused(&vector().node_of("com.microsoft", "FusedConv", &["x"], &["bad"], vec![]));
    assert!(
        error.to_string().contains("com.microsoft.FusedConv"),
        "{error}"
    );
    let error = refused(&vector().node_of(
        "ai.onnx.ml",
        "TreeEnsembleClassifier",
        &["x"],
        &["bad"],
        vec![],
    ));
    assert!(
        error.to_string().contains("TreeEnsembleClassifier"),
        "{error}"
    );
}

#[test]
fn attributes_that_are_not_supported_are_named() {
    let pool = |more: Vec<_>| [vec![ints("kernel_shape", &[2, 2])], more].concat();
    attribute(image(), "Conv", &["x", "w"], vec![int("group", 3)], "group");
    attribute(
        image(),
        "Conv",
        &["x", "w"],
        vec![string("auto_pad", "SOME")],
        "auto_pad",
    );
    attribute(
        image(),
        "Conv",
        &["x", "w"],
        vec![ints("pads", &[1, 1])],
        "pads",
    );
    attribute(
        image(),
        "Conv",
        &["x", "w"],
        vec![ints("strides", &[0, 1])],
        "strides",
    );
    attribute(
        image(),
        "Conv",
        &["x", "w"],
        vec![ints("strides", &[-1, 1])],
        "strides",
    );
    attribute(
        image(),
        "Conv",
        &["x", "w"],
        vec![ints("kernel_shape", &[5, 5])],
        "kernel_shape",
    );
    attribute(
        image(),
        "Conv",
        &["x", "w"],
        vec![int("newest", 1)],
        "newest",
    );
    attribute(
        image(),
        "MaxPool",
        &["x"],
        pool(vec![ints("dilations", &[2, 2])]),
        "dilations",
    );
    attribute(
        image(),
        "MaxPool",
        &["x"],
        pool(vec![int("storage_order", 1)]),
        "storage_order",
    );
    attribute(
        image(),
        "AveragePool",
        &["x"],
        pool(vec![ints("pads", &[1, 1, 1, 1])]),
        "count_include_pad",
    );
    attribute(
        image(),
        "AveragePool",
        &["x"],
        vec![
            ints("kernel_shape", &[3, 3]),
            ints("strides", &[2, 2]),
            int("ceil_mode", 1),
        ],
        "ceil_mode",
    );
    attribute(
        vector(),
        "Gemm",
        &["x", "w"],
        vec![int("transA", 1)],
        "transA",
    );
    attribute(
        vector(),
        "Gemm",
        &["x", "w"],
        vec![float("alpha", f32::NAN)],
        "alpha",
    );
    attribute(vector(), "Cast", &["x"], vec![int("to", 7)], "to");
    attribute(
        vector(),
        "Transpose",
        &["x"],
        vec![ints("perm", &[0, 0])],
        "perm",
    );
    attribute(
        vector(),
        "Gelu",
        &["x"],
        vec![string("approximate", "tanh")],
        "approximate",
    );
    attribute(image(), "Softmax", &["x"], vec![int("axis", 1)], "axis");
    attribute(
        image(),
        "ReduceMean",
        &["x"],
        vec![ints("axes", &[1]), int("odd", 1)],
        "odd",
    );
    attribute(
        vector(),
        "LayerNormalization",
        &["x", "w"],
        vec![int("axis", 0), float("epsilon", f32::NAN)],
        "epsilon",
    );
    let statistics = || {
        let file = File::new(&[1, 2]);
        ["s", "b", "m", "v"]
            .into_iter()
            .fold(file, |file, name| file.constant(name, &[2], &[1.0, 1.0]))
    };
    attribute(
        statistics(),
        "BatchNormalization",
        &["x", "s", "b", "m", "v"],
        vec![int("training_mode", 1)],
        "training_mode",
    );
    let ml = vec![floats("coefficients", &[1.0; 4])];
    let error = refused(&vector().node_of("ai.onnx.ml", "LinearRegressor", &["x"], &["bad"], ml));
    assert!(error.to_string().contains("coefficients"), "{error}");
    let ml = vec![
        floats("coefficients", &[1.0; 3]),
        string("post_transform", "PROBIT"),
    ];
    let error = refused(&vector().node_of("ai.onnx.ml", "LinearClassifier", &["x"], &["bad"], ml));
    assert!(error.to_string().contains("post_transform"), "{error}");
    let file = image().list("p", &[0, 1, 0, 0, 0, 0, 0, 0]);
    attribute(file.clone(), "Pad", &["x", "p"], vec![], "pads");
    attribute(
        file,
        "Pad",
        &["x", "p"],
        vec![string("mode", "reflect")],
        "mode",
    );
}

#[test]
fn operands_that_cannot_be_proven_are_named() {
    operand(
        vector(),
        "MatMul",
        &["x", "x"],
        "both factors depend on the input",
    );
    operand(vector(), "MatMul", &["x", "missing"], "missing");
    operand(image(), "MatMul", &["x", "m"], "weights for 2 inputs");
    operand(
        File::new(&[2, 3, 4, 4]).constant("w", &[2, 3, 1, 1], &[1.0; 6]),
        "Conv",
        &["x", "w"],
        "a batch of 1",
    );
    let nan = File::new(&[1, 1]).constant("w", &[1, 1], &[f32::NAN]);
    operand(nan, "MatMul", &["x", "w"], "infinite value or none");
    let gate =
        vector()
            .node("Sigmoid", &["x"], "s", vec![])
            .node("MatMul", &["x", "w"], "a", vec![]);
    let gate = gate
        .list("two", &[1, 2])
        .node("MatMul", &["s", "w"], "b", vec![]);
    operand(gate, "Mul", &["a", "b"], "depend on the input");
    let soft = vector().node("Softmax", &["x"], "s", vec![]);
    operand(soft, "MatMul", &["s", "w"], "Softmax");
    let power = vector().constant("e", &[], &[2.5]);
    operand(power, "Pow", &["x", "e"], "exponent of 2.5");
    let prelu = File::new(&[1, 2]).constant("s", &[2], &[0.1, 0.2]);
    operand(prelu, "PRelu", &["x", "s"], "differ by channel");
    let channels = File::new(&[1, 2])
        .constant("s", &[2], &[0.1, 0.2])
        .integers("z", 2, &[2], &[0, 0]);
    operand(channels, "QuantizeLinear", &["x", "s", "z"], "by tensor");
    let scale = File::new(&[1, 2]).constant("s", &[], &[-1.0]);
    operand(scale, "QuantizeLinear", &["x", "s"], "a positive scale");
    let other = File::new(&[1, 2])
        .constant("s", &[], &[1.0])
        .constant("t", &[], &[2.0]);
    operand(
        other
            .clone()
            .node("QuantizeLinear", &["x", "s"], "q", vec![]),
        "DequantizeLinear",
        &["q", "t"],
        "another scale",
    );
    operand(
        other
            .clone()
            .node("QuantizeLinear", &["x", "s"], "q", vec![]),
        "Relu",
        &["q"],
        "quantised integers",
    );
    operand(other, "DequantizeLinear", &["x", "s"], "not quantised");
    let shape = vector().list("s", &[4]);
    operand(shape, "Reshape", &["x", "s"], "as many values");
    operand(
        vector().constant("c", &[2, 2], &[1.0; 4]),
        "Add",
        &["x", "c"],
        "do not go together",
    );
    let grown = vector().list("s", &[1 << 20, 1 << 20, 3]);
    operand(grown, "Expand", &["x", "s"], "");
}

#[test]
fn graphs_without_one_input_or_output_are_refused() {
    let mut two = vector().node("Relu", &["x"], "y", vec![]);
    two.graph.input.push(two.graph.input[0].clone());
    two.graph.input[1].name = "other".into();
    assert!(refused(&two).to_string().contains("there are 2"));
    let file = vector()
        .node("Relu", &["x"], "a", vec![])
        .node("Tanh", &["x"], "b", vec![]);
    let bytes = file.with_outputs(&[("a", 1), ("b", 1)]);
    let error = Model::read(&bytes, &Options::default()).unwrap_err();
    assert!(error.to_string().contains("--output"), "{error}");
    let options = Options {
        output: Some("b".into()),
        ..Options::default()
    };
    assert!(Model::read(&bytes, &options).is_ok());
    let options = Options {
        output: Some("c".into()),
        ..Options::default()
    };
    assert_eq!(
        Model::read(&bytes, &options).unwrap_err().code(),
        "onnx.graph"
    );
    // A label beside scores is no choice.
    let bytes = file.with_outputs(&[("a", 7), ("b", 1)]);
    assert!(Model::read(&bytes, &Options::default()).is_ok());
    assert_eq!(
        Model::read(b"\xff\xff", &Options::default())
            .unwrap_err()
            .code(),
        "onnx.malformed"
    );
    assert_eq!(
        Model::read(b"", &Options::default()).unwrap_err().code(),
        "onnx.graph"
    );
    let external = vector();
    assert!(
        refused(&external.node("Identity", &["x"], "y", vec![]))
            .to_string()
            .contains("it is the input")
    );
}

#[test]
fn open_sizes_are_named_and_can_be_given() {
    let file = File::new(&[0, 2, -5]).node("GlobalAveragePool", &["x"], "y", vec![]);
    let error = refused(&file);
    assert!(
        matches!(&error, Error::Dimension { axis: 2, size, .. } if size == "n5"),
        "{error}"
    );
    assert_eq!(error.code(), "onnx.dimension");
    let options = Options {
        dims: [("n5".to_owned(), 7)].into(),
        ..Options::default()
    };
    assert_eq!(Model::read(&file.bytes(), &options).unwrap().inputs(), 14);
}

#[test]
fn options_and_calibration_data_are_checked() {
    let file = vector().node("MatMul", &["x", "w"], "y", vec![]).bytes();
    for options in [
        Options {
            bits: 13,
            ..Options::default()
        },
        Options {
            weight_bits: 1,
            ..Options::default()
        },
        Options {
            table_bits: 15,
            ..Options::default()
        },
        Options {
            input_bits: 0,
            ..Options::default()
        },
    ] {
        assert_eq!(
            Model::read(&file, &options).unwrap_err().code(),
            "onnx.option"
        );
    }
    let model = Model::read(&file, &Options::default()).unwrap();
    for samples in [vec![], vec![vec![1.0; 4]], vec![vec![]]] {
        let error = model
            .quantise(&Samples::new(samples), &Options::default())
            .unwrap_err();
        assert_eq!(error.code(), "onnx.calibration");
    }
    assert!(
        model
            .quantise(&Samples::new(vec![vec![1.0; 6]]), &Options::default())
            .is_ok()
    );
}
