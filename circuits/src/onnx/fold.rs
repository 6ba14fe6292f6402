//! Fewer and better nodes: factors and offsets become part of the layer before them, padding of the one behind.

use super::graph::{Graph, Linear, Node, Operation, Term};

/// The same network in fewer nodes.
pub(super) fn fold(graph: Graph) -> Graph {
    let mut graph = without_unused(graph);
    // A node that is folded into its only reader is read by nobody then; no other count changes.
    let mut uses = graph.uses();
    for index in 0..graph.nodes.len() {
        let (nodes, rest) = graph.nodes.split_at_mut(index);
        let Some(node) = rest.first_mut() else {
            break;
        };
        let before = Before {
            nodes,
            uses: &mut uses,
        };
        match &mut node.operation {
            Operation::Linear(linear) => before.into_linear(linear, &mut node.name),
            Operation::Map { .. } => before.into_map(node),
            _ => {}
        }
    }
    let graph = without_unused(graph);
    without_unused(functions_before_pools(graph))
}

/// The nodes before one, and how often each is read.
struct Before<'a> {
    nodes: &'a [Node],
    uses: &'a mut Vec<usize>,
}

impl Before<'_> {
    /// The layer that makes a tensor, if only one node reads it.
    fn layer(&self, tensor: usize) -> Option<(&Node, &Linear)> {
        if self.uses[tensor] != 1 {
            return None;
        }
        let node = self.nodes.get(tensor.checked_sub(1)?)?;
        match &node.operation {
            Operation::Linear(linear) => Some((node, linear)),
            _ => None,
        }
    }

    /// Layers under the factors of a sum become its terms; zeros around an input become padding.
    fn into_linear(self, linear: &mut Linear, name: &mut String) {
        let single = linear.terms.len() == 1;
        let mut terms = Vec::with_capacity(linear.terms.len());
        let mut folded = Vec::new();
        for term in &linear.terms {
            let layer = self
                .layer(term.input)
                .filter(|(node, _)| term.is_diagonal() && node.dims == term.view);
            let Some((node, layer)) = layer else {
                terms.push(term.clone());
                continue;
            };
            let scaled = scaled(layer, &term.weights);
            for (bias, more) in linear.bias.iter_mut().zip(&scaled.bias) {
                *bias += more;
            }
            if single {
                name.clone_from(&node.name);
                let plain = linear.bias.iter().all(|&b| b == 0.0);
                linear.average = scaled.average.filter(|_| plain);
            }
            terms.extend(scaled.terms);
            folded.push(term.input);
        }
        for term in &mut terms {
            if let Some((_, layer)) = self.layer(term.input)
                && let Some(pad) = zeros_around(layer)
            {
                folded.push(term.input);
                term.input = pad.input;
                term.view = pad.view;
                term.padding
                    .iter_mut()
                    .zip(pad.padding)
                    .for_each(|(to, more)| *to += more);
            }
        }
        linear.terms = terms;
        folded.into_iter().for_each(|tensor| self.uses[tensor] = 0);
    }

    /// A factor and an offset of a layer become part of it.
    fn into_map(self, node: &mut Node) {
        let Operation::Map {
            input,
            function,
            pin,
        } = &mut node.operation
        else {
            return;
        };
        let input = *input;
        let Some((factor, offset)) = function
            .affine()
            .filter(|_| !function.is_identity() || pin.is_none())
        else {
            return;
        };
        if !factor.is_finite() || !offset.is_finite() || factor == 0.0 {
            return;
        }
        let Some((layer_node, layer)) = self.layer(input) else {
            return;
        };
        let channels = layer.bias.len();
        if pin.is_some() || layer_node.dims.0 != channels {
            return;
        }
        let mut folded = scaled(layer, &vec![factor; channels]);
        folded.bias.iter_mut().for_each(|bias| *bias += offset);
        let dims = layer_node.dims;
        *node = Node {
            name: layer_node.name.clone(),
            operation: Operation::Linear(folded),
            dims,
        };
        self.uses[input] = 0;
    }
}

/// A layer with every output channel multiplied by a factor.
fn scaled(layer: &Linear, factors: &[f64]) -> Linear {
    let unchanged = factors.iter().all(|&f| f == 1.0);
    let terms = layer.terms.iter().map(|term| {
        let length = term.weights.len() / term.outputs.max(1);
        let rows = term.weights.chunks(length.max(1)).zip(factors);
        Term {
            weights: rows
                .flat_map(|(row, &factor)| row.iter().map(move |w| w * factor))
                .collect(),
            pin: term.pin.filter(|_| unchanged),
            ..term.clone()
        }
    });
    Linear {
        terms: terms.collect(),
        bias: layer.bias.iter().zip(factors).map(|(b, f)| b * f).collect(),
        average: layer.average.filter(|_| unchanged),
    }
}

/// The term of a layer that only puts zeros around its input.
fn zeros_around(layer: &Linear) -> Option<&Term> {
    let [term] = layer.terms.as_slice() else {
        return None;
    };
    let bare = Term {
        padding: [0; 4],
        ..term.clone()
    };
    let plain = term.weights.iter().all(|&w| w == 1.0) && layer.bias.iter().all(|&b| b == 0.0);
    (plain && bare.is_diagonal() && term.padding != [0; 4]).then_some(term)
}

/// Functions that never fall are computed before the largest value is taken: the layer before can have them as its table.
fn functions_before_pools(mut graph: Graph) -> Graph {
    let uses = graph.uses();
    for index in 0..graph.nodes.len() {
        let Operation::Map {
            input,
            function,
            pin,
        } = graph.nodes[index].operation.clone()
        else {
            continue;
        };
        let Some(pool) = input
            .checked_sub(1)
            .filter(|_| uses[input] == 1 && function.is_monotone())
        else {
            continue;
        };
        let Operation::Maximum { input: source, .. } = graph.nodes[pool].operation else {
            continue;
        };
        let layer = graph
            .producer(source)
            .is_some_and(|node| matches!(node.operation, Operation::Linear(_)));
        if !layer || uses[source] != 1 {
            continue;
        }
        // The two nodes change places.
        let (pool_dims, pool_name) = (graph.nodes[pool].dims, graph.nodes[pool].name.clone());
        let mut maximum = graph.nodes[pool].operation.clone();
        maximum.rename(|_| input);
        let map = Operation::Map {
            input: source,
            function,
            pin,
        };
        let name = std::mem::replace(&mut graph.nodes[index].name, pool_name);
        let dims = graph.dims(source);
        graph.nodes[pool] = Node {
            name,
            operation: map,
            dims,
        };
        graph.nodes[index].operation = maximum;
        graph.nodes[index].dims = pool_dims;
    }
    graph
}

/// The nodes that the output needs.
fn without_unused(graph: Graph) -> Graph {
    let mut alive = vec![false; graph.nodes.len() + 1];
    alive[graph.output] = true;
    for (index, node) in graph.nodes.iter().enumerate().rev() {
        if alive[index + 1] {
            node.operation
                .inputs()
                .into_iter()
                .for_each(|input| alive[input] = true);
        }
    }
    // The input is always there.
    alive[0] = true;
    let names: Vec<usize> = alive
        .iter()
        .scan(0, |next, &alive| {
            *next += usize::from(alive);
            Some(next.saturating_sub(1))
        })
        .collect();
    let nodes = graph
        .nodes
        .into_iter()
        .enumerate()
        .filter(|(index, _)| alive[index + 1]);
    let nodes = nodes.map(|(_, mut node)| {
        node.operation.rename(|tensor| names[tensor]);
        node
    });
    Graph {
        nodes: nodes.collect(),
        output: names[graph.output],
        ..graph
    }
}
