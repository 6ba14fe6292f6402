//! Pools, orders and shapes against numbers worked out by hand, over the reals and over the integers.

use crate::file::{File, SQUARE, int, ints, square};

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
