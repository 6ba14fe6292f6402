//! Constants multiplied with and added to the values of a tensor, one by one.

use super::{
    graph::{Linear, Operation, Term},
    reader::Reader,
    value::Activation,
};
use crate::network::Dims;

impl Reader {
    /// factor x + offset for every value of an activation, in its order.
    pub(super) fn affine(
        &mut self,
        activation: &Activation,
        factors: Vec<f64>,
        offsets: Vec<f64>,
        name: &str,
    ) -> Activation {
        let whole = self.whole(activation, name);
        // Behind the layer and before the order, where they can become part of the layer.
        if let Some((source, index)) = self.reordered(whole.tensor) {
            let before = |values: &[f64]| {
                let mut sorted = vec![0.0; values.len()];
                for (&value, &from) in values.iter().zip(&index) {
                    sorted[from as usize] = value;
                }
                sorted
            };
            let (factors, offsets) = (before(&factors), before(&offsets));
            let scaled = self.affine_directly(source, &factors, &offsets, name);
            let dims = self.graph.dims(whole.tensor);
            let gather = Operation::Gather {
                inputs: vec![scaled],
                index: Some(index),
            };
            let tensor = self.push(name, gather, dims);
            return Activation { tensor, ..whole };
        }
        let tensor = self.affine_directly(whole.tensor, &factors, &offsets, name);
        Activation { tensor, ..whole }
    }

    fn affine_directly(
        &mut self,
        tensor: usize,
        factors: &[f64],
        offsets: &[f64],
        name: &str,
    ) -> usize {
        if let Some(norm) = self.normalised(tensor, factors, offsets) {
            return norm;
        }
        let dims = self.graph.dims(tensor);
        let by_channel = |values: &[f64]| {
            let channels = values.chunks(dims.positions().max(1));
            let constant = channels.map(|channel| {
                let first = channel.first().copied()?;
                channel.iter().all(|&v| v == first).then_some(first)
            });
            constant.collect::<Option<Vec<f64>>>()
        };
        let (view, factors, offsets) = match (by_channel(factors), by_channel(offsets)) {
            (Some(factors), Some(offsets)) => (dims, factors, offsets),
            _ => (Dims(dims.len(), 1, 1), factors.to_vec(), offsets.to_vec()),
        };
        let linear = Linear::new(Term::diagonal(tensor, view, factors), offsets);
        self.push(name, Operation::Linear(linear), view)
    }

    /// A normalisation with other scales and biases, if the tensor is one and the constants are the same for every group.
    fn normalised(&mut self, tensor: usize, factors: &[f64], offsets: &[f64]) -> Option<usize> {
        let node = self.graph.producer(tensor)?;
        let (dims, title) = (node.dims, node.name.clone());
        let Operation::Norm {
            input,
            epsilon,
            scale,
            bias,
        } = &node.operation
        else {
            return None;
        };
        let group = scale.len();
        let repeats = |values: &[f64]| {
            values
                .chunks(group)
                .all(|chunk| Some(chunk) == values.get(..group))
        };
        if !repeats(factors) || !repeats(offsets) {
            return None;
        }
        let operation = Operation::Norm {
            input: *input,
            epsilon: *epsilon,
            scale: scale.iter().zip(factors).map(|(s, f)| s * f).collect(),
            bias: bias
                .iter()
                .zip(factors)
                .zip(offsets)
                .map(|((b, f), o)| b * f + o)
                .collect(),
        };
        Some(self.push(&title, operation, dims))
    }
}
