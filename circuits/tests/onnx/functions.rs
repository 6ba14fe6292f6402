//! Functions of one value against numbers worked out by hand, over the reals and over the integers.

use crate::file::{File, float, identity, int};

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
