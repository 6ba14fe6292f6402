//! A convolutional teacher as an ONNX graph.
//!
//! ```text
//! window (496 int8) --DequantizeLinear (1 / steps per deviation)--+-- minutes [1, 8, 60] --Conv, Relu, Conv, Relu, GlobalAveragePool--Gemm--+
//!                                                                 +-- context [1, 16] --Gemm-----------------------------------------------Add--Relu, Gemm--> logits
//! ```
//!
//! The offsets that are added before the largest logit is taken are part of the last bias. The dense layer over pooled channels and
//! context is written as two whose results are added: the same sums, but the channels' integers may have another scale than the
//! context's, which are the window's ([`Head::Joined`] writes the concatenation, for comparison).

use std::collections::HashMap;

use veriregime_circuits::onnx::tensor::{INT8, INT64};
use veriregime_features::{CONTEXT_START, FEATURES, INPUTS, WINDOW};

use super::error::OnnxError;
use super::proto::{
    ATTRIBUTE_INT, AttributeProto, FLOAT, GraphProto, ModelProto, NodeProto, TensorProto,
};
use super::tensor::Tensor;
use super::write::{INPUT, OUTPUT, file, node, value};
use crate::Error;
use crate::data::scale_fit::STEPS_PER_DEVIATION;
use crate::network::{Architecture, Network};
use crate::shipped::ShippedTeacher;

/// `AttributeProto.AttributeType.INTS`.
const ATTRIBUTE_INTS: i32 = 7;

/// How the head reads pooled channels and context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// Two layers, added.
    Parted,
    /// One layer over the concatenation.
    Joined,
}

/// Weights `[outputs, inputs]` and bias of a layer.
struct Layer {
    weight: Vec<Vec<f32>>,
    bias: Vec<f32>,
}

/// The file of a teacher.
pub(super) fn model(teacher: &ShippedTeacher, head: Head) -> Result<ModelProto, Error> {
    let architecture = teacher.network.architecture();
    if architecture != Architecture::Context {
        return Err(OnnxError::Architecture {
            found: architecture.name(),
            expected: Architecture::Context.name(),
        }
        .into());
    }
    let layers = Layers::of(teacher)?;
    let [first, second, hidden] = ["first", "second", "head0"].map(|name| layers.take(name));
    let (first, second, hidden, mut last) = (first?, second?, hidden?, layers.take("head1")?);
    for (bias, offset) in last.bias.iter_mut().zip(&teacher.offsets) {
        *bias += *offset as f32;
    }
    let mut graph = GraphProto {
        name: "teacher".into(),
        input: vec![value(INPUT, INPUTS, INT8)],
        output: vec![value(OUTPUT, last.bias.len(), FLOAT)],
        ..GraphProto::default()
    };
    let unit = (1.0 / STEPS_PER_DEVIATION) as f32;
    let zero = TensorProto {
        data_type: INT8,
        name: "zero".into(),
        raw_data: vec![0],
        ..TensorProto::default()
    };
    graph
        .initializer
        .extend([Tensor::message("unit", &[], &[unit]), zero]);
    graph.node.push(node(
        "DequantizeLinear",
        &[INPUT, "unit", "zero"],
        "deviations",
    ));
    slice(&mut graph, "minutes", 0, CONTEXT_START);
    slice(&mut graph, "context", CONTEXT_START, INPUTS);
    let shape = [1, WINDOW as i64, FEATURES as i64];
    graph.initializer.push(integers("shape", &shape));
    graph
        .node
        .push(node("Reshape", &["minutes", "shape"], "rows"));
    let mut transpose = node("Transpose", &["rows"], "features");
    transpose.attribute.push(ints("perm", &[0, 2, 1]));
    graph.node.push(transpose);
    convolution(&mut graph, &first, FEATURES, "features", "first");
    convolution(&mut graph, &second, first.bias.len(), "first", "second");
    graph
        .node
        .push(node("GlobalAveragePool", &["second"], "averages"));
    graph.node.push(node("Flatten", &["averages"], "pooled"));
    let sums = joint(&mut graph, hidden, second.bias.len(), head);
    graph.node.push(node("Relu", &[&sums], "hidden"));
    dense(&mut graph, &last.weight, Some(&last.bias), "hidden", OUTPUT);
    Ok(file(graph, vec![]))
}

/// The teacher's layers by name.
struct Layers(HashMap<String, candle_core::Var>);

impl Layers {
    fn of(teacher: &ShippedTeacher) -> Result<Self, Error> {
        Ok(Self(teacher.network.variables().into_iter().collect()))
    }

    fn take(&self, name: &str) -> Result<Layer, Error> {
        let variable = |part: &str| {
            let name = format!("{name}.{part}");
            self.0.get(&name).ok_or_else(|| OnnxError::Tensor {
                problem: "the teacher has no such tensor".into(),
                name,
            })
        };
        Ok(Layer {
            weight: variable("weight")?.to_vec2()?,
            bias: variable("bias")?.to_vec1()?,
        })
    }
}

/// Appends the values of a part of the window.
fn slice(graph: &mut GraphProto, name: &str, from: usize, to: usize) {
    let parts = [("from", from as i64), ("to", to as i64), ("axis", 1)];
    let names = parts.map(|(part, number)| {
        let name = format!("{name}_{part}");
        graph.initializer.push(integers(&name, &[number]));
        name
    });
    let [from, to, axis] = names.each_ref().map(String::as_str);
    graph
        .node
        .push(node("Slice", &["deviations", from, to, axis], name));
}

/// Appends a convolution and its Relu. The teacher's weights are ordered by offset, then channel; ONNX has channels first.
fn convolution(graph: &mut GraphProto, layer: &Layer, channels: usize, from: &str, to: &str) {
    let (weights, bias) = (format!("{to}_weights"), format!("{to}_bias"));
    let width = layer.weight.first().map_or(0, Vec::len);
    let kernel = width / channels.max(1);
    let ordered = layer.weight.iter().flat_map(|row| {
        (0..channels).flat_map(move |channel| row.iter().skip(channel).step_by(channels).copied())
    });
    let values: Vec<f32> = ordered.collect();
    let dims = [layer.bias.len(), channels, kernel];
    graph.initializer.extend([
        Tensor::message(&weights, &dims, &values),
        Tensor::message(&bias, &[layer.bias.len()], &layer.bias),
    ]);
    let sums = format!("{to}_sums");
    let mut conv = node("Conv", &[from, &weights, &bias], &sums);
    conv.attribute.push(ints("kernel_shape", &[kernel as i64]));
    graph.node.push(conv);
    graph.node.push(node("Relu", &[&sums], to));
}

/// Appends the layer over pooled channels and context; returns the name of its sums.
fn joint(graph: &mut GraphProto, layer: Layer, pooled: usize, head: Head) -> String {
    match head {
        Head::Joined => {
            let mut concat = node("Concat", &["pooled", "context"], "joined");
            concat.attribute.push(int("axis", 1));
            graph.node.push(concat);
            dense(graph, &layer.weight, Some(&layer.bias), "joined", "sums");
        }
        Head::Parted => {
            let columns = |range: std::ops::RangeFrom<usize>, most: usize| -> Vec<Vec<f32>> {
                let part =
                    |row: &Vec<f32>| row.iter().skip(range.start).take(most).copied().collect();
                layer.weight.iter().map(part).collect()
            };
            let (channels, context) = (columns(0.., pooled), columns(pooled.., usize::MAX));
            dense(graph, &channels, Some(&layer.bias), "pooled", "of_channels");
            dense(graph, &context, None, "context", "of_context");
            graph
                .node
                .push(node("Add", &["of_channels", "of_context"], "sums"));
        }
    }
    "sums".into()
}

/// Appends a dense layer.
fn dense(graph: &mut GraphProto, weight: &[Vec<f32>], bias: Option<&[f32]>, from: &str, to: &str) {
    let (weights, biases) = (format!("{to}_weights"), format!("{to}_bias"));
    let inputs = weight.first().map_or(0, Vec::len);
    let message = Tensor::message(&weights, &[weight.len(), inputs], &weight.concat());
    graph.initializer.push(message);
    let mut names = vec![from, &weights];
    if let Some(bias) = bias {
        let message = Tensor::message(&biases, &[bias.len()], bias);
        graph.initializer.push(message);
        names.push(&biases);
    }
    let mut gemm: NodeProto = node("Gemm", &names, to);
    gemm.attribute.push(int("transB", 1));
    graph.node.push(gemm);
}

fn integers(name: &str, values: &[i64]) -> TensorProto {
    TensorProto {
        dims: vec![values.len() as i64],
        data_type: INT64,
        name: name.to_owned(),
        raw_data: values.iter().flat_map(|v| v.to_le_bytes()).collect(),
        ..TensorProto::default()
    }
}

fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto {
        name: name.into(),
        i,
        r#type: ATTRIBUTE_INT,
        ..AttributeProto::default()
    }
}

fn ints(name: &str, ints: &[i64]) -> AttributeProto {
    AttributeProto {
        name: name.into(),
        ints: ints.to_vec(),
        r#type: ATTRIBUTE_INTS,
        ..AttributeProto::default()
    }
}
