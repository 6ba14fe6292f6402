//! Layers against numbers worked out by hand, over the reals and over the integers.

use crate::file::{File, SQUARE, float, floats, int, ints, outputs, square, string};

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

/// A value of a large group may be far more deviations away than any is; the table that covers it
/// must still tell the others apart.
#[test]
fn layer_normalisation_of_a_large_group_is_fine() {
    let count = 1 << 17;
    let x: Vec<f64> = (0..count)
        .map(|at| f64::from(at * 7919 % 4001) / 2000.0 - 1.0)
        .collect();
    let n = f64::from(count);
    let mean = x.iter().sum::<f64>() / n;
    let variance = x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
    let file = File::new(&[1, i64::from(count)])
        .constant("s", &[i64::from(count)], &vec![1.0; x.len()])
        .node(
            "LayerNormalization",
            &["x", "s"],
            "y",
            vec![int("axis", -1), float("epsilon", 1e-5)],
        );
    let made = file.import(std::slice::from_ref(&x));
    for (got, x) in outputs(&made, &x).iter().zip(&x) {
        let want = (x - mean) / (variance + 1e-5).sqrt();
        assert!((got - want).abs() < 0.045, "{got} for {want}");
    }
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
