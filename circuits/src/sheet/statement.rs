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
        Statement, logit_words,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visibilities {
    /// Of the input.
    pub input: Visibility,
    /// Of the output.
    pub output: Visibility,
    /// How many windows the network takes at once, each with words of its own.
    pub windows: usize,
    /// Values of the tensors that make up a committed input, one after the other, each with columns
    /// of its own; empty for one.
    pub parts: Vec<usize>,
    /// Range of a committed output, if it is to be wider than the network's: slices that are linked
    /// must agree on it.
    pub interval: Option<(i64, i64)>,
}

impl Visibilities {
    /// All public.
    pub const PUBLIC: Self = Self::of(Visibility::Public, Visibility::Public);
    /// All committed.
    pub const COMMITTED: Self = Self::of(Visibility::Committed, Visibility::Committed);

    /// One window, one part.
    pub const fn of(input: Visibility, output: Visibility) -> Self {
        Self {
            input,
            output,
            windows: 1,
            parts: vec![],
            interval: None,
        }
    }

    /// All public, several windows: of a network that [`Network::batch`] made.
    pub fn windows(windows: usize) -> Self {
        Self {
            windows,
            ..Self::PUBLIC
        }
    }

    /// Public words of a network's statement.
    pub fn words(&self, network: &Network) -> usize {
        let input = match self.input {
            Visibility::Public => self.input_words(network),
            Visibility::Committed => 0,
        };
        let output = match self.output {
            Visibility::Public => {
                self.windows * (logit_words(network.outputs() / self.windows) + 1)
            }
            Visibility::Committed => 0,
        };
        1 + input + output
    }

    /// Words of a public input.
    pub fn input_words(&self, network: &Network) -> usize {
        let window = network.input.dims.len() / self.windows;
        self.windows * window.div_ceil(INPUTS_PER_WORD)
    }

    /// Checks that a network's input and output fit their words.
    pub(super) fn check(&self, network: &Network) -> Result<(), String> {
        let input = network.input;
        let offset = i32::from(INPUT_OFFSET);
        let outputs = network.outputs();
        let windows = self.windows;
        if windows == 0
            || !outputs.is_multiple_of(windows)
            || !input.dims.len().is_multiple_of(windows)
        {
            return Err(format!(
                "{windows} windows of {} to {outputs} values",
                input.dims
            ));
        }
        if self.input == Visibility::Public && (input.low != -offset || input.high != offset - 1) {
            return Err(format!(
                "a public input must have the range of int8, not {}..={}; commit to it instead",
                input.low, input.high
            ));
        }
        if self.output == Visibility::Public && !(1..=255).contains(&(outputs / windows)) {
            return Err(format!(
                "{} outputs, at most 255 can be public; commit to them instead",
                outputs / windows
            ));
        }
        if !self.parts.is_empty() && self.parts.iter().sum::<usize>() != input.dims.len() {
            return Err(format!(
                "parts {:?} of an input of {}",
                self.parts, input.dims
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
    visibilities: &Visibilities,
    trace: &Trace,
    binding: Word,
) -> Result<Vec<Word>, Error> {
    let input = trace.tensors.first().map_or(&[][..], Vec::as_slice);
    let windows = visibilities.windows;
    let shown = |visibility, values: &[i64], window: usize| match visibility {
        Visibility::Public => values
            .chunks(values.len() / windows)
            .nth(window)
            .map(<[i64]>::to_vec)
            .unwrap_or_default(),
        Visibility::Committed => vec![],
    };
    let int8 =
        |x: i64| i16::try_from(x).map_err(|_| Error::Input(format!("value {x} does not fit int8")));
    let (mut inputs, mut outputs): (Vec<Word>, Vec<Word>) = (vec![binding], vec![]);
    for window in 0..windows {
        let values = shown(visibilities.input, input, window);
        let logits = shown(visibilities.output, trace.output(), window);
        let schema = Schema {
            inputs: values.len(),
            classes: logits.len(),
        };
        let statement = Statement {
            binding,
            class: class_of(&logits),
            inputs: values.into_iter().map(int8).collect::<Result<_, _>>()?,
            logits,
        };
        let words = PublicInputs::encode(schema, &statement)?;
        let (_, rest) = words.words().split_at(1);
        let (input, output) = rest.split_at(schema.input_words());
        inputs.extend(input);
        if visibilities.output == Visibility::Public {
            outputs.extend(output);
        }
    }
    inputs.extend(outputs);
    Ok(inputs)
}

/// Index of the largest logit, the lowest one of equals.
pub(super) fn class_of(logits: &[i64]) -> usize {
    let largest = logits.iter().max();
    logits
        .iter()
        .position(|logit| Some(logit) == largest)
        .unwrap_or_default()
}

/// Cells of a word of logits: each takes at most six pieces.
const LOGIT_CELLS: usize = 6 * LOGITS_PER_WORD;

/// Rows from one word to the next: the longest word and the row that closes it.
pub(super) fn stride(lanes: usize, network: &Network, visibilities: &Visibilities) -> usize {
    let outputs = network.outputs() / visibilities.windows.max(1);
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

/// One-hot values of the classes, window by window; none for single outputs.
pub(super) struct Classes {
    one_hot: Option<Part>,
}

impl Compiler<'_> {
    /// Rows of the binding and the input; afterwards the tape is free behind the last word.
    pub(super) fn input_words(&mut self, visibilities: &Visibilities, stride: usize) {
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
            let windows = values.chunks(values.len() / visibilities.windows);
            let words = windows.flat_map(|window| window.chunks(INPUTS_PER_WORD));
            for (index, chunk) in words.enumerate() {
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

    /// The class of every window: one-hot, with its distance from the largest ranking key zero.
    pub(super) fn classes(&mut self, windows: usize) -> Classes {
        let last = self.network.nodes.len();
        let form = self.forms[last].clone();
        let all = form.dims.len();
        let outputs = all / windows;
        if outputs < 2 {
            return Classes { one_hot: None };
        }
        let keys = keys(outputs, self.bounds.tensors[last]);
        let gap_bits = bits(keys.len());
        let top = self.part(windows, None, Fr::one(), Meaning::TopKey { windows });
        let gaps: Vec<Part> = pieces(gap_bits)
            .into_iter()
            .map(|(offset, width)| {
                let table = self.lookup(Kind::Range(1 << width));
                let meaning = Meaning::KeyGap {
                    windows,
                    offset,
                    width,
                };
                self.part(all, Some(table), power_of_two(offset), meaning)
            })
            .collect();
        let bit = self.lookup(Kind::Range(2));
        let one_hot = self.part(all, Some(bit), Fr::one(), Meaning::OneHot { windows });
        let scale = from_int(outputs as i128);
        for output in 0..all {
            let (window, class) = (output / outputs, output % outputs);
            // top - (C y + C - 1 - i) - gap = 0
            self.writer.begin();
            self.writer.sum([(Fr::one(), top.values[window])]);
            self.writer
                .sum(value(&form, output).map(|(weight, value)| (-scale * weight, value)));
            let low = form.lows[output / form.dims.positions()];
            let constant = outputs as i128 * i128::from(low) + (outputs - 1 - class) as i128;
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
        for window in one_hot.values.chunks(outputs) {
            self.writer.begin();
            self.writer.sum(window.iter().map(|&hot| (Fr::one(), hot)));
            self.writer.constant(-Fr::one());
            self.writer.begin();
        }
        Classes {
            one_hot: Some(one_hot),
        }
    }

    /// Rows of the output's words, written at the end of the sheet and moved to row `target`.
    pub(super) fn output_words(
        &mut self,
        classes: &Classes,
        windows: usize,
        stride: usize,
        target: usize,
    ) {
        self.writer.begin();
        self.writer.checking = false;
        let start = self.writer.rows.len();
        let form = self.forms[self.network.nodes.len()].clone();
        let outputs = form.dims.len() / windows;
        let mut row = start;
        for window in 0..windows {
            let all: Vec<usize> = (window * outputs..(window + 1) * outputs).collect();
            for chunk in all.chunks(LOGITS_PER_WORD) {
                self.writer.advance(row);
                self.logit_word(&form, chunk);
                row += stride;
            }
            self.writer.advance(row);
            let hot = classes.one_hot.as_ref().map(|part| &part.values[all[0]..]);
            let hot = hot
                .unwrap_or_default()
                .iter()
                .take(outputs)
                .enumerate()
                .skip(1);
            let terms: Vec<(Fr, Value)> = hot
                .map(|(class, &hot)| (-from_int(class as i128), hot))
                .collect();
            if terms.is_empty() {
                // A single output has class 0.
                let row = Row {
                    kind: super::row::Kind::Sum,
                    ..Row::default()
                };
                self.writer.push(row, &[]);
            }
            self.writer.sum(terms);
            row += stride;
        }
        self.writer.relocate(start, target);
        self.writer.checking = true;
    }

    fn logit_word(&mut self, form: &Form, outputs: &[usize]) {
        let mut constant = Fr::zero();
        let mut terms = vec![];
        for (at, &output) in outputs.iter().enumerate() {
            let place = -power_of_two(64 * at as u32);
            let low = i128::from(form.lows[output / form.dims.positions()]);
            constant += place * from_int(low + (1 << LOGIT_OFFSET_BITS));
            terms.extend(value(form, output).map(|(weight, value)| (place * weight, value)));
        }
        self.writer.sum(terms);
        self.writer.constant(constant);
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
