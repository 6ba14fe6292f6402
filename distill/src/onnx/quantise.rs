//! A float network without our metadata as integers: as many bits as asked for, and fewer where the circuit's worst
//! case demands it.

use veriregime_circuits::Error as CircuitError;
use veriregime_circuits::model::IntegerModel;

use super::calibrate;
use super::network::FloatNetwork;
use crate::Error;

/// Fewest bits of weights and hidden values, sign included.
const FEWEST_BITS: u32 = 2;

/// How a file without our metadata becomes integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantisation {
    /// Bits per weight with sign, 2 to 16.
    pub weight_bits: u32,
    /// Bits with sign of the values before an activation, on calibration inputs: one more where a layer's shift would
    /// be odd; 2 to 16.
    pub hidden_bits: u32,
    /// log2 of integer steps per unit of the file's input: 7 for inputs in [-1, 1).
    pub input: i32,
}

impl Default for Quantisation {
    fn default() -> Self {
        Self {
            weight_bits: 8,
            hidden_bits: 8,
            input: calibrate::EXPORT_INPUT,
        }
    }
}

/// Bits of one layer, sign included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bits {
    /// Of the weights.
    pub weight: u32,
    /// Of the values before the activation.
    pub hidden: u32,
}

/// The first valid integer network from the bits asked for downwards.
///
/// Worst cases grow faster than samples: a square doubles the bits between the two. Where one does not fit, the
/// richest of the quantities that make it loses a bit, and all is tried again.
pub(super) fn quantise(
    network: &FloatNetwork,
    quantisation: Quantisation,
) -> Result<IntegerModel, Error> {
    let all = Bits {
        weight: quantisation.weight_bits,
        hidden: quantisation.hidden_bits,
    };
    let mut bits = vec![all; network.layers.len()];
    let largest = calibrate::largest_values(network, quantisation.input);
    loop {
        let scales = calibrate::of_float(network, quantisation.input, &bits, &largest);
        let model = scales.to_integer(network, &[])?;
        match model.validate() {
            Ok(()) => return Ok(model),
            Err(CircuitError::Overflow { layer, .. }) if take_bit(&mut bits, layer) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Takes a bit from what makes the worst case of `layer`: its weights, its own values and those before it, or
/// failing that the same of an earlier layer. False when none has one to spare.
fn take_bit(bits: &mut [Bits], layer: usize) -> bool {
    (0..=layer).rev().any(|layer| {
        let last = layer + 1 == bits.len();
        let from = layer.saturating_sub(1);
        let mut makers: Vec<&mut u32> = bits
            .iter_mut()
            .enumerate()
            .flat_map(|(index, bits)| {
                let weight = (index == layer).then_some(&mut bits.weight);
                let hidden = index == from && layer > 0 || index == layer && !last;
                weight.into_iter().chain(hidden.then_some(&mut bits.hidden))
            })
            .filter(|bits| **bits > FEWEST_BITS)
            .collect();
        let richest = makers.iter_mut().max_by_key(|bits| ***bits);
        richest.map(|bits| **bits -= 1).is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn take_bit_takes_from_the_richest_maker_then_from_earlier_layers() {
        let bits = |weight, hidden| Bits { weight, hidden };
        let mut all = [bits(8, 8), bits(3, 5), bits(6, 9)];
        assert!(take_bit(&mut all, 2));
        assert_eq!(all[2], bits(5, 9), "the logits have no bits of their own");
        for _ in 0..6 {
            assert!(take_bit(&mut all, 2));
        }
        assert_eq!(all, [bits(8, 8), bits(3, 2), bits(2, 9)]);
        assert!(take_bit(&mut all, 2));
        assert_eq!(
            all[0].hidden, 7,
            "layer 1: its weights have 3 bits, the values before it 8"
        );
        while take_bit(&mut all, 2) {}
        assert_eq!(all, [bits(2, 2), bits(2, 2), bits(2, 9)]);
    }
}
