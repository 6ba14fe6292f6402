//! A float network as an ONNX graph: Gemm, then Relu or Mul and Add (Horner's scheme).

use super::error::OnnxError;
use super::metadata::Metadata;
use super::network::{FloatActivation, FloatNetwork};
use super::proto::{
    ATTRIBUTE_INT, AttributeProto, DimensionProto, FLOAT, GraphProto, ModelProto, NodeProto,
    OperatorSetIdProto, StringStringEntryProto, TensorShapeProto, TensorTypeProto, TypeProto,
    ValueInfoProto,
};
use super::tensor::Tensor;

/// Operator set: the first in which every operator used has its present form.
const OPSET: i64 = 13;
/// Version of the file format that belongs to it.
const IR_VERSION: i64 = 7;
pub(super) const INPUT: &str = "window";
pub(super) const OUTPUT: &str = "logits";

/// The file of a network.
pub(super) fn model(network: &FloatNetwork, metadata: &Metadata) -> Result<ModelProto, OnnxError> {
    let mut graph = GraphProto {
        name: "veriregime".into(),
        input: vec![value(INPUT, network.inputs, FLOAT)],
        output: vec![value(
            OUTPUT,
            network.layers.last().map_or(0, |layer| layer.bias.len()),
            FLOAT,
        )],
        ..GraphProto::default()
    };
    let mut from = INPUT.to_owned();
    for (index, layer) in network.layers.iter().enumerate() {
        let (weights, bias) = (format!("weights{index}"), format!("bias{index}"));
        let outputs = layer.bias.len();
        let inputs = layer.weights.first().map_or(0, Vec::len);
        graph.initializer.extend([
            Tensor::message(&weights, &[outputs, inputs], &layer.weights.concat()),
            Tensor::message(&bias, &[outputs], &layer.bias),
        ]);
        let last = index + 1 == network.layers.len();
        let to = if last {
            OUTPUT.to_owned()
        } else {
            format!("sums{index}")
        };
        let mut gemm = node("Gemm", &[&from, &weights, &bias], &to);
        gemm.attribute.push(AttributeProto {
            name: "transB".into(),
            i: 1,
            r#type: ATTRIBUTE_INT,
            ..AttributeProto::default()
        });
        graph.node.push(gemm);
        from = if last {
            to
        } else {
            activation(&mut graph, index, &layer.activation, &to)
        };
    }
    Ok(file(graph, metadata.entries()?))
}

/// A file with a graph and what is noted beside it.
pub(super) fn file(graph: GraphProto, metadata_props: Vec<StringStringEntryProto>) -> ModelProto {
    ModelProto {
        ir_version: IR_VERSION,
        producer_name: "veriregime".into(),
        graph: Some(graph),
        opset_import: vec![OperatorSetIdProto {
            domain: String::new(),
            version: OPSET,
        }],
        metadata_props,
    }
}

/// Appends an activation's nodes; returns the name of its value.
fn activation(graph: &mut GraphProto, layer: usize, function: &FloatActivation, x: &str) -> String {
    let coefficients = match function {
        FloatActivation::Relu => {
            let to = format!("hidden{layer}");
            graph.node.push(node("Relu", &[x], &to));
            return to;
        }
        FloatActivation::Polynomial(coefficients) => coefficients,
    };
    let mut terms = coefficients.iter().enumerate().rev();
    let Some((degree, &leading)) = terms.next() else {
        return x.to_owned();
    };
    // c_d x, then for each lower power: add its coefficient, multiply by x.
    let mut value = x.to_owned();
    if leading != 1.0 {
        value = with_constant(graph, "Mul", &value, leading, layer, degree);
    }
    for (power, &c) in terms {
        if c != 0.0 {
            value = with_constant(graph, "Add", &value, c, layer, power);
        }
        if power > 0 {
            let to = format!("power{layer}_{power}");
            graph.node.push(node("Mul", &[&value, x], &to));
            value = to;
        }
    }
    value
}

/// Appends `value operator constant`; returns the name of the result.
fn with_constant(
    graph: &mut GraphProto,
    operator: &str,
    value: &str,
    constant: f64,
    layer: usize,
    power: usize,
) -> String {
    let name = format!("coefficient{layer}_{power}");
    let to = format!("term{layer}_{power}");
    graph
        .initializer
        .push(Tensor::message(&name, &[1, 1], &[constant as f32]));
    graph.node.push(node(operator, &[value, &name], &to));
    to
}

/// A node with one result.
pub(super) fn node(operator: &str, inputs: &[&str], to: &str) -> NodeProto {
    NodeProto {
        input: inputs.iter().map(|&name| name.to_owned()).collect(),
        output: vec![to.to_owned()],
        name: format!("{operator}_{to}"),
        op_type: operator.to_owned(),
        ..NodeProto::default()
    }
}

/// An input or output of one row.
pub(super) fn value(name: &str, width: usize, elem_type: i32) -> ValueInfoProto {
    let dim = [1, width].map(|size| DimensionProto {
        dim_value: Some(size as i64),
        ..DimensionProto::default()
    });
    ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto {
            tensor_type: Some(TensorTypeProto {
                elem_type,
                shape: Some(TensorShapeProto { dim: dim.into() }),
            }),
        }),
    }
}
