//! Forging tapes so that as little as possible is wrong with them.
//!
//! A corrupted cell alone is easy to catch: its accumulator or its copies object. A forger repairs
//! everything that can be repaired, so that a single constraint stands between the forgery and an
//! accepted proof; these tools do the repairs.

use std::{collections::HashMap, ops::Range};

use halo2_axiom::halo2curves::ff::Field;
use veriregime_circuits::{
    field::{Fr, from_word},
    model::{IntegerModel, Trace},
    tape::{Cell, Checker, PUBLIC_STRIDE, RangeCheck, Row, Rule, Value, Violation, Witness},
};

use crate::setup::Setup;

/// (row, lane).
pub type Place = (usize, usize);

/// A setup, its chains and where its cells are.
#[derive(Debug)]
pub struct Forger<'a> {
    pub setup: &'a Setup,
    pub checker: Checker<'a>,
    /// Rows between two accumulators that must be 1.
    pub chains: Vec<Range<usize>>,
    /// In the order in which they first stand on the tape.
    pub cells: Vec<(Cell, Vec<Place>)>,
}

impl<'a> Forger<'a> {
    pub fn new(setup: &'a Setup) -> Self {
        let rows = &setup.layout().rows;
        let starts: Vec<usize> = (0..rows.len()).filter(|&row| rows[row].opens).collect();
        let mut index: HashMap<Cell, usize> = HashMap::new();
        let mut cells: Vec<(Cell, Vec<Place>)> = vec![];
        for (row, lanes) in rows.iter().map(|row| &row.lanes).enumerate() {
            for (lane, cell) in lanes.iter().map(|lane| lane.cell).enumerate() {
                let place = *index.entry(cell).or_insert_with(|| {
                    cells.push((cell, vec![]));
                    cells.len() - 1
                });
                cells[place].1.push((row, lane));
            }
        }
        Self {
            setup,
            checker: setup.checker(),
            chains: starts.windows(2).map(|pair| pair[0]..pair[1]).collect(),
            cells,
        }
    }

    pub fn rows(&self) -> &[Row] {
        &self.setup.layout().rows
    }

    /// Where a cell stands.
    pub fn places(&self, cell: Cell) -> Vec<Place> {
        let found = self.cells.iter().find(|(other, _)| *other == cell);
        found.map(|(_, places)| places.clone()).unwrap_or_default()
    }

    /// The values with cells of their own.
    pub fn values(&self) -> Vec<(Value, Vec<Place>)> {
        let cells = self.cells.iter();
        let whole = cells.filter_map(|(cell, places)| match cell {
            Cell::Whole(value) => Some((*value, places.clone())),
            Cell::Piece(..) => None,
        });
        whole.collect()
    }

    pub fn get(&self, witness: &Witness, value: Value) -> Fr {
        let (row, lane) = self.places(Cell::Whole(value))[0];
        witness.lanes[lane][row]
    }

    /// Writes a value everywhere it stands.
    pub fn set(&self, witness: &mut Witness, value: Value, to: Fr) {
        for (row, lane) in self.places(Cell::Whole(value)) {
            witness.lanes[lane][row] = to;
        }
    }

    /// The chain that a row is in.
    pub fn chain_of(&self, row: usize) -> Option<Range<usize>> {
        self.chains
            .iter()
            .find(|chain| chain.contains(&row))
            .cloned()
    }

    /// Places of pieces in a chain, those of one value first if it is given.
    pub fn pieces_in(&self, chain: &Range<usize>) -> Vec<(Place, Value)> {
        let mut pieces = vec![];
        for row in chain.clone() {
            for (lane, cell) in self.rows()[row].lanes.iter().map(|l| l.cell).enumerate() {
                if let Cell::Piece(value, _) = cell {
                    pieces.push(((row, lane), value));
                }
            }
        }
        pieces
    }

    /// The accumulator after a row.
    fn step(&self, witness: &Witness, index: usize, before: Fr) -> Fr {
        let row = &self.rows()[index];
        let words = witness.public_inputs.words();
        let mut acc = before;
        if row.multiplies {
            acc *= witness.lanes[0][index];
        } else if index.is_multiple_of(PUBLIC_STRIDE)
            && let Some(word) = words.get(index / PUBLIC_STRIDE)
        {
            acc += from_word(word).unwrap();
        }
        for (lane, values) in row.lanes.iter().zip(&witness.lanes) {
            acc += lane.coefficient * values[index];
        }
        acc
    }

    /// The accumulators of a chain that starts at 1, and the one after it.
    fn run(&self, witness: &Witness, chain: &Range<usize>) -> Vec<Fr> {
        let mut all = vec![Fr::ONE];
        for index in chain.clone() {
            all.push(self.step(witness, index, all[all.len() - 1]));
        }
        all
    }

    pub fn end(&self, witness: &Witness, chain: &Range<usize>) -> Fr {
        self.run(witness, chain)[chain.len()]
    }

    /// Changes one cell so that its chain ends at 1, if that cell can.
    pub fn balance(&self, witness: &mut Witness, (row, lane): Place) -> bool {
        let Some(chain) = self.chain_of(row) else {
            return false;
        };
        let after = (row + 1..chain.end).filter(|&row| self.rows()[row].multiplies);
        let factor: Fr = after.map(|row| witness.lanes[0][row]).product();
        let slope = self.rows()[row].lanes[lane].coefficient * factor;
        let Some(inverse) = Option::<Fr>::from(slope.invert()) else {
            return false;
        };
        let missing = Fr::ONE - self.end(witness, &chain);
        witness.lanes[lane][row] += missing * inverse;
        true
    }

    /// Lets the highest piece of a value take up what its chains lack.
    pub fn settle_value(&self, witness: &mut Witness, value: Value) {
        for chain in &self.chains {
            let pieces = self.pieces_in(chain);
            let last = pieces.iter().rev().find(|(_, v)| *v == value);
            if let Some((place, _)) = last {
                self.balance(witness, *place);
            }
        }
    }

    /// Lets the last piece of every chain that does not end at 1 take up what it lacks.
    pub fn settle(&self, witness: &mut Witness) {
        for chain in &self.chains {
            if self.end(witness, chain) != Fr::ONE
                && let Some((place, _)) = self.pieces_in(chain).last()
            {
                self.balance(witness, *place);
            }
        }
    }

    /// Recomputes the accumulators with every chain started at 1: a chain that does not end there
    /// breaks the gate of its last row.
    pub fn restart(&self, witness: &mut Witness) {
        for chain in &self.chains {
            let accumulators = self.run(witness, chain);
            witness.accumulators[chain.clone()].copy_from_slice(&accumulators[..chain.len()]);
        }
    }

    /// Recomputes the accumulators with every chain started at 1 and ended at 1: what is missing is
    /// missing at the chain's last multiplication, if it has one.
    pub fn meet(&self, witness: &mut Witness) {
        self.restart(witness);
        for chain in &self.chains {
            let last = chain.clone().rev().find(|&row| self.rows()[row].multiplies);
            let Some(last) = last else { continue };
            let missing = Fr::ONE - self.end(witness, chain);
            for row in last + 1..chain.end {
                witness.accumulators[row] += missing;
            }
        }
    }

    /// Recomputes the accumulators from row to row: a chain that does not end at 1 breaks the gate
    /// of the next chain's first row.
    pub fn carry(&self, witness: &mut Witness) {
        witness.accumulate(self.setup.layout()).unwrap();
    }

    /// Recomputes the accumulators of the first rows backward from the one after them.
    pub fn back(&self, witness: &mut Witness, rows: usize) {
        for row in (0..rows).rev() {
            let added = self.step(witness, row, Fr::ZERO);
            witness.accumulators[row] = witness.accumulators[row + 1] - added;
        }
    }

    pub fn accepts(&self, witness: &Witness) -> bool {
        self.checker.first_violation(witness).unwrap().is_none()
    }

    pub fn violations(&self, witness: &Witness) -> Vec<Violation> {
        self.checker
            .violations(witness, 0..self.rows().len())
            .unwrap()
    }

    /// Whether a rule is the range check of the setup's shape.
    pub fn is_range(&self, rule: Rule) -> bool {
        match self.setup.layout().shape.range {
            RangeCheck::Bits | RangeCheck::Quads => matches!(rule, Rule::Gate(3..)),
            RangeCheck::Bytes => rule == Rule::Lookup,
        }
    }
}

/// Recomputes everything behind the quotients of a layer (behind its activations if `hidden` is
/// false) as the model would.
pub fn retrace(model: &IntegerModel, trace: &mut Trace, from: usize, hidden: bool) {
    for (index, layer) in model.layers.iter().enumerate().skip(from) {
        if index > from {
            let values = &trace.hidden[index - 1];
            for (neuron, row) in layer.weights.iter().enumerate() {
                let products = row.iter().zip(values).map(|(&w, &h)| i128::from(w) * h);
                let acc = i128::from(layer.bias[neuron]) + products.sum::<i128>();
                trace.accumulators[index][neuron] = acc;
                if index + 1 < model.layers.len() {
                    trace.quotients[index][neuron] = acc >> layer.shift;
                } else {
                    trace.inference.logits[neuron] = i64::try_from(acc).unwrap();
                }
            }
        }
        if index + 1 < model.layers.len() && (index > from || hidden) {
            let quotients = trace.quotients[index].iter();
            trace.hidden[index] = quotients
                .map(|&q| layer.activation.apply(q).unwrap())
                .collect();
        }
    }
    let logits = &trace.inference.logits;
    let top = logits.iter().max();
    trace.inference.class = logits.iter().position(|y| Some(y) == top).unwrap();
}
