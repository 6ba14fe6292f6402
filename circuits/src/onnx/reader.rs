//! A file as a graph: nodes in the order of the file, each name either known numbers or a function of a tensor.

use std::collections::{HashMap, HashSet};

use super::{
    attributes::Attributes,
    call::Call,
    error::Error,
    function::Function,
    graph::{Graph, Operation},
    input, operators,
    options::Options,
    proto::{GraphProto, ModelProto, NodeProto},
    refusal::{Refusal, operand},
    tensor::{STRING, Tensor},
    value::{Activation, Value},
    view::view,
};
use crate::network::Dims;

/// What is known of a graph after some of its nodes.
pub(super) struct Reader {
    pub(super) graph: Graph,
    /// By name.
    values: HashMap<String, Value>,
    /// Maps of each tensor.
    maps: HashMap<usize, Vec<usize>>,
}

/// The graph of a file, and the shape of its input.
pub(super) fn read(file: &ModelProto, options: &Options) -> Result<Graph, Error> {
    let graph = file.graph.as_ref().ok_or_else(|| Error::Graph {
        place: "model".into(),
        problem: "the file has none".into(),
        remedy: "export the model again".into(),
    })?;
    let output = super::output::choose(graph, options)?;
    let nodes = needed(graph, &output)?;
    let mut reader = Reader::new(graph, options)?;
    for node in nodes {
        reader.run(file, node)?;
    }
    reader.finish(&output)
}

/// The nodes that an output needs, in the order of the file.
fn needed<'a>(graph: &'a GraphProto, output: &str) -> Result<Vec<&'a NodeProto>, Error> {
    let mut makers = HashMap::new();
    for (index, node) in graph.node.iter().enumerate() {
        for name in node.output.iter().filter(|name| !name.is_empty()) {
            if makers.insert(name.as_str(), index).is_some() {
                return Err(Error::Graph {
                    place: format!("value {name:?}"),
                    problem: "two nodes compute it".into(),
                    remedy: "want one node for each name".into(),
                });
            }
        }
    }
    let mut wanted = vec![output];
    let mut found = HashSet::new();
    while let Some(name) = wanted.pop() {
        if let Some(&index) = makers.get(name)
            && found.insert(index)
        {
            wanted.extend(graph.node[index].input.iter().map(String::as_str));
        }
    }
    let nodes = graph.node.iter().enumerate();
    Ok(nodes
        .filter(|(index, _)| found.contains(index))
        .map(|(_, node)| node)
        .collect())
}

impl Reader {
    fn new(graph: &GraphProto, options: &Options) -> Result<Self, Error> {
        let mut values = HashMap::new();
        for message in graph
            .initializer
            .iter()
            .filter(|message| message.data_type != STRING)
        {
            let tensor = Tensor::read(message).map_err(|problem| Error::Tensor {
                name: message.name.clone(),
                problem,
            })?;
            values.insert(message.name.clone(), Value::from(tensor));
        }
        // Old files list their constants among the inputs.
        let open = graph
            .input
            .iter()
            .filter(|input| !values.contains_key(&input.name));
        let input = input::only(&open.collect::<Vec<_>>(), options)?;
        let dims = view(&input.shape);
        let activation = Activation {
            tensor: 0,
            shape: input.shape,
            function: Function::X,
            kind: input.kind,
        };
        values.insert(input.name, Value::Activation(activation));
        Ok(Self {
            graph: Graph {
                input: dims,
                pin: None,
                nodes: vec![],
                output: 0,
                notes: vec![],
            },
            values,
            maps: HashMap::new(),
        })
    }

    fn run(&mut self, file: &ModelProto, node: &NodeProto) -> Result<(), Error> {
        let results = self.call(file, node).map_err(|refusal| refusal.at(node))?;
        for (name, value) in node.output.iter().zip(results) {
            if !name.is_empty() {
                self.values.insert(name.clone(), value);
            }
        }
        Ok(())
    }

    fn call(&mut self, file: &ModelProto, node: &NodeProto) -> Result<Vec<Value>, Refusal> {
        let known = |name: &String| match self.values.get(name) {
            _ if name.is_empty() => Ok(None),
            Some(value) => Ok(Some(value.clone())),
            None => Err(operand(
                format!("input {name:?} has no value yet"),
                "sort the nodes topologically",
            )),
        };
        let inputs = node.input.iter().map(known).collect::<Result<_, _>>()?;
        let domain = |set: &str| {
            if set == "ai.onnx" {
                String::new()
            } else {
                set.to_owned()
            }
        };
        let opsets = file.opset_import.iter();
        let opset = opsets
            .filter(|set| domain(&set.domain) == domain(&node.domain))
            .map(|set| set.version)
            .max();
        let call = Call {
            node,
            attributes: Attributes::of(node),
            inputs,
            opset: opset.unwrap_or(1),
        };
        let results = operators::run(self, &call)?;
        call.attributes.finish()?;
        Ok(results)
    }

    fn finish(mut self, output: &str) -> Result<Graph, Error> {
        let refuse = |problem: &str, remedy: &str| Error::Graph {
            place: format!("output {output:?}"),
            problem: problem.into(),
            remedy: remedy.into(),
        };
        match self.values.get(output).cloned() {
            Some(Value::Activation(activation)) => {
                let activation = self.whole(&activation, output);
                if activation.tensor == 0 {
                    return Err(refuse("it is the input", "want at least one layer"));
                }
                self.graph.output = activation.tensor;
                Ok(self.graph)
            }
            Some(Value::Constant(_)) => {
                Err(refuse("it does not depend on the input", "want a network"))
            }
            Some(Value::Statistic(_) | Value::Nothing) => Err(refuse(
                "it is not computed",
                "choose another output with --output",
            )),
            None => Err(refuse("no node computes it", "export the model again")),
        }
    }

    /// Appends a node; its tensor.
    pub(super) fn push(&mut self, name: &str, operation: Operation, dims: Dims) -> usize {
        self.graph.push(name, operation, dims)
    }

    /// The activation as a tensor of its own: its function is computed.
    pub(super) fn whole(&mut self, activation: &Activation, name: &str) -> Activation {
        if activation.function.is_identity() {
            return activation.clone();
        }
        let tensor = self.map(activation.tensor, &activation.function, name);
        Activation {
            tensor,
            function: Function::X,
            ..activation.clone()
        }
    }

    fn map(&mut self, tensor: usize, function: &Function, name: &str) -> usize {
        // The function first, then the order: so it comes right behind the layer that it belongs to.
        if let Some((source, index)) = self.reordered(tensor) {
            let mapped = self.map_directly(source, function, name);
            let dims = self.graph.dims(tensor);
            let gather = Operation::Gather {
                inputs: vec![mapped],
                index: Some(index),
            };
            return self.push(name, gather, dims);
        }
        self.map_directly(tensor, function, name)
    }

    fn map_directly(&mut self, tensor: usize, function: &Function, name: &str) -> usize {
        let known = self.maps.get(&tensor).into_iter().flatten();
        for &map in known {
            if let Some(node) = self.graph.producer(map)
                && let Operation::Map {
                    function: known, ..
                } = &node.operation
                && known == function
            {
                return map;
            }
        }
        let dims = self.graph.dims(tensor);
        let operation = Operation::Map {
            input: tensor,
            function: function.clone(),
            pin: None,
        };
        let map = self.push(name, operation, dims);
        self.maps.entry(tensor).or_default().push(map);
        map
    }

    /// The tensor behind a mere reordering of all its values, and the order.
    pub(super) fn reordered(&self, tensor: usize) -> Option<(usize, Vec<u32>)> {
        let Operation::Gather {
            inputs,
            index: Some(index),
        } = &self.graph.producer(tensor)?.operation
        else {
            return None;
        };
        let &[input] = inputs.as_slice() else {
            return None;
        };
        let mut seen = vec![false; self.graph.dims(input).len()];
        for &from in index {
            if std::mem::replace(seen.get_mut(from as usize)?, true) {
                return None;
            }
        }
        (index.len() == seen.len()).then(|| (input, index.clone()))
    }

    /// Values of an activation picked by index, in a shape.
    pub(super) fn pick(
        &mut self,
        activation: &Activation,
        shape: Vec<usize>,
        index: Vec<u32>,
        name: &str,
    ) -> Activation {
        let whole = self.whole(activation, name);
        let length = self.graph.dims(whole.tensor).len();
        let identity = |index: &[u32], length: usize| {
            index.len() == length
                && index
                    .iter()
                    .enumerate()
                    .all(|(i, &from)| i == from as usize)
        };
        if identity(&index, length) {
            return whole.shaped(shape);
        }
        let (mut source, mut index) = (whole.tensor, index);
        if let Some(node) = self.graph.producer(source)
            && let Operation::Gather {
                inputs,
                index: before,
            } = &node.operation
            && let &[input] = inputs.as_slice()
        {
            if let Some(before) = before {
                index = index.iter().map(|&from| before[from as usize]).collect();
            }
            source = input;
        }
        let tensor = if identity(&index, self.graph.dims(source).len()) {
            source
        } else {
            let gather = Operation::Gather {
                inputs: vec![source],
                index: Some(index),
            };
            self.push(name, gather, view(&shape))
        };
        Activation {
            tensor,
            shape,
            ..whole
        }
    }
}
