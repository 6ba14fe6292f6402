//! Filling the tape for one input.

use halo2_axiom::halo2curves::ff::Field;

use super::{
    dense::Split,
    layout::Layout,
    output::{Ranking, key},
    row::{Cell, Kind, Value},
};
use crate::{
    Error,
    field::{Fr, from_int},
    model::Trace,
    public::{PublicInputs, Statement},
};

/// The two advice columns of one proof, without the reserved rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// A: one value per row.
    pub values: Vec<Fr>,
    /// ACC: the accumulator before each row, and after the last one.
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
        let instance = public_inputs.scalars()?;
        let source = Source::new(layout, trace, &instance);
        let values = layout
            .rows
            .iter()
            .map(|row| source.cell(row.cell))
            .collect();
        let mut witness = Self {
            values,
            accumulators: vec![],
            public_inputs,
        };
        witness.accumulate(layout)?;
        Ok(witness)
    }

    /// Recomputes the accumulator column from the values by running the gates forward. The
    /// accumulator before row 0 is whatever makes row 0 end at zero.
    ///
    /// # Errors
    /// [`Error::PublicInput`] for words not below r.
    pub fn accumulate(&mut self, layout: &Layout) -> Result<(), Error> {
        let instance = self.public_inputs.scalars()?;
        let public = |index: usize| instance.get(index).copied().unwrap_or(Fr::ZERO);
        let mut acc = -public(0);
        self.accumulators = vec![acc];
        for (index, (row, value)) in layout.rows.iter().zip(&self.values).enumerate() {
            acc = match row.kind {
                Kind::Mul => acc * value + row.coefficient,
                Kind::Mac | Kind::MacZero => acc + row.coefficient * value + public(index),
            };
            self.accumulators.push(acc);
        }
        Ok(())
    }
}

/// Looks tape values up in a trace of the reference inference.
struct Source<'a> {
    layout: &'a Layout,
    trace: &'a Trace,
    instance: &'a [Fr],
    ranking: Ranking,
    top_key: i128,
}

impl<'a> Source<'a> {
    fn new(layout: &'a Layout, trace: &'a Trace, instance: &'a [Fr]) -> Self {
        let logits = layout.bounds().accumulators.last();
        let ranking = Ranking::of(logits.map_or(&[], Vec::as_slice));
        let class = trace.inference.class;
        let top = trace
            .inference
            .logits
            .get(class)
            .copied()
            .unwrap_or_default();
        let top_key = key(layout.schema.classes, class, top.into());
        Self {
            layout,
            trace,
            instance,
            ranking,
            top_key,
        }
    }

    fn cell(&self, cell: Cell) -> Fr {
        match cell {
            Cell::Digit(value, place) => {
                Fr::from(((self.integer(value) >> (2 * place)) & 3).unsigned_abs() as u64)
            }
            Cell::Whole(Value::InputWord(word)) => self.public(1 + word),
            Cell::Whole(Value::LogitWord(word)) => {
                self.public(1 + self.layout.schema.input_words() + word)
            }
            Cell::Whole(value) => from_int(self.integer(value)),
        }
    }

    fn public(&self, index: usize) -> Fr {
        self.instance.get(index).copied().unwrap_or(Fr::ZERO)
    }

    /// Values other than packed words. Indices come from the layout of the same model.
    fn integer(&self, value: Value) -> i128 {
        let bounds = self.layout.bounds();
        let shift = |layer: usize| self.layout.model().layers[layer].shift;
        match value {
            Value::Input(i) => i128::from(self.trace.inputs[i]) - bounds.input.low,
            Value::Quotient(l, j) => {
                let low = Split::of(bounds.accumulators[l][j], shift(l)).low;
                self.trace.quotients[l][j] - low
            }
            Value::Remainder(l, j) => {
                self.trace.accumulators[l][j] - (self.trace.quotients[l][j] << shift(l))
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
            Value::Class => self.trace.inference.class as i128,
            Value::InputWord(_) | Value::LogitWord(_) => 0,
        }
    }
}
