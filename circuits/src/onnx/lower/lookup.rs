//! Functions of tensors that have integers already.

use super::{Lowering, Origin, Quantity, of_pin, range, rule};
use crate::{
    network::Operator,
    onnx::{
        error::Error,
        function::Function,
        graph::{Node, Pin},
    },
};

impl Lowering<'_> {
    /// A function of a tensor that has integers already.
    pub(super) fn lookup(
        &mut self,
        node: &Node,
        input: Quantity,
        function: &Function,
        target: Pin,
        tensor: usize,
    ) -> Result<Quantity, Error> {
        let bits = self.options.table_bits;
        self.lookup_within(bits, node, input, function, target, tensor)
    }

    /// The same with a table of at most 2^`bits` entries.
    pub(super) fn lookup_within(
        &mut self,
        bits: u32,
        node: &Node,
        input: Quantity,
        function: &Function,
        target: Pin,
        tensor: usize,
    ) -> Result<Quantity, Error> {
        let rule = rule(function, input.scale, target);
        if rule.is_identity() && input.low >= target.low.into() && input.high <= target.high.into()
        {
            return Ok(input);
        }
        let most = 1i64 << bits;
        if input.high - input.low >= most {
            return Err(range(
                node,
                &format!(
                    "its table would need arguments {}..={}, more than {most}",
                    input.low, input.high
                ),
                "use more --table-bits",
            ));
        }
        let table = self.tables.index(&rule, input.low, input.high, most);
        let operator = Operator::Lookup {
            input: input.tensor,
            table,
        };
        let dims = self.dims[input.tensor];
        let origin = Origin {
            of: tensor,
            scale: target.scale,
            rule: Some(rule),
        };
        let tensor = self.push(&node.name, operator, dims, origin);
        Ok(of_pin(tensor, target))
    }
}
