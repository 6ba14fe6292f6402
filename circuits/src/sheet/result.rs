//! What a division leaves: quotient, remainder, and a function's entry and value.

use super::{
    block::Meaning,
    compiler::Compiler,
    form::{Form, MAX_RANGE, Part},
    lookup::{Kind, bits},
};
use crate::{
    field::{Fr, from_int},
    network::{Interval, Operator},
};

/// The result of a node that divides: accumulator = divisor (low + quotient parts) + remainder parts.
pub(super) struct Division {
    /// The node's result.
    pub form: Form,
    /// Parts of the accumulator, one value per value of the result.
    pub parts: Vec<Part>,
    /// What the accumulator has besides its parts.
    pub constant: i128,
    /// Smallest and largest accumulator that the parts can express.
    pub reach: (i128, i128),
}

/// A function's result and entries: entry = argument - its least + 2^bits (value + above), where
/// `value` is the result minus its lower bound.
pub(super) struct Looked {
    pub form: Form,
    pub entry: Part,
    pub bits: u32,
    /// The result's lower bound minus the table's least value.
    pub above: i64,
}

impl Compiler<'_> {
    /// Values of a division's result; `table` is a function of the quotient.
    pub(super) fn division(
        &mut self,
        node: usize,
        divisor: u64,
        table: Option<usize>,
    ) -> Result<Division, String> {
        let tensor = node + 1;
        let count = self.dims[tensor].len();
        let quotient = self.bounds.quotients[node];
        let by = i128::from(divisor);
        let (form, mut parts, low, reach) = match table {
            None => {
                let form = if self.is_read(tensor) {
                    self.narrow(quotient)?;
                    self.exact(tensor, quotient)
                } else {
                    self.tensor(tensor, quotient)
                };
                let parts = form.parts.clone();
                let size = match form.parts.as_slice() {
                    [_] => i128::from(quotient.len()),
                    _ => 1 << bits(quotient.len()),
                };
                let low = i128::from(quotient.low);
                (form, parts, low, (low, low + size - 1))
            }
            Some(table) => {
                let argument_low = self.network.tables[table].low;
                let Looked {
                    form,
                    entry,
                    bits: argument_bits,
                    above,
                } = self.looked_up(node, table)?;
                let shift = from_int(1 << argument_bits);
                let mut parts = vec![entry];
                parts.extend(form.parts.iter().map(|part| Part {
                    weight: -(part.weight * shift),
                    values: part.values.clone(),
                }));
                let low = i128::from(argument_low) - (i128::from(above) << argument_bits);
                // Neither y nor an entry's value leaves the result's interval.
                let values = i128::from(self.bounds.tensors[tensor].len()) << argument_bits;
                let argument_low = i128::from(argument_low);
                (
                    form,
                    parts,
                    low,
                    (argument_low - values, argument_low + values),
                )
            }
        };
        for part in &mut parts {
            part.weight *= from_int(by);
        }
        if divisor > 1 {
            if divisor > MAX_RANGE && !divisor.is_power_of_two() {
                return Err(format!(
                    "divisor {divisor}, want a power of two or at most {MAX_RANGE}"
                ));
            }
            let meaning = move |offset, width| Meaning::Remainder {
                node,
                offset,
                width,
            };
            let exact = !divisor.is_power_of_two();
            parts.extend(self.ranged(count, divisor, exact, &meaning));
        }
        Ok(Division {
            form,
            parts,
            constant: by * low,
            reach: (by * reach.0, by * reach.1 + by - 1),
        })
    }

    /// Result and entries of a function.
    pub(super) fn looked_up(&mut self, node: usize, table: usize) -> Result<Looked, String> {
        let tensor = node + 1;
        let interval = self.bounds.tensors[tensor];
        if interval.len() > MAX_RANGE {
            return Err(format!(
                "its table has values of {} numbers, want at most {MAX_RANGE}",
                interval.len()
            ));
        }
        let least = i64::from(self.network.tables[table].range().0);
        let kind = self.lookup(Kind::Function(table));
        let bits = self.writer.lookups.argument_bits(kind);
        let form = self.exact(tensor, interval);
        let meaning = Meaning::Entry {
            node,
            argument_low: self.network.tables[table].low,
            bits,
            value_low: least,
        };
        let entry = self.part(self.dims[tensor].len(), Some(kind), Fr::one(), meaning);
        Ok(Looked {
            form,
            entry,
            bits,
            above: interval.low - least,
        })
    }

    /// A tensor in new values of one part.
    pub(super) fn exact(&mut self, tensor: usize, interval: Interval) -> Form {
        let dims = self.dims[tensor];
        let table = self.lookup(Kind::Range(interval.len()));
        let meaning = Meaning::Tensor {
            tensor,
            lows: vec![interval.low],
            offset: 0,
            width: 0,
        };
        let part = self.part(dims.len(), Some(table), Fr::one(), meaning);
        Form {
            dims,
            parts: vec![part],
            lows: vec![interval.low; dims.0],
        }
    }

    /// Whether a later node computes with a tensor; picking values is no computation.
    fn is_read(&self, tensor: usize) -> bool {
        let mut nodes = self.network.nodes.iter().enumerate();
        nodes.any(|(index, node)| {
            node.operator.inputs().contains(&tensor)
                && match &node.operator {
                    Operator::Gather { inputs, .. } if inputs.len() == 1 => self.is_read(index + 1),
                    _ => true,
                }
        })
    }

    /// Refuses a wide tensor that a later node reads: its pieces reach beyond its bounds.
    fn narrow(&self, interval: Interval) -> Result<(), String> {
        if interval.len() > MAX_RANGE {
            return Err(format!(
                "a later node reads its {} possible values, want at most {MAX_RANGE}; give it a divisor or a table",
                interval.len()
            ));
        }
        Ok(())
    }
}
