//! Dense layers: packed multiply-accumulate and rescale.
//!
//! A *group* is a run of neurons evaluated by one chain: neuron j of the group weighs 2^p_j, and
//! the chain demands sum_j 2^p_j (acc_j - 2^shift q_j - rem_j) = 0. Each bracket is an integer e_j
//! with |e_j| < 2^(b_j - 1) by the ranges of its parts, p_(j+1) = p_j + b_j, and the last p stays
//! within the field's capacity, so the sum can vanish only if every e_j does.

use halo2_axiom::halo2curves::ff::Field;

use super::{activation, build::Tape, live::Live, row::Value, split::Split, tables::Tables};
use crate::{
    Error,
    field::{CAPACITY, Fr, from_int, power_of_two},
    model::{Activation, IntegerModel, Layer, Named, bounds::Bounds},
};

/// What the rows of a network are made from.
pub(super) struct Network<'a> {
    pub model: &'a IntegerModel,
    pub bounds: &'a Bounds,
    pub live: &'a Live,
    pub tables: &'a Tables,
}

/// A neuron's place in its group.
#[derive(Debug, Clone, Copy)]
struct Limb {
    neuron: usize,
    split: Split,
    weight: Fr,
}

/// How a neuron of a layer is split.
pub(super) fn split(
    model: &IntegerModel,
    bounds: &Bounds,
    range: super::RangeCheck,
    index: usize,
    neuron: usize,
) -> Split {
    let (layer, acc) = (&model.layers[index], bounds.accumulators[index][neuron]);
    if layer.activation == Activation::Named(Named::Relu) {
        Split::signed(acc, layer.shift, range)
    } else {
        Split::of(acc, layer.shift, range)
    }
}

impl Network<'_> {
    /// All groups of one layer; hidden layers also get their activations.
    pub fn layer(&self, tape: &mut Tape, index: usize) -> Result<(), Error> {
        let layer = &self.model.layers[index];
        let last = index + 1 == self.model.layers.len();
        let splits: Vec<(usize, Split)> = (0..layer.weights.len())
            .filter(|&neuron| self.live.neurons[index][neuron])
            .map(|neuron| {
                let split = split(self.model, self.bounds, tape.shape.range, index, neuron);
                (neuron, split)
            })
            .collect();
        for &(neuron, split) in &splits {
            define(tape, split, quotient(index, neuron, last));
        }
        for group in groups(&splits, index)? {
            self.accumulate(tape, index, &group);
        }
        if !last {
            for &(neuron, split) in &splits {
                activation::rows(self, tape, split, index, neuron);
            }
        }
        Ok(())
    }

    /// A layer's input: its tape value and what must be added to it. A neuron that is not live has
    /// no tape value: a constant one is its offset, an unread one never has a weight here.
    fn input_of(&self, layer: usize, index: usize) -> (Option<Value>, i128) {
        match layer.checked_sub(1) {
            None => (Some(Value::Input(index)), self.bounds.input.low),
            Some(before) => {
                let live = self.live.neurons[before][index];
                let value = live.then_some(Value::Hidden(before, index));
                (value, self.bounds.hidden[before][index].low)
            }
        }
    }

    fn accumulate(&self, tape: &mut Tape, index: usize, group: &[Limb]) {
        let layer: &Layer = &self.model.layers[index];
        let last = index + 1 == self.model.layers.len();
        let width = layer.weights.first().map_or(0, Vec::len);
        let inputs: Vec<(Option<Value>, i128)> =
            (0..width).map(|i| self.input_of(index, i)).collect();
        let mut chain = tape.from_zero();
        for limb in group {
            let offsets: i128 = layer.weights[limb.neuron]
                .iter()
                .zip(&inputs)
                .map(|(&w, &(_, offset))| i128::from(w) * offset)
                .sum();
            let bias =
                i128::from(layer.bias[limb.neuron]) + offsets - (limb.split.low << layer.shift);
            chain.constant(limb.weight * from_int(bias));
        }
        for (i, &(value, _)) in inputs.iter().enumerate() {
            let packed: Fr = group
                .iter()
                .map(|limb| limb.weight * from_int(layer.weights[limb.neuron][i].into()))
                .sum();
            if let Some(value) = value {
                chain.add(packed, value);
            }
        }
        for limb in group {
            let value = quotient(index, limb.neuron, last);
            chain.add(-limb.weight * power_of_two(layer.shift), value);
            let remainder = Value::Remainder(index, limb.neuron);
            chain.pieces(remainder, layer.shift, -limb.weight);
        }
        tape.push(chain);
    }
}

fn quotient(layer: usize, neuron: usize, last: bool) -> Value {
    if last {
        Value::Logit(neuron)
    } else {
        Value::Quotient(layer, neuron)
    }
}

/// Range-checks a quotient; a signed one has its highest bit as a value of its own.
fn define(tape: &mut Tape, split: Split, value: Value) {
    match value {
        Value::Quotient(layer, neuron) if split.signed => {
            let sign = Value::Sign(layer, neuron);
            let mut chain = tape.from_zero();
            chain.pieces(value, split.bits - 1, Fr::ONE);
            chain.bit(power_of_two(split.bits - 1), sign);
            chain.add(-Fr::ONE, value);
            tape.push(chain);
            activation::boolean(tape, sign);
        }
        _ => tape.define(value, split.bits),
    }
}

/// First fit in order: as many neurons as the field's capacity holds.
fn groups(splits: &[(usize, Split)], layer: usize) -> Result<Vec<Vec<Limb>>, Error> {
    let mut groups: Vec<Vec<Limb>> = vec![];
    let mut used = CAPACITY;
    for &(neuron, split) in splits {
        if split.limb > CAPACITY {
            return Err(Error::Overflow {
                layer,
                neuron,
                bits: split.limb,
                limit: CAPACITY,
            });
        }
        if used + split.limb > CAPACITY {
            groups.push(vec![]);
            used = 0;
        }
        if let Some(group) = groups.last_mut() {
            group.push(Limb {
                neuron,
                split,
                weight: power_of_two(used),
            });
        }
        used += split.limb;
    }
    Ok(groups)
}
