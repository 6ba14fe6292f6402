//! Public words and the decomposition of packed inputs.

use halo2_axiom::halo2curves::ff::Field;

use super::{
    build::Tape,
    layout::PUBLIC_STRIDE,
    row::{Cell, Lane, Row, Value},
};
use crate::{
    field::{Fr, power_of_two},
    public::{INPUTS_PER_WORD, Schema},
};

/// Bits of an input.
const INPUT_BITS: u32 = 8;

/// Rows 0, 2, 4, ..: one for every public word, in order, where the instance column adds itself.
/// Row 0 carries the binding: nothing but the accumulator before it, which is free, answers to it.
/// Every other word is a chain of two rows, 1 + 1 + word - A = 1.
pub(super) fn public_words(tape: &mut Tape, schema: Schema) {
    let row = |opens: bool, coefficient: Fr, value: Value| Row {
        opens,
        lanes: vec![Lane {
            coefficient,
            cell: Cell::Whole(value),
        }],
        ..Row::default()
    };
    tape.rows.push(row(false, Fr::ONE, Value::One));
    let inputs = (0..schema.input_words()).map(Value::InputWord);
    let logits = (0..schema.logit_words()).map(Value::LogitWord);
    for (index, value) in inputs.chain(logits).chain([Value::Class]).enumerate() {
        tape.rows.push(row(true, Fr::ONE, Value::One));
        debug_assert_eq!(tape.rows.len(), (index + 1) * PUBLIC_STRIDE);
        tape.rows.push(row(false, -Fr::ONE, value));
    }
}

/// The constant 1: a chain that starts at 1, is multiplied by it, and ends at 1.
pub(super) fn one(tape: &mut Tape) {
    let mut chain = tape.from_one();
    chain.multiply(Value::One);
    chain.constant(-Fr::ONE);
    tape.push(chain);
}

/// Every input is a checked byte; every packed word is the bytes of its inputs. An input that no
/// live neuron reads has no cell of its own: its pieces stand in the word directly. Where one piece
/// holds a whole input, the piece is the cell.
pub(super) fn unpack(tape: &mut Tape, schema: Schema, live: &[bool]) {
    let whole = tape.shape.range.width() >= INPUT_BITS;
    for word in 0..schema.input_words() {
        let first = word * INPUTS_PER_WORD;
        let inputs = first..schema.inputs.min(first + INPUTS_PER_WORD);
        if !whole {
            for input in inputs.clone().filter(|&input| live[input]) {
                tape.define(Value::Input(input), INPUT_BITS);
            }
        }
        let mut chain = tape.from_zero();
        for (place, input) in (0u32..).zip(inputs) {
            let weight = power_of_two(INPUT_BITS * place);
            if whole {
                chain.tagged(weight, Value::Input(input), INPUT_BITS);
            } else if live[input] {
                chain.add(weight, Value::Input(input));
            } else {
                chain.pieces(Value::Input(input), INPUT_BITS, weight);
            }
        }
        // The word's cell is one more than the word.
        chain.constant(Fr::ONE);
        chain.add(-Fr::ONE, Value::InputWord(word));
        tape.push(chain);
    }
}
