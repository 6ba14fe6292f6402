//! From a graph over the reals to a network over the integers.

mod linear;
mod logits;
mod lookup;
mod norm;
mod pick;
mod plan;
pub(super) mod tables;

use std::collections::HashMap;

use logits::{Logits, logits, readers};
use tables::{Rule, Tables};

use super::{
    error::Error,
    function::Function,
    graph::{Graph, Node, Operation, Pin},
    options::Options,
    ranges::Ranges,
    scales::Scales,
};
use crate::network::{self, Dims, FORMAT, Input, Network, Operator};

/// A tensor of the network and what its integers stand for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quantity {
    /// Tensor of the network.
    pub(super) tensor: usize,
    /// What 1 stands for.
    pub(super) scale: f64,
    /// Smallest integer in the worst case.
    pub(super) low: i64,
    /// Largest.
    pub(super) high: i64,
}

/// Where a tensor of the network comes from.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    /// Tensor of the graph.
    pub(super) of: usize,
    /// What 1 stands for.
    pub(super) scale: f64,
    /// What its table says.
    pub(super) rule: Option<Rule>,
}

/// A network with the meaning of its integers.
#[derive(Debug)]
pub(super) struct Lowered {
    pub(super) network: Network,
    /// Of every tensor of the network, the input first.
    pub(super) origins: Vec<Origin>,
    /// Tensor of the graph that the output is.
    pub(super) output: usize,
    pub(super) notes: Vec<String>,
}

/// A network being made.
struct Lowering<'a> {
    graph: &'a Graph,
    options: &'a Options,
    ranges: &'a Ranges,
    scales: Scales,
    nodes: Vec<network::Node>,
    dims: Vec<Dims>,
    origins: Vec<Origin>,
    tables: Tables,
    /// Of every tensor of the graph that has integers.
    quantities: Vec<Option<Quantity>>,
    /// Tensors of the network in other shapes.
    reshaped: HashMap<(usize, Dims), usize>,
    notes: Vec<String>,
}

/// The network of a graph.
pub(super) fn lower(graph: &Graph, ranges: &Ranges, options: &Options) -> Result<Lowered, Error> {
    let scales = Scales::of(graph, ranges, options);
    let input = scales.at(0);
    let mut lowering = Lowering {
        graph,
        options,
        ranges,
        scales,
        nodes: vec![],
        dims: vec![graph.input],
        origins: vec![Origin {
            of: 0,
            scale: input.scale,
            rule: None,
        }],
        tables: Tables::default(),
        quantities: vec![None; graph.nodes.len() + 1],
        reshaped: HashMap::new(),
        notes: graph.notes.clone(),
    };
    lowering.quantities[0] = Some(Quantity {
        tensor: 0,
        scale: input.scale,
        low: input.low.into(),
        high: input.high.into(),
    });
    let output = lowering.run()?;
    let network = Network {
        format: FORMAT.to_owned(),
        input: Input {
            dims: graph.input,
            low: input.low,
            high: input.high,
        },
        tables: lowering.tables.write(),
        nodes: lowering.nodes,
    };
    network.validate()?;
    Ok(Lowered {
        network,
        origins: lowering.origins,
        output,
        notes: lowering.notes,
    })
}

impl Lowering<'_> {
    /// Every node; the tensor of the graph that the output is.
    fn run(&mut self) -> Result<usize, Error> {
        let graph = self.graph;
        let readers = readers(graph);
        let logits = logits(graph, &readers);
        for (index, node) in graph.nodes.iter().enumerate() {
            let tensor = index + 1;
            let is_layer = matches!(
                node.operation,
                Operation::Linear(_) | Operation::Norm { .. }
            );
            let reader = readers[tensor].and_then(|reader| graph.producer(reader));
            let before_function =
                reader.is_some_and(|node| matches!(node.operation, Operation::Map { .. }));
            let quantity = match logits {
                Some(Logits { layer, .. }) if layer == tensor => self.logits(node, tensor)?,
                Some(Logits { layer, skipped }) if skipped == Some(tensor) => {
                    let note = format!(
                        "{}: the quantisation of the logits is left out, the outputs are sums",
                        node.name
                    );
                    self.notes.push(note);
                    self.quantity(layer, node)?
                }
                // Comes with its function.
                _ if is_layer && before_function => continue,
                _ => self.node(node, tensor, &readers)?,
            };
            self.quantities[tensor] = Some(quantity);
        }
        let Some(node) = graph.producer(graph.output) else {
            return Ok(graph.output);
        };
        let last = self.quantity(graph.output, node)?;
        if last.tensor + 1 != self.dims.len() {
            let dims = self.dims[last.tensor];
            self.gather(
                &node.name,
                vec![last.tensor],
                vec![],
                dims,
                self.origins[last.tensor].clone(),
            );
        }
        Ok(graph.output)
    }

    fn node(
        &mut self,
        node: &Node,
        tensor: usize,
        readers: &[Option<usize>],
    ) -> Result<Quantity, Error> {
        let target = self.scales.at(tensor);
        match &node.operation {
            Operation::Linear(linear) => {
                self.linear(node, linear, &Function::X, target, tensor, tensor)
            }
            Operation::Norm { .. } => self.norm(node, &Function::X, target, tensor, tensor),
            Operation::Map {
                input, function, ..
            } => {
                let layer = self
                    .graph
                    .producer(*input)
                    .filter(|_| readers[*input] == Some(tensor));
                match layer.map(|layer| (layer, &layer.operation)) {
                    Some((layer, Operation::Linear(linear))) => {
                        self.linear(layer, linear, function, target, tensor, *input)
                    }
                    Some((layer, Operation::Norm { .. })) => {
                        self.norm(layer, function, target, tensor, *input)
                    }
                    _ => {
                        let input = self.quantity(*input, node)?;
                        self.lookup(node, input, function, target, tensor)
                    }
                }
            }
            Operation::Maximum {
                input,
                view,
                kernel,
                stride,
                padding,
            } => {
                let input = self.quantity(*input, node)?;
                let operator = Operator::Maximum {
                    input: self.viewed(input.tensor, *view, node),
                    kernel: *kernel,
                    stride: *stride,
                    padding: *padding,
                };
                let tensor = self.push(
                    &node.name,
                    operator,
                    node.dims,
                    self.plain(tensor, input.scale),
                );
                Ok(Quantity { tensor, ..input })
            }
            Operation::Gather { inputs, index } => {
                self.picked(node, inputs, index.as_ref(), target, tensor)
            }
        }
    }

    /// The integers of a tensor of the graph.
    fn quantity(&self, tensor: usize, node: &Node) -> Result<Quantity, Error> {
        self.quantities[tensor]
            .ok_or_else(|| range(node, "its input has no integers", "report this file"))
    }

    /// A tensor of the network in another shape.
    fn viewed(&mut self, tensor: usize, view: Dims, node: &Node) -> usize {
        if self.dims[tensor] == view {
            return tensor;
        }
        if let Some(&known) = self.reshaped.get(&(tensor, view)) {
            return known;
        }
        let origin = Origin {
            rule: None,
            ..self.origins[tensor].clone()
        };
        let viewed = self.gather(&node.name, vec![tensor], vec![], view, origin);
        self.reshaped.insert((tensor, view), viewed);
        viewed
    }

    fn gather(
        &mut self,
        name: &str,
        inputs: Vec<usize>,
        index: Vec<u32>,
        dims: Dims,
        origin: Origin,
    ) -> usize {
        self.push(
            name,
            Operator::Gather {
                inputs,
                dims,
                index,
            },
            dims,
            origin,
        )
    }

    fn plain(&self, of: usize, scale: f64) -> Origin {
        Origin {
            of,
            scale,
            rule: None,
        }
    }

    /// Appends a node; its tensor.
    fn push(&mut self, name: &str, operator: Operator, dims: Dims, origin: Origin) -> usize {
        self.nodes.push(network::Node {
            name: name.to_owned(),
            operator,
        });
        self.dims.push(dims);
        self.origins.push(origin);
        self.dims.len() - 1
    }
}

/// The rule of a function between scales.
fn rule(function: &Function, step: f64, target: Pin) -> Rule {
    Rule {
        function: function.clone(),
        step,
        unit: target.scale,
        low: target.low,
        high: target.high,
    }
}

/// A tensor with the integers of a pin.
fn of_pin(tensor: usize, pin: Pin) -> Quantity {
    Quantity {
        tensor,
        scale: pin.scale,
        low: pin.low.into(),
        high: pin.high.into(),
    }
}

fn range(node: &Node, problem: &str, remedy: &'static str) -> Error {
    Error::Range {
        node: node.name.clone(),
        problem: problem.to_owned(),
        remedy,
    }
}
