//! Public words and the decomposition of packed inputs.

use super::{build::Tape, row::Value};
use crate::{
    field::power_of_two,
    public::{INPUTS_PER_WORD, Schema},
};

/// Rows 0..words: one for every public input, in order, so that the instance column adds itself.
/// Row 0 carries the binding: its gate forces the accumulator to zero and reads nothing else.
pub(super) fn public_words(tape: &mut Tape, schema: Schema) {
    tape.demand_zero(Value::InputWord(0));
    for word in 0..schema.input_words() {
        tape.emit(Value::InputWord(word));
    }
    for word in 0..schema.logit_words() {
        tape.emit(Value::LogitWord(word));
    }
    tape.emit(Value::Class);
}

/// Base-4 digits of an input.
const PLACES: u32 = 4;

/// Every input is four digits (a byte); every packed word is the bytes of its inputs. An input that
/// no live neuron reads has no cell of its own: its digits stand in the word directly.
pub(super) fn unpack(tape: &mut Tape, schema: Schema, live: &[bool]) {
    for word in 0..schema.input_words() {
        let first = word * INPUTS_PER_WORD;
        let inputs = first..schema.inputs.min(first + INPUTS_PER_WORD);
        for input in inputs.clone().filter(|&input| live[input]) {
            tape.define(Value::Input(input), PLACES);
        }
        for (place, input) in (0u32..).zip(inputs) {
            let weight = power_of_two(8 * place);
            if live[input] {
                tape.add(weight, Value::Input(input));
            } else {
                tape.add_digits(Value::Input(input), PLACES, weight);
            }
        }
        tape.emit(Value::InputWord(word));
    }
}
