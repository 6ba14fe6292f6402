//! Filling the tape for one input.

use halo2_axiom::halo2curves::ff::Field;
use rayon::prelude::*;

use super::{
    dense,
    layout::{Layout, PUBLIC_STRIDE},
    output::{Ranking, key},
    row::{Cell, Row, Value},
};
use crate::{
    Error,
    field::{Fr, from_int},
    model::Trace,
    public::{PublicInputs, Statement},
};

/// The advice columns of one proof, without the reserved rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// A: `lanes[lane][row]`.
    pub lanes: Vec<Vec<Fr>>,
    /// ACC: the accumulator before each row.
    pub accumulators: Vec<Fr>,
    /// The statement that these columns prove.
    pub public_inputs: PublicInputs,
}

impl Witness {
    /// Runs the model and fills the tape.
    ///
    /// # Errors
    /// [`Error::Input`] for inputs that the model refuses, [`Error::PublicInput`] for a binding
    /// word above 248 bits.
    pub fn generate(layout: &Layout, inputs: &[i16], binding: [u8; 32]) -> Result<Self, Error> {
        Self::from_trace(layout, &layout.model().trace(inputs)?, binding)
    }

    /// Fills the tape from a trace of the layout's model. A trace that is not the model's gives a
    /// tape that breaks a gate.
    ///
    /// # Errors
    /// [`Error::PublicInput`] for a binding word above 248 bits, [`Error::Input`] for a trace of
    /// another shape.
    pub fn from_trace(layout: &Layout, trace: &Trace, binding: [u8; 32]) -> Result<Self, Error> {
        let statement = Statement {
            binding,
            inputs: trace.inputs.clone(),
            logits: trace.inference.logits.clone(),
            class: trace.inference.class,
        };
        let public_inputs = PublicInputs::encode(layout.schema, &statement)?;
        check_shape(layout, trace)?;
        let words = public_inputs.scalars()?;
        let source = Source::new(layout, trace, &words);
        let lanes = (0..layout.shape.lanes)
            .into_par_iter()
            .map(|lane| {
                let cell = |row: &Row| {
                    row.lanes
                        .get(lane)
                        .map_or(Fr::ZERO, |l| source.cell(l.cell))
                };
                layout.rows.iter().map(cell).collect()
            })
            .collect();
        let mut witness = Self {
            lanes,
            accumulators: vec![],
            public_inputs,
        };
        witness.accumulate(layout)?;
        Ok(witness)
    }

    /// Recomputes the accumulator column from the values by running the gates forward. The
    /// accumulator before row 0 is whatever makes row 0 end at one.
    ///
    /// # Errors
    /// [`Error::PublicInput`] for words not below r.
    pub fn accumulate(&mut self, layout: &Layout) -> Result<(), Error> {
        let words = self.public_inputs.scalars()?;
        let public = |row: usize| {
            let word = row
                .is_multiple_of(PUBLIC_STRIDE)
                .then_some(row / PUBLIC_STRIDE);
            word.and_then(|word| words.get(word)).copied()
        };
        let mut acc = -public(0).unwrap_or(Fr::ZERO);
        self.accumulators = Vec::with_capacity(layout.rows.len());
        for (index, row) in layout.rows.iter().enumerate() {
            self.accumulators.push(acc);
            let mut next = acc;
            if row.multiplies {
                next *= self.lanes.first().map_or(Fr::ZERO, |lane| lane[index]);
            } else if let Some(word) = public(index) {
                next += word;
            }
            for (lane, values) in row.lanes.iter().zip(&self.lanes) {
                // Most values are small; a product with zero needs no multiplication.
                if values[index] != Fr::ZERO {
                    next += lane.coefficient * values[index];
                }
            }
            acc = next;
        }
        Ok(())
    }
}

/// Whether a trace has a value for every neuron of the layout's model.
fn check_shape(layout: &Layout, trace: &Trace) -> Result<(), Error> {
    let neurons = |layers: &[Vec<i128>]| layers.iter().map(Vec::len).collect::<Vec<_>>();
    let layers = neurons(&trace.accumulators);
    let widths = layout.model().widths().split_off(1);
    let hidden = widths.get(..widths.len() - 1).unwrap_or_default();
    if layers == widths && neurons(&trace.quotients) == hidden && neurons(&trace.hidden) == hidden {
        return Ok(());
    }
    Err(Error::Input(format!(
        "a trace of layers of {layers:?} neurons, the layout's model has {widths:?}"
    )))
}

/// Looks tape values up in a trace of the reference inference.
struct Source<'a> {
    layout: &'a Layout,
    trace: &'a Trace,
    words: &'a [Fr],
    ranking: Ranking,
    top_key: i128,
    /// Lower bound of every neuron's quotient on the tape.
    lows: Vec<Vec<i128>>,
}

impl<'a> Source<'a> {
    fn new(layout: &'a Layout, trace: &'a Trace, words: &'a [Fr]) -> Self {
        let (model, bounds) = (layout.model(), layout.bounds());
        let range = layout.shape.range;
        let logits = bounds.accumulators.last();
        let ranking = Ranking::of(logits.map_or(&[], Vec::as_slice), range);
        let class = trace.inference.class;
        let top = trace
            .inference
            .logits
            .get(class)
            .copied()
            .unwrap_or_default();
        let hidden = model.layers.iter().enumerate().take(bounds.hidden.len());
        let lows = hidden.map(|(index, layer)| {
            let neurons = 0..layer.weights.len();
            neurons
                .map(|j| dense::split(model, bounds, range, index, j).low)
                .collect()
        });
        Self {
            layout,
            trace,
            words,
            ranking,
            top_key: key(layout.schema.classes, class, top.into()),
            lows: lows.collect(),
        }
    }

    fn cell(&self, cell: Cell) -> Fr {
        match cell {
            Cell::Piece(value, piece) => {
                let bits = (self.integer(value) >> piece.offset) & ((1 << piece.width) - 1);
                Fr::from(bits.unsigned_abs() as u64)
            }
            Cell::Whole(Value::InputWord(word)) => self.word(1 + word),
            Cell::Whole(Value::LogitWord(word)) => {
                self.word(1 + self.layout.schema.input_words() + word)
            }
            Cell::Whole(value) => {
                let integer = self.integer(value);
                u64::try_from(integer).map_or_else(|_| from_int(integer), Fr::from)
            }
        }
    }

    /// A public word plus 1.
    fn word(&self, index: usize) -> Fr {
        self.words.get(index).copied().unwrap_or(Fr::ZERO) + Fr::ONE
    }

    /// Values other than packed words. Indices come from the layout of the same model.
    fn integer(&self, value: Value) -> i128 {
        let (model, bounds) = (self.layout.model(), self.layout.bounds());
        match value {
            Value::One => 1,
            Value::Input(i) => i128::from(self.trace.inputs[i]) - bounds.input.low,
            Value::Quotient(l, j) => self.trace.quotients[l][j] - self.lows[l][j],
            Value::Remainder(l, j) => {
                self.trace.accumulators[l][j]
                    - (self.trace.quotients[l][j] << model.layers[l].shift)
            }
            Value::Sign(l, j) => i128::from(self.trace.quotients[l][j] >= 0),
            Value::Entry(l, j) => {
                let (q, h) = (self.trace.quotients[l][j], self.trace.hidden[l][j]);
                self.layout.entry(l, q, h)
            }
            Value::Hidden(l, j) => self.trace.hidden[l][j] - bounds.hidden[l][j].low,
            Value::Logit(j) => {
                i128::from(self.trace.inference.logits[j]) - self.ranking.logit_lows[j]
            }
            Value::TopKey => self.top_key - self.ranking.key_low,
            Value::KeyGap(j) => {
                let logit = self.trace.inference.logits[j].into();
                self.top_key - key(self.layout.schema.classes, j, logit)
            }
            Value::OneHot(j) => i128::from(j == self.trace.inference.class),
            Value::Class => self.trace.inference.class as i128 + 1,
            Value::InputWord(_) | Value::LogitWord(_) => 0,
        }
    }
}
