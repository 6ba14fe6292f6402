//! Which inputs and neurons need rows at all.
//!
//! A neuron whose activation is the same for every input is a constant of the next layer; one that
//! no later neuron reads is nothing. Neither gets rows, so sparsity pays twice: in skipped
//! multiplications and in whole neurons.

use crate::model::{IntegerModel, bounds::Bounds};

/// What the logits depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Live {
    /// Inputs that some live neuron reads.
    pub inputs: Vec<bool>,
    /// `neurons[layer][neuron]`; all logits are live.
    pub neurons: Vec<Vec<bool>>,
}

impl Live {
    /// Walks from the logits to the inputs.
    pub fn of(model: &IntegerModel, bounds: &Bounds) -> Self {
        let mut neurons: Vec<Vec<bool>> = vec![vec![true; model.classes()]];
        for (before, layer) in model.layers.iter().enumerate().skip(1).rev() {
            let varies = bounds.hidden[before - 1]
                .iter()
                .map(|range| range.low != range.high);
            let read = read_by(&layer.weights, &neurons[0]);
            let live = varies
                .zip(read)
                .map(|(varies, read)| varies && read)
                .collect();
            neurons.insert(0, live);
        }
        let inputs = match model.layers.first() {
            Some(layer) => read_by(&layer.weights, &neurons[0]),
            None => vec![],
        };
        Self { inputs, neurons }
    }
}

/// Columns with a non-zero weight in a live row.
fn read_by(weights: &[Vec<i32>], live: &[bool]) -> Vec<bool> {
    let width = weights.first().map_or(0, Vec::len);
    (0..width)
        .map(|i| {
            weights
                .iter()
                .zip(live)
                .any(|(row, &live)| live && row[i] != 0)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FORMAT, InputRange, Layer};

    #[test]
    fn of_drops_constant_and_unread_neurons_and_what_only_they_read() {
        let layer = |weights: &[&[i32]], activation: &[i64]| Layer {
            weights: weights.iter().map(|row| row.to_vec()).collect(),
            bias: vec![3; weights.len()],
            shift: 0,
            activation: activation.to_vec().into(),
        };
        // Neuron 1 is constant, neuron 2 is read by nobody, input 2 only by neuron 2.
        let model = IntegerModel {
            format: FORMAT.into(),
            input: InputRange {
                len: 3,
                min: -128,
                max: 127,
            },
            layers: vec![
                layer(
                    &[&[1, 0, 0], &[0, 0, 0], &[0, 1, 1], &[0, 2, 0]],
                    &[0, 0, 1],
                ),
                layer(&[&[1, 5, 0, 1], &[2, 5, 0, 0]], &[]),
            ],
        };
        let live = Live::of(&model, &Bounds::of(&model).unwrap());
        assert_eq!(
            live.neurons,
            [vec![true, false, false, true], vec![true, true]]
        );
        assert_eq!(live.inputs, [true, true, false]);
    }
}
