//! The reference inference: plain integer arithmetic, the truth that the circuit must equal.

use super::{IntegerModel, Layer};
use crate::Error;

/// What the network says about one input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inference {
    /// One per class, at the last accumulator's scale.
    pub logits: Vec<i64>,
    /// Index of the largest logit, the lowest one of equals.
    pub class: usize,
}

/// Every intermediate value of one inference, layer by layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The inputs.
    pub inputs: Vec<i16>,
    /// `accumulators[layer][neuron]`.
    pub accumulators: Vec<Vec<i128>>,
    /// `quotients[layer][neuron]`, hidden layers only.
    pub quotients: Vec<Vec<i128>>,
    /// `hidden[layer][neuron]` after the activation, hidden layers only.
    pub hidden: Vec<Vec<i128>>,
    /// Logits and class.
    pub inference: Inference,
}

impl IntegerModel {
    /// Runs the network on one input.
    ///
    /// # Errors
    /// [`Error::Input`] for a wrong count or a value out of range.
    pub fn infer(&self, inputs: &[i16]) -> Result<Inference, Error> {
        self.trace(inputs).map(|trace| trace.inference)
    }

    /// Runs the network and keeps every intermediate value.
    ///
    /// # Errors
    /// [`Error::Input`] for a wrong count, a value out of range, or a model that was never validated
    /// and overflows.
    pub fn trace(&self, inputs: &[i16]) -> Result<Trace, Error> {
        let range = self.input;
        if inputs.len() != range.len {
            return Err(Error::Input(format!(
                "got {}, want {}",
                inputs.len(),
                range.len
            )));
        }
        if let Some((index, value)) = inputs
            .iter()
            .enumerate()
            .find(|(_, v)| !(range.min..=range.max).contains(v))
        {
            return Err(Error::Input(format!(
                "value {value} at index {index}, want {}..={}",
                range.min, range.max
            )));
        }
        let mut accumulators = Vec::with_capacity(self.layers.len());
        let mut quotients = Vec::new();
        let mut hidden: Vec<Vec<i128>> = Vec::new();
        let mut values: Vec<i128> = inputs.iter().map(|&x| i128::from(x)).collect();
        for (index, layer) in self.layers.iter().enumerate() {
            let overflow = || {
                Error::Input(format!(
                    "layer {index} exceeds 128 bits, which no validated model does"
                ))
            };
            let acc = layer.accumulate(&values).ok_or_else(overflow)?;
            if index + 1 < self.layers.len() {
                let q = acc.iter().map(|a| a.checked_shr(layer.shift));
                let q = q.collect::<Option<Vec<i128>>>().ok_or_else(overflow)?;
                let applied = q.iter().map(|&q| layer.activation.apply(q));
                values = applied.collect::<Option<_>>().ok_or_else(overflow)?;
                quotients.push(q);
                hidden.push(values.clone());
            }
            accumulators.push(acc);
        }
        let logits = accumulators
            .last()
            .into_iter()
            .flatten()
            .map(|&y| {
                i64::try_from(y).map_err(|_| Error::Input(format!("logit {y} exceeds 64 bits")))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let inference = Inference {
            class: argmax(&logits),
            logits,
        };
        Ok(Trace {
            inputs: inputs.to_vec(),
            accumulators,
            quotients,
            hidden,
            inference,
        })
    }
}

impl Layer {
    fn accumulate(&self, values: &[i128]) -> Option<Vec<i128>> {
        let outputs = self.weights.iter().zip(&self.bias);
        outputs
            .map(|(row, &bias)| {
                let mut products = row.iter().zip(values);
                products.try_fold(i128::from(bias), |sum, (&w, &x)| {
                    sum.checked_add(i128::from(w).checked_mul(x)?)
                })
            })
            .collect()
    }
}

/// Index of the largest value, the lowest one of equals (ONNX `ArgMax` with its defaults).
fn argmax(values: &[i64]) -> usize {
    let mut best = 0;
    for (index, value) in values.iter().enumerate() {
        if values.get(best).is_some_and(|top| value > top) {
            best = index;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn argmax_ties_lowest_index() {
        assert_eq!(argmax(&[1, 1, 1]), 0);
        assert_eq!(argmax(&[0, 5, 5]), 1);
        assert_eq!(argmax(&[-3, -4, -3]), 0);
        assert_eq!(argmax(&[1, 2, 3]), 2);
    }
}
