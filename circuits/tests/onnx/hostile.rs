//! Damaged files: an error or a network, never a panic.

use std::{fs, path::PathBuf};

use prost::Message;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use veriregime_circuits::onnx::{
    Model, Options, Samples,
    proto::{GraphProto, ModelProto},
};

const FILES: [&str; 12] = [
    "mlp",
    "allconv",
    "polynomial",
    "mixer",
    "sk_logistic",
    "sk_mlp_binary",
    "qlinear",
    "qdq_mlp",
    "layernorm_old",
    "separable",
    "strided",
    "inception",
];

#[test]
fn damaged_files_are_refused_or_read_but_never_panic() {
    let iterations = std::env::var("VERIREGIME_FUZZ_ITERATIONS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(2_000);
    let mut generator = ChaCha8Rng::seed_from_u64(5);
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../test/onnx");
    let files = FILES.map(|name| fs::read(folder.join(format!("{name}.onnx"))).unwrap());
    let (mut read, mut made) = (0, 0);
    for iteration in 0..iterations {
        let mut bytes = files[iteration % files.len()].clone();
        for _ in 0..generator.gen_range(1..=4) {
            let at = generator.gen_range(0..bytes.len());
            match generator.gen_range(0..6) {
                0 => bytes[at] ^= 1 << generator.gen_range(0..8),
                1 => bytes[at] = generator.r#gen(),
                2 => {
                    bytes.remove(at);
                }
                3 => bytes.insert(at, generator.r#gen()),
                4 => bytes.truncate(at.max(1)),
                _ => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][generator.gen_range(0..5)],
            }
        }
        let options = Options::default();
        let Ok(model) = Model::read(&bytes, &options) else {
            continue;
        };
        read += 1;
        if model.inputs() > 4_096 {
            continue;
        }
        let input: Vec<f64> = (0..model.inputs())
            .map(|_| generator.gen_range(-2.0..2.0))
            .collect();
        made += u32::from(model.quantise(&Samples::new(vec![input]), &options).is_ok());
    }
    println!("{iterations} damaged files: {read} read, {made} quantised");
    assert!(read > 0 && read < iterations);
}

#[test]
fn calibration_files_of_any_kind_are_refused_or_read() {
    let good = [
        &b"[[1,2],[3,4]]"[..],
        b"[1,2]",
        br#"{"input_data":[[[1,2],[3,4]]]}"#,
    ];
    for text in good {
        assert!(Samples::parse(text).is_ok());
    }
    let bad = [
        &b""[..],
        b"{}",
        b"7",
        b"[[\"a\"]]",
        b"[[1e999]]",
        b"{\"input_data\":5}",
        b"[[null]]",
    ];
    for text in bad {
        assert!(
            Samples::parse(text).is_err(),
            "{}",
            String::from_utf8_lossy(text)
        );
    }
}

/// Values that are at the edge of something.
const EDGES: [i64; 16] = [
    0,
    1,
    -1,
    2,
    3,
    7,
    -2,
    255,
    65_536,
    1 << 24,
    1 << 31,
    -(1 << 31),
    1 << 40,
    i64::MAX,
    i64::MIN,
    i64::MAX - 1,
];

const OPERATORS: [&str; 44] = [
    "Add",
    "Sub",
    "Mul",
    "Div",
    "Pow",
    "MatMul",
    "Gemm",
    "Conv",
    "MaxPool",
    "AveragePool",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "ReduceMean",
    "ReduceMax",
    "Concat",
    "Split",
    "Slice",
    "Gather",
    "Transpose",
    "Reshape",
    "Flatten",
    "Squeeze",
    "Unsqueeze",
    "Expand",
    "Pad",
    "BatchNormalization",
    "LayerNormalization",
    "Softmax",
    "ArgMax",
    "QuantizeLinear",
    "DequantizeLinear",
    "QLinearConv",
    "QLinearMatMul",
    "Clip",
    "Relu",
    "Exp",
    "Log",
    "Sqrt",
    "Reciprocal",
    "Cast",
    "Shape",
    "ConstantOfShape",
    "Range",
    "PRelu",
];

/// One field of a well-formed file changed.
fn change(graph: &mut GraphProto, generator: &mut ChaCha8Rng) {
    let edge = EDGES[generator.gen_range(0..EDGES.len())];
    let names: Vec<String> = graph
        .node
        .iter()
        .flat_map(|node| node.output.iter().chain(&node.input).cloned())
        .collect();
    let name = names[generator.gen_range(0..names.len())].clone();
    let at = generator.gen_range(0..graph.node.len());
    let node = &mut graph.node[at];
    match generator.gen_range(0..9) {
        0 | 1 => {
            let count = node.attribute.len();
            if count > 0 {
                let attribute = &mut node.attribute[generator.gen_range(0..count)];
                attribute.i = edge;
                attribute.f = edge as f32;
                if !attribute.ints.is_empty() {
                    let which = generator.gen_range(0..attribute.ints.len());
                    attribute.ints[which] = edge;
                }
            }
        }
        2 => {
            let count = node.input.len();
            if count > 0 {
                node.input[generator.gen_range(0..count)] = name;
            }
        }
        3 => node.op_type = OPERATORS[generator.gen_range(0..OPERATORS.len())].into(),
        4 => node.input.push(name),
        5 => {
            node.input.pop();
        }
        6 => {
            if let Some(attribute) = node.attribute.first_mut() {
                let known = [
                    "axis",
                    "axes",
                    "perm",
                    "group",
                    "pads",
                    "strides",
                    "dilations",
                    "kernel_shape",
                    "alpha",
                    "epsilon",
                    "ceil_mode",
                ];
                attribute.name = known[generator.gen_range(0..known.len())].into();
            }
        }
        7 => {
            let count = graph.initializer.len();
            if count > 0 {
                let tensor = &mut graph.initializer[generator.gen_range(0..count)];
                match generator.gen_range(0..4) {
                    0 => tensor.dims.reverse(),
                    1 => tensor.dims.push(1),
                    2 => tensor.dims = vec![tensor.dims.iter().product()],
                    // Infinite, not a number, huge or tiny.
                    _ => {
                        let bits = [0x7f80_0000u32, 0xffc0_0000, 0x7f7f_ffff, 1, 0x8000_0000]
                            [generator.gen_range(0..5)];
                        tensor
                            .raw_data
                            .iter_mut()
                            .take(4)
                            .zip(bits.to_le_bytes())
                            .for_each(|(to, from)| *to = from);
                    }
                }
            }
        }
        _ => {
            let shape = graph.input[0]
                .r#type
                .as_mut()
                .and_then(|t| t.tensor_type.as_mut()?.shape.as_mut());
            if let Some(shape) = shape {
                let count = shape.dim.len();
                shape.dim[generator.gen_range(0..count)].dim_value = Some(edge.clamp(-1, 64));
            }
        }
    }
}

#[test]
fn files_with_changed_fields_are_refused_or_read_but_never_panic() {
    let iterations = std::env::var("VERIREGIME_FUZZ_ITERATIONS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(2_000);
    let mut generator = ChaCha8Rng::seed_from_u64(11);
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../test/onnx");
    let files = FILES.map(|name| {
        let bytes = fs::read(folder.join(format!("{name}.onnx"))).unwrap();
        ModelProto::decode(bytes.as_slice()).unwrap()
    });
    let (mut read, mut made) = (0, 0);
    for iteration in 0..iterations {
        let mut file = files[iteration % files.len()].clone();
        for _ in 0..generator.gen_range(1..=3) {
            change(file.graph.as_mut().unwrap(), &mut generator);
        }
        let options = Options::default();
        let Ok(model) = Model::read(&file.encode_to_vec(), &options) else {
            continue;
        };
        read += 1;
        let input: Vec<f64> = (0..model.inputs())
            .map(|_| generator.gen_range(-2.0..2.0))
            .collect();
        made += u32::from(model.quantise(&Samples::new(vec![input]), &options).is_ok());
    }
    println!("{iterations} changed files: {read} read, {made} quantised");
    assert!(read > 0 && read < iterations);
}
