//! What a proof of a sheet says: public words and committed tensors.
//!
//! Word 0 is the binding, opaque to the circuit. A public input follows, 31 values a word, then a
//! public output: logits, three a word, and the class; both as [`crate::public`] packs them. Word i
//! stands in row i times the stride. A committed tensor has columns of its own, the first ones of
//! the proof, whose commitments carry no blinding: the same tensor has the same commitment in every
//! proof of the same size, which links slices.

use serde::{Deserialize, Serialize};

use super::{
    block::{Block, Meaning},
    compiler::Compiler,
    form::{Form, Part, pieces},
    lookup::{Kind, bits},
    row::{Cell, Row, Value},
};
use crate::{
    Error,
    field::{Fr, Word, from_int, power_of_two},
    network::{Interval, Network, Trace},
    public::{
        INPUT_OFFSET, INPUTS_PER_WORD, LOGIT_OFFSET_BITS, LOGITS_PER_WORD, PublicInputs, Schema,
        Statement,
    },
};

/// How a tensor enters the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// As public words.
    Public,
    /// As a commitment.
    Committed,
}

/// How input and output enter the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visibilities {
    /// Of the input.
    pub input: Visibility,
    /// Of the output.
    pub output: Visibility,
}

impl Visibilities {
    /// All public.
    pub const PUBLIC: Self = Self {
        input: Visibility::Public,
        output: Visibility::Public,
    };
    /// All committed.
    pub const COMMITTED: Self = Self {
        input: Visibility::Committed,
        output: Visibility::Committed,
    };

    /// Public words of a network's statement.
    pub fn words(&self, network: &Network) -> usize {
        let input = match self.input {
            Visibility::Public => network.input.dims.len().div_ceil(INPUTS_PER_WORD),
            Visibility::Committed => 0,
        };
        let output = match self.output {
            Visibility::Public => network.outputs().div_ceil(LOGITS_PER_WORD) + 1,
            Visibility::Committed => 0,
        };
        1 + input + output
    }

    /// Checks that a network's input and output fit their words.
    pub(super) fn check(&self, network: &Network) -> Result<(), String> {
        let input = network.input;
        let offset = i32::from(INPUT_OFFSET);
        if self.input == Visibility::Public && (input.low != -offset || input.high != offset - 1) {
            return Err(format!(
                "a public input must have the range of int8, not {}..={}; commit to it instead",
                input.low, input.high
            ));
        }
        let outputs = network.outputs();
        if self.output == Visibility::Public && !(1..=255).contains(&outputs) {
            return Err(format!(
                "{outputs} outputs, at most 255 can be public; commit to them instead"
            ));
        }
        Ok(())
    }
}

/// The words of a statement.
///
/// # Errors
/// [`Error::PublicInput`] for a binding above 248 bits, [`Error::Input`] for a public input that is
/// not int8.
pub(super) fn words_of(
    visibilities: Visibilities,
    trace: &Trace,
    binding: Word,
) -> Result<Vec<Word>, Error> {
    let shown = |visibility, values| match visibility {
        Visibility::Public => values,
        Visibility::Committed => vec![],
    };
    let input = trace.tensors.first().cloned().unwrap_or_default();
    let inputs = shown(visibilities.input, input)
        .into_iter()
        .map(|x| i16::try_from(x).map_err(|_| Error::Input(format!("value {x} does not fit int8"))))
        .collect::<Result<Vec<i16>, _>>()?;
    let logits = shown(visibilities.output, trace.output().to_vec());
    let schema = Schema {
        inputs: inputs.len(),
        classes: logits.len(),
    };
    let statement = Statement {
        binding,
        inputs,
        logits,
        class: match visibilities.output {
            Visibility::Public => trace.class(),
            Visibility::Committed => 0,
        },
    };
    let words = PublicInputs::encode(schema, &statement)?;
    let mut words = words.words().to_vec();
    if visibilities.output == Visibility::Committed {
        words.pop();
    }
    Ok(words)
}

/// Cells of a word of logits: each takes at most six pieces.
const LOGIT_CELLS: usize = 6 * LOGITS_PER_WORD;

/// Rows from one word to the next: the longest word and the row that closes it.
pub(super) fn stride(lanes: usize, outputs: usize, visibilities: Visibilities) -> usize {
    let input = match visibilities.input {
        Visibility::Public => INPUTS_PER_WORD,
        Visibility::Committed => 1,
    };
    let output = match visibilities.output {
        Visibility::Public => LOGIT_CELLS.max(outputs),
        Visibility::Committed => 1,
    };
    input.max(output).div_ceil(lanes) + 1
}

/// Values of the output's words.
pub(super) struct Output {
    one_hot: Option<Part>,
}

impl Compiler<'_> {
    /// Rows of the binding and the input; afterwards the tape is free behind the last word.
    pub(super) fn input_words(&mut self, visibilities: Visibilities, stride: usize) {
        let interval = self.bounds.tensors[0];
        let form = self.exact(0, interval);
        let binding = self.writer.block(Block::new(1, None, Meaning::Binding));
        self.writer.begin();
        let cell = Cell {
            value: Some(binding),
            weight: -Fr::one(),
        };
        let row = Row {
            kind: super::row::Kind::Sum,
            ..Row::default()
        };
        self.writer.push(row, &[cell]);
        if visibilities.input == Visibility::Public {
            let values = form.parts[0].values.clone();
            for (index, chunk) in values.chunks(INPUTS_PER_WORD).enumerate() {
                self.writer.advance((1 + index) * stride);
                let place = |at: usize| -power_of_two(8 * at as u32);
                let terms = chunk
                    .iter()
                    .enumerate()
                    .map(|(at, &value)| (place(at), value));
                self.writer.sum(terms);
            }
        }
        self.forms.push(form);
    }

    /// The class: one-hot, with its distance from the largest ranking key zero.
    pub(super) fn class(&mut self) -> Output {
        let last = self.network.nodes.len();
        let form = self.forms[last].clone();
        let outputs = form.dims.len();
        if outputs < 2 {
            return Output { one_hot: None };
        }
        let keys = keys(outputs, self.bounds.tensors[last]);
        let gap_bits = bits(keys.len());
        let top = self.part(1, None, Fr::one(), Meaning::TopKey).values[0];
        let gaps: Vec<Part> = pieces(gap_bits)
            .into_iter()
            .map(|(offset, width)| {
                let table = self.lookup(Kind::Range(1 << width));
                let meaning = Meaning::KeyGap { offset, width };
                self.part(outputs, Some(table), power_of_two(offset), meaning)
            })
            .collect();
        let bit = self.lookup(Kind::Range(2));
        let one_hot = self.part(outputs, Some(bit), Fr::one(), Meaning::OneHot);
        let scale = from_int(outputs as i128);
        for output in 0..outputs {
            // top - (C y + C - 1 - i) - gap = 0
            self.writer.begin();
            self.writer.sum([(Fr::one(), top)]);
            self.writer
                .sum(value(&form, output).map(|(weight, value)| (-scale * weight, value)));
            let low = form.lows[output / form.dims.positions()];
            let constant = outputs as i128 * i128::from(low) + (outputs - 1 - output) as i128;
            self.writer.constant(-from_int(constant));
            let gap = || gaps.iter().map(|part| (part.weight, part.values[output]));
            self.writer
                .sum(gap().map(|(weight, value)| (-weight, value)));
            // hot gap = 0
            self.writer.begin();
            self.writer.sum(gap());
            self.writer.multiply_early(one_hot.values[output]);
            self.writer.begin();
        }
        self.writer.begin();
        self.writer
            .sum(one_hot.values.iter().map(|&hot| (Fr::one(), hot)));
        self.writer.constant(-Fr::one());
        self.writer.begin();
        Output {
            one_hot: Some(one_hot),
        }
    }

    /// Rows of the output's words, written at the end of the sheet and moved to row `target`.
    pub(super) fn output_words(&mut self, output: &Output, stride: usize, target: usize) {
        self.writer.begin();
        self.writer.checking = false;
        let start = self.writer.rows.len();
        let form = self.forms[self.network.nodes.len()].clone();
        let outputs: Vec<usize> = (0..form.dims.len()).collect();
        let mut row = start;
        for chunk in outputs.chunks(LOGITS_PER_WORD) {
            self.writer.advance(row);
            let mut constant = Fr::zero();
            let mut terms = vec![];
            for (at, &output) in chunk.iter().enumerate() {
                let place = -power_of_two(64 * at as u32);
                let low = i128::from(form.lows[output / form.dims.positions()]);
                constant += place * from_int(low + (1 << LOGIT_OFFSET_BITS));
                terms.extend(value(&form, output).map(|(weight, value)| (place * weight, value)));
            }
            self.writer.sum(terms);
            self.writer.constant(constant);
            row += stride;
        }
        self.writer.advance(row);
        let terms: Vec<(Fr, Value)> = match &output.one_hot {
            Some(part) => {
                let hot = part.values.iter().enumerate().skip(1);
                hot.map(|(class, &hot)| (-from_int(class as i128), hot))
                    .collect()
            }
            None => vec![],
        };
        if terms.is_empty() {
            // A single output has class 0.
            let row = Row {
                kind: super::row::Kind::Sum,
                ..Row::default()
            };
            self.writer.push(row, &[]);
        }
        self.writer.sum(terms);
        self.writer.relocate(start, target);
        self.writer.checking = true;
    }
}

/// An output's value without its lower bound.
fn value(form: &Form, output: usize) -> impl Iterator<Item = (Fr, Value)> {
    form.parts
        .iter()
        .map(move |part| (part.weight, part.values[output]))
}

/// Interval of the ranking keys C y + C - 1 - i, as wide as the output's pieces can express.
pub(super) fn keys(outputs: usize, interval: Interval) -> Interval {
    let count = outputs as i64;
    Interval {
        low: count * interval.low,
        high: count * (interval.high + 1) - 1,
    }
}
