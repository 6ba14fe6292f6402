//! A file as a graph: nodes in the order of the file, each name either known numbers or a function of a tensor.

use std::collections::{HashMap, HashSet};

use super::{
    attributes::Attributes,
    call::Call,
    error::Error,
    function::Function,
    graph::Graph,
    input, operators,
    options::Options,
    proto::{GraphProto, ModelProto, NodeProto},
    refusal::{Refusal, operand},
    tensor::{STRING, Tensor},
    value::{Activation, Value},
    view::view,
};

/// What is known of a graph after some of its nodes.
pub(super) struct Reader {
    pub(super) graph: Graph,
    /// By name.
    values: HashMap<String, Value>,
    /// Maps of each tensor.
    pub(super) maps: HashMap<usize, Vec<usize>>,
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
}
