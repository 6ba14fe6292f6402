//! Tensors of the graph under construction: functions computed, values picked, orders kept apart from both.

use super::{function::Function, graph::Operation, reader::Reader, value::Activation, view::view};
use crate::network::Dims;

impl Reader {
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
