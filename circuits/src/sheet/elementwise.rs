//! Functions of every value, and values picked from tensors.

use super::{
    block::Meaning,
    compiler::Compiler,
    form::{Form, Part},
    result::Looked,
    row::Value,
};
use crate::{
    field::{Fr, from_int},
    network::{Dims, Interval},
};

impl Compiler<'_> {
    /// entry = x - least argument + 2^bits (y - least value), for all values at once.
    pub(super) fn function(
        &mut self,
        node: usize,
        input: usize,
        table: usize,
    ) -> Result<Form, String> {
        self.single(input)?;
        let argument_low = self.network.tables[table].low;
        let Looked {
            form,
            entry,
            bits,
            above,
        } = self.looked_up(node, table)?;
        let count = form.dims.len();
        let mut terms = self.flat_form(&self.forms[input].clone());
        let entry = self.flat(&entry.values);
        terms.push((-Fr::one(), entry));
        for part in &form.parts {
            let late = self.flat(&part.values);
            terms.push((from_int(1 << bits), late));
        }
        let constant = (i128::from(above) << bits) - i128::from(argument_low);
        if constant != 0 {
            let ones = self.ones(0, &[(1, count)]);
            terms.push((from_int(constant), ones));
        }
        self.vanish(&terms);
        Ok(form)
    }

    /// Values of tensors in another order; new ones only if their lower bounds differ.
    pub(super) fn gather(
        &mut self,
        node: usize,
        inputs: &[usize],
        index: &[u32],
    ) -> Result<Form, String> {
        let dims = self.dims[node + 1];
        if let [input] = inputs
            && self.forms[*input].parts.len() > 1
        {
            return self.gather_parts(*input, dims, index);
        }
        let mut all: Vec<(Value, i64)> = vec![];
        for &input in inputs {
            let values = self.single(input)?;
            let form = &self.forms[input];
            let positions = form.dims.positions();
            let low = |at: usize| form.lows[at / positions];
            all.extend(
                values
                    .iter()
                    .enumerate()
                    .map(|(at, &value)| (value, low(at))),
            );
        }
        let picked: Vec<(Value, i64)> = if index.is_empty() {
            all
        } else {
            index.iter().map(|&from| all[from as usize]).collect()
        };
        let lows: Option<Vec<i64>> = picked
            .chunks(dims.positions())
            .map(|channel| {
                let low = channel[0].1;
                channel
                    .iter()
                    .all(|(_, other)| *other == low)
                    .then_some(low)
            })
            .collect();
        if let Some(lows) = lows {
            let values = picked.into_iter().map(|(value, _)| value).collect();
            let weight = Fr::one();
            return Ok(Form {
                dims,
                parts: vec![Part { weight, values }],
                lows,
            });
        }
        // new + least = old + low
        let interval = self.bounds.tensors[node + 1];
        let Interval { low: least, .. } = interval;
        let form = self.exact(node + 1, interval);
        let old: Vec<Value> = picked.iter().map(|(value, _)| *value).collect();
        let old = self.flat(&old);
        let one = self.writer.one;
        let lows: Vec<(usize, Fr, Value)> = picked
            .iter()
            .enumerate()
            .filter(|(_, (_, low))| *low != least)
            .map(|(at, (_, low))| (at, from_int(i128::from(low - least)), one))
            .collect();
        super::stream::positions(&mut self.writer, &mut self.powers, &lows);
        let lows = self.writer.emit();
        let new = self.flat(&form.parts[0].values);
        self.vanish(&[(Fr::one(), old), (Fr::one(), lows), (-Fr::one(), new)]);
        Ok(form)
    }

    /// Values of a tensor of several parts in another order.
    fn gather_parts(&self, input: usize, dims: Dims, index: &[u32]) -> Result<Form, String> {
        let form = &self.forms[input];
        let low = form.lows[0];
        if form.lows.iter().any(|other| *other != low) {
            return Err("picks wide values of channels with different ranges".into());
        }
        let parts = form.parts.iter().map(|part| Part {
            weight: part.weight,
            values: match index {
                [] => part.values.clone(),
                _ => index
                    .iter()
                    .map(|&from| part.values[from as usize])
                    .collect(),
            },
        });
        Ok(Form {
            dims,
            parts: parts.collect(),
            lows: vec![low; dims.0],
        })
    }

    /// A tensor's values minus its lower bound, one number a value, as every slice that commits to
    /// the tensor must have them: new values where the form has several parts, or channels with lower
    /// bounds of their own.
    pub(super) fn whole(&mut self, tensor: usize) -> Vec<Value> {
        let form = self.forms[tensor].clone();
        let Interval { low, .. } = self.bounds.tensors[tensor];
        let level = form.lows.iter().all(|other| *other == low);
        if let [part] = form.parts.as_slice()
            && part.weight == Fr::one()
            && level
        {
            return part.values.clone();
        }
        let meaning = Meaning::Tensor {
            tensor,
            lows: vec![low],
            offset: 0,
            width: 0,
        };
        let count = form.dims.len();
        let whole = self.part(count, None, Fr::one(), meaning);
        let mut terms = vec![];
        for part in &form.parts {
            terms.push((part.weight, self.flat(&part.values)));
        }
        if !level {
            terms.extend(self.flat_lows(&form));
            let ones = self.ones(0, &[(1, count)]);
            terms.push((-from_int(low.into()), ones));
        }
        terms.push((-Fr::one(), self.flat(&whole.values)));
        self.vanish(&terms);
        whole.values
    }
}
