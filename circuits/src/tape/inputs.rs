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

/// Every input is four digits (a byte); every packed word is the bytes of its inputs.
pub(super) fn unpack(tape: &mut Tape, schema: Schema) {
    for word in 0..schema.input_words() {
        let first = word * INPUTS_PER_WORD;
        let inputs = first..schema.inputs.min(first + INPUTS_PER_WORD);
        for input in inputs.clone() {
            tape.define(Value::Input(input), 4);
        }
        for (place, input) in (0u32..).zip(inputs) {
            tape.add(power_of_two(8 * place), Value::Input(input));
        }
        tape.emit(Value::InputWord(word));
    }
}
