//! Values picked from tensors, brought to one scale.

use super::{Lowering, Quantity, range};
use crate::onnx::{
    error::Error,
    function::Function,
    graph::{Node, Pin},
};

impl Lowering<'_> {
    /// Values of tensors of one scale; those of another are brought to it.
    pub(super) fn picked(
        &mut self,
        node: &Node,
        inputs: &[usize],
        index: Option<&Vec<u32>>,
        target: Pin,
        tensor: usize,
    ) -> Result<Quantity, Error> {
        let mut quantities = inputs
            .iter()
            .map(|&input| self.quantity(input, node))
            .collect::<Result<Vec<_>, _>>()?;
        let first = quantities.first().map_or(target.scale, |q| q.scale);
        if quantities.iter().any(|q| q.scale != first) {
            for (quantity, &input) in quantities.iter_mut().zip(inputs) {
                if quantity.scale != target.scale {
                    *quantity = self.lookup(node, *quantity, &Function::X, target, input)?;
                }
            }
        }
        let join = |a: Quantity, b: &Quantity| Quantity {
            low: a.low.min(b.low),
            high: a.high.max(b.high),
            ..a
        };
        let all = quantities
            .first()
            .map(|first| quantities.iter().fold(*first, join));
        let all = all.ok_or_else(|| range(node, "it reads nothing", "export the model again"))?;
        let inputs: Vec<usize> = quantities.iter().map(|q| q.tensor).collect();
        if inputs.len() == 1 && index.is_none() && self.dims[inputs[0]] == node.dims {
            return Ok(all);
        }
        let index = index.cloned().unwrap_or_default();
        let origin = self.plain(tensor, all.scale);
        let tensor = self.gather(&node.name, inputs, index, node.dims, origin);
        Ok(Quantity { tensor, ..all })
    }
}
