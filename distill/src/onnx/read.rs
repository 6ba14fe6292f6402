//! An ONNX graph as a float network: nodes in file order, each value either a constant, the input, or a function of
//! one dense layer's sums.

use std::collections::HashMap;

use super::error::OnnxError;
use super::network::{FloatLayer, FloatNetwork};
use super::proto::{GraphProto, ModelProto, ValueInfoProto};
use super::tensor::Tensor;
use super::value::Value;

/// The network of a file.
pub(super) fn network(file: &ModelProto) -> Result<FloatNetwork, OnnxError> {
    let graph = file.graph.as_ref().ok_or_else(|| OnnxError::Graph {
        place: "model".into(),
        problem: "the file has no graph".into(),
    })?;
    let mut reader = Reader::new(graph)?;
    for node in &graph.node {
        let name = node.output.first().cloned().unwrap_or_default();
        let value = reader.evaluate(node)?.map_err(|refusal| refusal.at(node))?;
        reader.values.insert(name, value);
    }
    reader.finish(graph)
}

/// A dense layer and what it reads.
pub(super) struct Dense {
    pub(super) from: Value,
    pub(super) layer: FloatLayer,
}

/// What is known of a graph after some of its nodes.
pub(super) struct Reader {
    pub(super) inputs: usize,
    /// By name.
    pub(super) values: HashMap<String, Value>,
    /// Every dense layer met.
    pub(super) dense: Vec<Dense>,
}

impl Reader {
    fn new(graph: &GraphProto) -> Result<Self, OnnxError> {
        let mut values = HashMap::new();
        for message in &graph.initializer {
            values.insert(
                message.name.clone(),
                Value::Constant(Tensor::read(message)?),
            );
        }
        // Old files list their constants among the inputs.
        let inputs: Vec<&ValueInfoProto> = graph
            .input
            .iter()
            .filter(|input| !values.contains_key(&input.name))
            .collect();
        let &[input] = inputs.as_slice() else {
            return Err(OnnxError::Graph {
                place: "inputs".into(),
                problem: format!("{} inputs, want one", inputs.len()),
            });
        };
        let inputs = width(input)?;
        values.insert(input.name.clone(), Value::Input);
        Ok(Self {
            inputs,
            values,
            dense: vec![],
        })
    }

    /// The chain of layers from the graph's output back to its input.
    fn finish(self, graph: &GraphProto) -> Result<FloatNetwork, OnnxError> {
        let problem = |problem: &str| OnnxError::Graph {
            place: "outputs".into(),
            problem: problem.into(),
        };
        let [output] = graph.output.as_slice() else {
            return Err(problem("want one output, the logits"));
        };
        let mut layers = Vec::new();
        let mut value = self.values.get(&output.name);
        while let Some(Value::Function { layer, function }) = value {
            let dense = self.dense.get(*layer);
            let dense = dense.ok_or_else(|| problem("the graph has no such layer"))?;
            layers.push(FloatLayer {
                activation: function.clone(),
                ..dense.layer.clone()
            });
            value = Some(&dense.from);
        }
        if layers.is_empty() || value != Some(&Value::Input) {
            return Err(problem(
                "the output does not come from dense layers on the input",
            ));
        }
        layers.reverse();
        Ok(FloatNetwork {
            inputs: self.inputs,
            layers,
        })
    }
}

/// The last dimension of the input; those before must be 1 or unknown.
fn width(input: &ValueInfoProto) -> Result<usize, OnnxError> {
    let shape = input.r#type.as_ref();
    let shape = shape.and_then(|t| t.tensor_type.as_ref()?.shape.as_ref());
    let dims: Vec<Option<i64>> = shape
        .map(|shape| shape.dim.iter().map(|dim| dim.dim_value).collect())
        .unwrap_or_default();
    match dims.as_slice() {
        [Some(n)] | [None | Some(1), Some(n)] if *n > 0 => Ok(*n as usize),
        _ => Err(OnnxError::Graph {
            place: format!("input {:?}", input.name),
            problem: format!(
                "shape {dims:?}, want [batch, inputs] with a fixed number of inputs and a batch of 1"
            ),
        }),
    }
}
