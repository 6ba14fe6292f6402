//! From a network to rows.

use std::collections::HashMap;

use super::{
    form::{Form, Ranges},
    lookup::Kind,
    method::Method,
    power::Powers,
    row::{Late, Value},
    writer::Writer,
};
use crate::{
    Error,
    network::{Bounds, Dims, Network, Operator},
};

/// A sheet under construction, node by node.
pub(super) struct Compiler<'a> {
    pub network: &'a Network,
    pub bounds: &'a Bounds,
    pub dims: Vec<Dims>,
    pub writer: Writer,
    pub powers: Powers,
    /// Tensors so far.
    pub forms: Vec<Form>,
    pub products: HashMap<(Late, Late), Late>,
    /// How linear nodes are proven; none for whichever takes fewer rows.
    pub method: Option<Method>,
    pub ranges: Ranges,
}

impl<'a> Compiler<'a> {
    pub fn new(network: &'a Network, bounds: &'a Bounds, lanes: usize) -> Self {
        Self {
            network,
            bounds,
            dims: network.dims(),
            writer: Writer::new(lanes),
            powers: Powers::default(),
            forms: vec![],
            products: HashMap::new(),
            method: None,
            ranges: Ranges::Long,
        }
    }

    /// A lookup table.
    pub fn lookup(&mut self, kind: Kind) -> u32 {
        self.writer.lookups.table(kind, &self.network.tables)
    }

    /// The constant 1.
    pub fn one(&mut self) {
        use crate::field::Fr;
        self.writer.begin();
        self.writer.constant(Fr::one());
        let one = self.writer.one;
        self.writer.sum([(-Fr::one(), one)]);
        self.writer.begin();
    }

    /// The tensors' values and the constraints between them; the input's values exist already.
    pub fn nodes(&mut self) -> Result<(), Error> {
        let network = self.network;
        for (index, node) in network.nodes.iter().enumerate() {
            let refuse = |problem: String| Error::Model {
                place: format!("node {}", node.name),
                problem,
            };
            let form = match &node.operator {
                Operator::Linear(linear) => self.linear(index, linear),
                Operator::Lookup { input, table } => self.function(index, *input, *table),
                Operator::Maximum {
                    input,
                    kernel,
                    stride,
                    padding,
                } => self.maximum(index, *input, *kernel, *stride, *padding),
                Operator::Gather {
                    inputs,
                    index: from,
                    ..
                } => self.gather(index, inputs, from),
                Operator::Norm(norm) => self.norm(index, norm),
            }
            .map_err(refuse)?;
            self.forms.push(form);
        }
        Ok(())
    }

    /// The values of a tensor that is one part, as everything but sums needs it.
    pub fn single(&self, tensor: usize) -> Result<&[Value], String> {
        match self.forms[tensor].parts.as_slice() {
            [part] if part.weight == crate::field::Fr::one() => Ok(&part.values),
            _ => Err(format!(
                "reads values of more than {} numbers; give the node before a divisor or a table",
                super::form::MAX_RANGE
            )),
        }
    }
}
