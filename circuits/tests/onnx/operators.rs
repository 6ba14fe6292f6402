//! Each operator against numbers worked out by hand, over the reals and over the integers.

use crate::file::{File, float, floats, int, ints, string};

/// A 1 x 1 x 3 x 3 input.
const SQUARE: [f64; 9] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];

fn square() -> File {
    File::new(&[1, 1, 3, 3]).constant("one", &[1, 1, 1, 1], &[1.0])
}

/// x as a layer's output, so that a function of it is a table.
fn identity(values: usize) -> File {
    let eye: Vec<f32> = (0..values * values)
        .map(|i| if i / values == i % values { 1.0 } else { 0.0 })
        .collect();
    let n = values as i64;
    File::new(&[1, n])
        .constant("eye", &[n, n], &eye)
        .node("MatMul", &["x", "eye"], "z", vec![])
}

#[test]
fn gemm_transposes_and_scales() {
    let weights = [1.0, 2.0, 3.0, -4.0, 5.0, -6.0];
    let file = File::new(&[1, 3])
        .constant("w", &[2, 3], &weights)
        .constant("c", &[2], &[10.0, 20.0]);
    let attributes = vec![int("transB", 1), float("alpha", 0.5), float("beta", 2.0)];
    file.node("Gemm", &["x", "w", "c"], "y", attributes)
        .means(&[1.0, 1.0, 2.0], &[24.5, 34.5]);
    let file = File::new(&[1, 3]).constant("w", &[3, 2], &weights);
    file.node("Gemm", &["x", "w"], "y", vec![])
        .means(&[1.0, 1.0, 2.0], &[14.0, -14.0]);
}

#[test]
fn matmul_works_on_rows_on_the_right_and_on_columns_on_the_left() {
    let file = File::new(&[1, 2, 3])
        .constant("w", &[3, 2], &[1.0, 0.0, 0.0, 1.0, 1.0, 1.0])
        .constant("b", &[2], &[0.5, -0.5]);
    file.node("MatMul", &["x", "w"], "z", vec![])
        .node("Add", &["z", "b"], "y", vec![])
        .means(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[4.5, 4.5, 10.5, 10.5]);
    let file = File::new(&[1, 2, 2]).constant("w", &[1, 2], &[1.0, -2.0]);
    file.node("MatMul", &["w", "x"], "y", vec![])
        .means(&[1.0, 2.0, 3.0, 4.0], &[-5.0, -6.0]);
}

#[test]
fn conv_pads_strides_dilates_and_groups() {
    let file = square().constant("w", &[1, 1, 2, 2], &[1.0, 0.0, 0.0, -1.0]);
    file.clone()
        .node("Conv", &["x", "w"], "y", vec![])
        .means(&SQUARE, &[-4.0, -4.0, -4.0, -4.0]);
    let padded = vec![ints("pads", &[1, 0, 0, 0]), ints("strides", &[2, 1])];
    file.clone()
        .node("Conv", &["x", "w"], "y", padded)
        .means(&SQUARE, &[-2.0, -3.0, -4.0, -4.0]);
    let dilated = vec![ints("dilations", &[2, 2]), ints("kernel_shape", &[2, 2])];
    file.clone()
        .node("Conv", &["x", "w"], "y", dilated)
        .means(&SQUARE, &[-8.0]);
    for (mode, want) in [
        ("SAME_UPPER", [-4.0, -4.0, 3.0]),
        ("SAME_LOWER", [-1.0, -2.0, -3.0]),
    ] {
        let file = file
            .clone()
            .node("Conv", &["x", "w"], "y", vec![string("auto_pad", mode)]);
        assert_eq!(file.evaluate(&SQUARE)[..3], want, "{mode}");
    }
    let file = File::new(&[1, 4, 2])
        .constant("w", &[2, 2, 1], &[1.0, 2.0, 3.0, 4.0])
        .constant("b", &[2], &[1.0, -1.0]);
    let file = file.node("Conv", &["x", "w", "b"], "y", vec![int("group", 2)]);
    file.means(
        &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
        &[8.0, 11.0, 42.0, 49.0],
    );
}

#[test]
fn pad_becomes_part_of_the_convolution() {
    let file = square()
        .constant("w", &[1, 1, 3, 3], &[1.0; 9])
        .list("p", &[0, 0, 1, 1, 0, 0, 1, 1]);
    let file = file.node("Pad", &["x", "p"], "z", vec![]).node(
        "Conv",
        &["z", "w"],
        "y",
        vec![ints("strides", &[2, 2])],
    );
    file.means(&SQUARE, &[12.0, 16.0, 24.0, 28.0]);
    let made = file.import(&[SQUARE.to_vec()]);
    assert_eq!(made.network.nodes.len(), 1, "{}", made.report);
}

#[test]
fn batch_normalisation_is_folded_or_a_layer_of_its_own() {
    let parameters = |file: File| {
        let file = file
            .constant("s", &[2], &[2.0, -1.0])
            .constant("b", &[2], &[1.0, 0.5]);
        file.constant("m", &[2], &[1.0, 2.0])
            .constant("v", &[2], &[3.0, 8.0])
    };
    let epsilon = || vec![float("epsilon", 1.0)];
    let inputs = ["z", "s", "b", "m", "v"];
    let file = parameters(File::new(&[1, 1, 2])).constant("w", &[2, 1, 1], &[1.0, 3.0]);
    let file = file.node("Conv", &["x", "w"], "z", vec![]).node(
        "BatchNormalization",
        &inputs,
        "y",
        epsilon(),
    );
    file.means(&[1.0, 2.0], &[1.0, 2.0, 0.5 - 1.0 / 3.0, 0.5 - 4.0 / 3.0]);
    assert_eq!(file.import(&[vec![1.0, 2.0]]).network.nodes.len(), 1);
    let file = parameters(File::new(&[1, 2])).node(
        "BatchNormalization",
        &["x", "s", "b", "m", "v"],
        "y",
        epsilon(),
    );
    file.means(&[1.0, 5.0], &[1.0, -0.5]);
}

#[test]
fn layer_normalisation_as_an_operator_and_written_out() {
    let x = [1.0, 2.0, 3.0, 6.0, -1.0, 0.0, 0.0, 1.0];
    let normal = |group: &[f64]| -> Vec<f64> {
        let mean = group.iter().sum::<f64>() / 4.0;
        let variance = group.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 4.0;
        let scaled = group
            .iter()
            .zip([1.0, 2.0, -1.0, 0.5])
            .map(|(v, s)| (v - mean) / (variance + 1e-3).sqrt() * s + 0.25);
        scaled.collect()
    };
    let want: Vec<f64> = x.chunks(4).flat_map(normal).collect();
    let constants = || {
        let file = File::new(&[1, 2, 4])
            .constant("s", &[4], &[1.0, 2.0, -1.0, 0.5])
            .constant("b", &[4], &[0.25; 4]);
        file.constant("e", &[], &[1e-3])
            .constant("two", &[], &[2.0])
    };
    let file = constants().node(
        "LayerNormalization",
        &["x", "s", "b"],
        "y",
        vec![int("axis", -1), float("epsilon", 1e-3)],
    );
    file.means(&x, &want);
    let axes = || vec![ints("axes", &[-1])];
    let centred = || {
        constants()
            .node("ReduceMean", &["x"], "m", axes())
            .node("Sub", &["x", "m"], "d", vec![])
    };
    let variance = |file: File| {
        file.node("ReduceMean", &["q"], "v", axes())
            .node("Add", &["v", "e"], "w", vec![])
    };
    let file = variance(centred().node("Pow", &["d", "two"], "q", vec![])).node(
        "Sqrt",
        &["w"],
        "r",
        vec![],
    );
    let file = file
        .node("Div", &["d", "r"], "n", vec![])
        .node("Mul", &["n", "s"], "g", vec![]);
    file.node("Add", &["g", "b"], "y", vec![]).means(&x, &want);
    // As Keras writes it: x i s + (b - m i s).
    let file =
        variance(centred().node("Mul", &["d", "d"], "q", vec![])).node("Sqrt", &["w"], "r", vec![]);
    let file = file
        .node("Reciprocal", &["r"], "i", vec![])
        .node("Mul", &["i", "s"], "g", vec![]);
    let file = file
        .node("Mul", &["x", "g"], "a", vec![])
        .node("Mul", &["m", "g"], "c", vec![]);
    let file = file
        .node("Sub", &["b", "c"], "o", vec![])
        .node("Add", &["a", "o"], "y", vec![]);
    file.means(&x, &want);
}

#[test]
fn activations_are_tables() {
    let x = [-3.0, -1.0, -0.25, 0.5, 1.0, 2.5];
    type Case<'a> = (
        &'a str,
        Vec<veriregime_circuits::onnx::proto::AttributeProto>,
        fn(f64) -> f64,
    );
    let cases: Vec<Case<'_>> = vec![
        ("Relu", vec![], |x| x.max(0.0)),
        ("LeakyRelu", vec![float("alpha", 0.25)], |x| {
            if x < 0.0 { 0.25 * x } else { x }
        }),
        ("Sigmoid", vec![], |x| 1.0 / (1.0 + (-x).exp())),
        ("Tanh", vec![], f64::tanh),
        ("Elu", vec![], |x| if x < 0.0 { x.exp() - 1.0 } else { x }),
        ("HardSigmoid", vec![float("alpha", 0.25)], |x| {
            (0.25 * x + 0.5).clamp(0.0, 1.0)
        }),
        ("HardSwish", vec![], |x| x * (x / 6.0 + 0.5).clamp(0.0, 1.0)),
        ("Softplus", vec![], |x| (1.0 + x.exp()).ln()),
        ("Softsign", vec![], |x| x / (1.0 + x.abs())),
        ("Mish", vec![], |x| x * (1.0 + x.exp()).ln().tanh()),
        ("Exp", vec![], f64::exp),
        ("Abs", vec![], f64::abs),
        ("Neg", vec![], |x| -x),
    ];
    for (operator, attributes, function) in cases {
        println!("{operator}");
        let want = x.map(function);
        identity(6)
            .node(operator, &["z"], "y", attributes.clone())
            .means(&x, &want);
        // Of the input itself.
        File::new(&[1, 6])
            .node(operator, &["x"], "y", attributes)
            .means(&x, &want);
    }
}

#[test]
fn clip_takes_its_bounds_from_inputs_or_attributes() {
    let x = [-3.0, -1.0, 0.5, 7.0];
    let file = identity(4)
        .constant("low", &[], &[-1.5])
        .constant("high", &[], &[6.0]);
    file.clone()
        .node("Clip", &["z", "low", "high"], "y", vec![])
        .means(&x, &[-1.5, -1.0, 0.5, 6.0]);
    file.clone()
        .node("Clip", &["z", "", "high"], "y", vec![])
        .means(&x, &[-3.0, -1.0, 0.5, 6.0]);
    let old = vec![float("min", 0.0), float("max", 6.0)];
    file.opset(6)
        .node("Clip", &["z"], "y", old)
        .means(&x, &[0.0, 0.0, 0.5, 6.0]);
}

#[test]
fn products_and_powers_of_one_tensor_are_polynomials() {
    let x = [-2.0, -1.0, 0.5, 1.5];
    let file = identity(4)
        .constant("c", &[], &[0.5])
        .constant("two", &[1], &[2.0])
        .constant("three", &[], &[3.0]);
    file.clone()
        .node("Mul", &["z", "z"], "y", vec![])
        .means(&x, &x.map(|x| x * x));
    file.clone()
        .node("Pow", &["z", "three"], "y", vec![])
        .means(&x, &x.map(|x| x * x * x));
    let cubic =
        file.clone()
            .node("Pow", &["z", "two"], "a", vec![])
            .node("Mul", &["a", "c"], "b", vec![]);
    let cubic =
        cubic
            .node("Add", &["b", "z"], "d", vec![])
            .node("Sub", &["d", "three"], "y", vec![]);
    cubic.means(&x, &x.map(|x| 0.5 * x * x + x - 3.0));
    let silu =
        file.clone()
            .node("Sigmoid", &["z"], "a", vec![])
            .node("Mul", &["z", "a"], "y", vec![]);
    silu.means(&x, &x.map(|x| x / (1.0 + (-x).exp())));
    file.clone()
        .node("Max", &["z", "c"], "y", vec![])
        .means(&x, &[0.5, 0.5, 0.5, 1.5]);
    file.node("Div", &["c", "three"], "k", vec![])
        .node("Div", &["z", "k"], "y", vec![])
        .means(&x, &x.map(|x| x * 6.0));
}

#[test]
fn constants_are_folded_into_the_layer() {
    let x = [1.0, -2.0];
    let file = identity(2)
        .constant("k", &[1, 2], &[3.0, -1.0])
        .constant("half", &[], &[0.5]);
    let file = file
        .node("Mul", &["z", "k"], "a", vec![])
        .node("Sub", &["k", "a"], "b", vec![]);
    let file = file
        .node("Mul", &["b", "half"], "c", vec![])
        .node("Relu", &["c"], "y", vec![]);
    file.means(&x, &[0.0, 0.0]);
    file.means(&[-1.0, 2.0], &[3.0, 0.5]);
    assert_eq!(file.import(&[x.to_vec()]).network.nodes.len(), 1);
}

#[test]
fn sums_of_tensors_are_one_layer() {
    let file = File::new(&[1, 2]).constant("w", &[2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let file = file
        .node("MatMul", &["x", "w"], "a", vec![])
        .node("Add", &["a", "x"], "b", vec![])
        .node("Relu", &["b"], "y", vec![]);
    file.means(&[1.0, -0.5], &[0.5, 0.0 - 0.0]);
    assert_eq!(file.import(&[vec![1.0, -0.5]]).network.nodes.len(), 1);
    let file = File::new(&[1, 2])
        .constant("w", &[2, 2], &[1.0, 2.0, 3.0, 4.0])
        .node("MatMul", &["x", "w"], "a", vec![]);
    let file = file
        .node("Tanh", &["a"], "t", vec![])
        .node("Sub", &["x", "t"], "y", vec![]);
    file.means(&[0.5, -0.5], &[0.5 - (-1f64).tanh(), -0.5 - (-1f64).tanh()]);
}

#[test]
fn pools_take_the_largest_and_the_average() {
    let two = || vec![ints("kernel_shape", &[2, 2])];
    square()
        .node("MaxPool", &["x"], "y", two())
        .means(&SQUARE, &[5.0, 6.0, 8.0, 9.0]);
    square()
        .node("AveragePool", &["x"], "y", two())
        .means(&SQUARE, &[3.0, 4.0, 6.0, 7.0]);
    let with = |more: Vec<_>| [two(), more].concat();
    let padded = with(vec![ints("pads", &[1, 1, 0, 0]), ints("strides", &[2, 2])]);
    square()
        .node("MaxPool", &["x"], "y", padded.clone())
        .means(&SQUARE, &[1.0, 3.0, 7.0, 9.0]);
    let counted = [padded, vec![int("count_include_pad", 1)]].concat();
    square()
        .node("AveragePool", &["x"], "y", counted)
        .means(&SQUARE, &[0.25, 1.25, 2.75, 7.0]);
    let ceil = with(vec![ints("strides", &[2, 2]), int("ceil_mode", 1)]);
    square()
        .node("MaxPool", &["x"], "y", ceil)
        .means(&SQUARE, &[5.0, 6.0, 8.0, 9.0]);
    square()
        .node("GlobalMaxPool", &["x"], "y", vec![])
        .means(&SQUARE, &[9.0]);
    square()
        .node("GlobalAveragePool", &["x"], "y", vec![])
        .means(&SQUARE, &[5.0]);
    let mean = vec![ints("axes", &[2]), int("keepdims", 0)];
    square()
        .node("ReduceMean", &["x"], "y", mean)
        .means(&SQUARE, &[4.0, 5.0, 6.0]);
    square()
        .node("ReduceMax", &["x"], "y", vec![ints("axes", &[-1])])
        .means(&SQUARE, &[3.0, 6.0, 9.0]);
}

#[test]
fn averages_divide_by_the_size_of_the_window() {
    let made = square()
        .node(
            "AveragePool",
            &["x"],
            "z",
            vec![ints("kernel_shape", &[1, 3])],
        )
        .node("Relu", &["z"], "y", vec![]);
    let made = made.import(&[SQUARE.to_vec()]);
    assert_eq!(made.report.layers[0].divisor, Some(3), "{}", made.report);
}

#[test]
fn shapes_change_without_a_trace_and_orders_are_gathered() {
    let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let file = File::new(&[1, 2, 3]).constant("one", &[], &[1.0]);
    let turned = file
        .clone()
        .node("Transpose", &["x"], "t", vec![ints("perm", &[0, 2, 1])]);
    let turned = turned.node("Relu", &["t"], "y", vec![]);
    turned.means(&x, &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    let back = turned
        .node("Transpose", &["y"], "u", vec![ints("perm", &[0, 2, 1])])
        .node("Sigmoid", &["u"], "v", vec![]);
    assert!(
        back.import(&[x.to_vec()])
            .network
            .nodes
            .iter()
            .all(|node| node.operator.kind() != "gather")
    );
    let cases: Vec<(&str, Vec<&str>, Vec<f64>)> = vec![
        (
            "Slice",
            vec!["x", "from", "to", "axes", "step"],
            vec![3.0, 1.0, 6.0, 4.0],
        ),
        ("Gather", vec!["x", "which"], vec![4.0, 5.0, 6.0]),
        ("Reshape", vec!["x", "flat"], x.to_vec()),
        ("Squeeze", vec!["x", "zero"], x.to_vec()),
        ("Unsqueeze", vec!["x", "zero"], x.to_vec()),
        ("Expand", vec!["x", "twice"], [x, x].concat()),
        ("Flatten", vec!["x"], x.to_vec()),
        ("Identity", vec!["x"], x.to_vec()),
        ("Dropout", vec!["x"], x.to_vec()),
        ("Cast", vec!["x"], x.to_vec()),
    ];
    for (operator, inputs, want) in cases {
        println!("{operator}");
        let file = file
            .clone()
            .list("from", &[-1])
            .list("to", &[i64::MIN])
            .list("axes", &[2])
            .list("step", &[-2]);
        let file = file
            .list("which", &[1])
            .list("flat", &[0, -1])
            .list("zero", &[0])
            .list("twice", &[2, 2, 3]);
        let attributes = if operator == "Gather" {
            vec![int("axis", 1)]
        } else {
            vec![]
        };
        let attributes = if operator == "Cast" {
            vec![int("to", 1)]
        } else {
            attributes
        };
        file.node(operator, &inputs, "z", attributes)
            .node("Relu", &["z"], "y", vec![])
            .means(&x, &want);
    }
}

#[test]
fn concat_and_split_are_inverse_to_each_other() {
    let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    for axis in [1, 2] {
        let parts = if axis == 1 { [1, 1] } else { [1, 2] };
        let file = File::new(&[1, 2, 3]).list("parts", &parts);
        let file = file.node_of(
            "",
            "Split",
            &["x", "parts"],
            &["a", "b"],
            vec![int("axis", axis)],
        );
        let file = file
            .node("Concat", &["a", "b"], "c", vec![int("axis", axis)])
            .node("Relu", &["c"], "y", vec![]);
        file.means(&x, &x);
    }
    let file =
        File::new(&[1, 2])
            .constant("ten", &[], &[10.0])
            .node("Mul", &["x", "ten"], "a", vec![]);
    let file = file
        .node("Concat", &["a", "x"], "c", vec![int("axis", 0)])
        .node("Relu", &["c"], "y", vec![]);
    file.means(&[0.5, 1.0], &[5.0, 10.0, 0.5, 1.0]);
}

#[test]
fn shapes_are_computed_from_constants() {
    let file = File::new(&[0, 2, 2])
        .list("zero", &[0])
        .list("minus", &[-1]);
    let file = file
        .node("Shape", &["x"], "s", vec![])
        .node("Gather", &["s", "zero"], "n", vec![]);
    let file = file
        .node("Concat", &["n", "minus"], "t", vec![int("axis", 0)])
        .node("Reshape", &["x", "t"], "r", vec![]);
    let file = file
        .node("ConstantOfShape", &["t2"], "k", vec![])
        .list("t2", &[1, 4]);
    let mut file = file.node("Add", &["r", "k"], "y", vec![]);
    // Constants come before their use in no particular order.
    file.graph.node.swap(4, 5);
    file.graph.node.swap(4, 5);
    let file = file.node("Relu", &["y"], "z", vec![]);
    file.means(&[1.0, 2.0, 3.0, 4.0], &[1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn softmax_and_argmax_at_the_end_are_left_out() {
    let file = identity(3).node("Softmax", &["z"], "s", vec![]).node(
        "ArgMax",
        &["s"],
        "y",
        vec![int("axis", 1)],
    );
    let made = file.import(&[vec![1.0, 2.0, 3.0]]);
    assert_eq!(made.report.notes.len(), 2, "{:?}", made.report.notes);
    assert_eq!(made.network.outputs(), 3);
}

#[test]
fn quantised_files_keep_scales_and_integers() {
    // x in steps of 0.5 around 3, weights in steps of 0.25, result in steps of 1 around 10.
    let file = File::new(&[1, 2])
        .constant("sx", &[], &[0.5])
        .integers("zx", 2, &[], &[3]);
    let file = file
        .constant("sw", &[], &[0.25])
        .integers("zw", 3, &[], &[0])
        .integers("w", 3, &[2, 2], &[4, -8, 12, 3]);
    let file = file
        .constant("sy", &[], &[1.0])
        .integers("zy", 2, &[], &[10])
        .constant("eye", &[2, 2], &[1.0, 0.0, 0.0, 1.0]);
    let file = file
        .node("QuantizeLinear", &["x", "sx", "zx"], "xq", vec![])
        .node("DequantizeLinear", &["xq", "sx", "zx"], "xr", vec![]);
    let file = file
        .node("DequantizeLinear", &["w", "sw", "zw"], "wr", vec![])
        .node("MatMul", &["xr", "wr"], "p", vec![]);
    let file = file
        .node("QuantizeLinear", &["p", "sy", "zy"], "yq", vec![])
        .node("DequantizeLinear", &["yq", "sy", "zy"], "yr", vec![]);
    let file = file.node("MatMul", &["yr", "eye"], "y", vec![]);
    // 1 and 2 in steps: [1 x 1 + 2 x 3, 1 x -2 + 2 x 0.75] = [7, -0.5], the latter to even.
    assert_eq!(file.evaluate(&[1.0, 2.0]), [7.0, 0.0]);
    let made = file.import(&[vec![1.0, 2.0]]);
    assert_eq!((made.network.input.low, made.network.input.high), (-3, 252));
    assert_eq!(made.integers(&[1.0, 2.0]), [2, 4]);
    assert_eq!(made.report.layers[0].scale, 1.0);
    assert_eq!(made.report.layers[0].worst_case, [-10, 245]);
}

#[test]
fn integer_inputs_and_fused_products_are_read() {
    let file = File::new(&[1, 1, 2])
        .input_type(2)
        .constant("s", &[], &[0.5])
        .integers("z", 2, &[], &[0]);
    let file = file
        .integers("w", 3, &[2, 1, 1], &[2, -4])
        .integers("zw", 3, &[], &[0])
        .constant("t", &[], &[1.0]);
    let inputs = ["x", "s", "z", "w", "s", "zw", "t", "z"];
    let file = file.node("QLinearConv", &inputs, "q", vec![]).node(
        "DequantizeLinear",
        &["q", "t", "z"],
        "y",
        vec![],
    );
    assert_eq!(file.evaluate(&[1.0, 3.0]), [1.0, 3.0, 0.0, 0.0]);
}

#[test]
fn scikit_learns_operators_are_read() {
    let ml = "ai.onnx.ml";
    let attributes = vec![
        floats("coefficients", &[1.0, -1.0, 2.0, 0.5]),
        floats("intercepts", &[0.25, -0.25]),
        string("post_transform", "SOFTMAX"),
    ];
    let file = File::new(&[1, 2]).node_of(
        ml,
        "LinearClassifier",
        &["x"],
        &["label", "scores"],
        attributes,
    );
    let file = file.node_of(
        ml,
        "Normalizer",
        &["scores"],
        &["p"],
        vec![string("norm", "L1")],
    );
    file.means(&[1.0, 3.0], &[-1.75, 3.25]);
    let attributes = vec![
        floats("coefficients", &[1.0, -1.0]),
        floats("intercepts", &[0.5]),
    ];
    let file = File::new(&[1, 2]).node_of(
        ml,
        "LinearClassifier",
        &["x"],
        &["label", "scores"],
        attributes,
    );
    let file = file.node("Identity", &["scores"], "y", vec![]);
    file.means(&[1.0, 3.0], &[1.5, -1.5]);
    let attributes = vec![floats("offset", &[1.0, 0.0]), floats("scale", &[2.0, 0.5])];
    let file = File::new(&[1, 2]).node_of(ml, "Scaler", &["x"], &["y"], attributes);
    file.means(&[1.5, 3.0], &[1.0, 1.5]);
}
