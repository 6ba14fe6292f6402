//! The layer whose sums are the outputs.

use crate::onnx::{
    function::Function,
    graph::{Graph, Operation},
};

/// A layer whose sums are the outputs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Logits {
    pub(super) layer: usize,
    /// A quantisation of them.
    pub(super) skipped: Option<usize>,
}

/// The only node that reads each tensor, as its tensor; none for the output.
pub(super) fn readers(graph: &Graph) -> Vec<Option<usize>> {
    let uses = graph.uses();
    let mut readers = vec![None; uses.len()];
    for (index, node) in graph.nodes.iter().enumerate() {
        for input in node.operation.inputs() {
            readers[input] = (uses[input] == 1).then_some(index + 1);
        }
    }
    readers
}

/// The last layer, if nothing but an order or a quantisation of its values follows.
pub(super) fn logits(graph: &Graph, readers: &[Option<usize>]) -> Option<Logits> {
    let (mut tensor, mut skipped) = (graph.output, None);
    loop {
        let node = graph.producer(tensor)?;
        let input = match &node.operation {
            Operation::Linear(_) => {
                return Some(Logits {
                    layer: tensor,
                    skipped,
                });
            }
            Operation::Gather { inputs, .. } if inputs.len() == 1 => inputs[0],
            Operation::Map {
                input,
                function: Function::X,
                pin: Some(_),
            } if skipped.is_none() => {
                skipped = Some(tensor);
                *input
            }
            _ => return None,
        };
        if readers[input] != Some(tensor) {
            return None;
        }
        tensor = input;
    }
}
