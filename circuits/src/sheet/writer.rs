//! Writing rows.
//!
//! A chain is a run of rows between two accumulators that are zero. [`Writer::begin`] opens one, the
//! next one closes it. Every value must be range-checked once: rows whose lanes hold values of one
//! block alone do it on the way, [`Writer::finish`] writes rows for the rest.

use super::{
    block::Block,
    lookup::Lookups,
    row::{Cell, Factor, Kind, Late, Row, Value},
};
use crate::field::Fr;

/// A sheet under construction.
#[derive(Debug)]
pub(super) struct Writer {
    pub lanes: usize,
    /// Values by lane and row.
    pub values: Vec<Vec<Option<Value>>>,
    /// Weights by lane and row.
    pub weights: Vec<Vec<Fr>>,
    pub rows: Vec<Row>,
    pub blocks: Vec<Block>,
    pub lookups: Lookups,
    /// Block of every value.
    owner: Vec<u32>,
    /// Whether a value still has to be looked up.
    unchecked: Vec<bool>,
    /// Number of second-phase values.
    pub late: u32,
    /// Whether the next row begins a chain.
    opening: bool,
    /// Whether rows may look values up on the way.
    pub checking: bool,
    /// The value that is proven to be 1.
    pub one: Value,
}

impl Writer {
    pub fn new(lanes: usize) -> Self {
        let mut writer = Self {
            lanes,
            values: vec![vec![]; lanes],
            weights: vec![vec![]; lanes],
            rows: vec![],
            blocks: vec![],
            lookups: Lookups::default(),
            owner: vec![],
            unchecked: vec![],
            late: 0,
            opening: true,
            checking: true,
            one: Value(0),
        };
        writer.one = writer.block(Block::one());
        writer
    }

    /// Adds values; they must be in the block's table, if it has one.
    pub fn block(&mut self, mut block: Block) -> Value {
        let first = self.owner.len() as u32;
        block.first = first;
        let (index, checked) = (self.blocks.len() as u32, block.table.is_some());
        self.owner.resize(self.owner.len() + block.len, index);
        self.unchecked.resize(self.owner.len(), checked);
        self.blocks.push(block);
        Value(first)
    }

    /// Number of first-phase values.
    pub fn value_count(&self) -> usize {
        self.owner.len()
    }

    pub fn new_late(&mut self) -> Late {
        self.late += 1;
        Late(self.late - 1)
    }

    /// The next row begins a chain, whose accumulator is zero.
    pub fn begin(&mut self) {
        self.opening = true;
    }

    /// Appends a row.
    pub fn push(&mut self, mut row: Row, cells: &[Cell]) {
        row.open = std::mem::take(&mut self.opening);
        let mut values = cells.iter().filter_map(|cell| cell.value);
        if self.checking && row.checked.is_none() && row.constant == Fr::zero() {
            row.checked = self.common(&mut values);
        }
        if row.checked.is_some() {
            for value in cells.iter().filter_map(|cell| cell.value) {
                self.unchecked[value.0 as usize] = false;
            }
        }
        for lane in 0..self.lanes {
            let cell = cells.get(lane).copied().unwrap_or(Cell::EMPTY);
            self.values[lane].push(cell.value);
            self.weights[lane].push(cell.weight);
        }
        self.rows.push(row);
    }

    /// The table of all values, if they are of one block and one of them is still unchecked.
    fn common(&self, values: &mut dyn Iterator<Item = Value>) -> Option<u32> {
        let first = values.next()?;
        let owner = self.owner[first.0 as usize];
        let mut useful = self.unchecked[first.0 as usize];
        for value in values {
            if self.owner[value.0 as usize] != owner {
                return None;
            }
            useful |= self.unchecked[value.0 as usize];
        }
        if useful {
            self.blocks[owner as usize].table
        } else {
            None
        }
    }

    /// Adds multiples of values.
    pub fn sum(&mut self, terms: impl IntoIterator<Item = (Fr, Value)>) {
        let terms: Vec<_> = terms
            .into_iter()
            .filter(|(weight, _)| *weight != Fr::zero())
            .collect();
        if !self.checking {
            return self.sum_rows(&terms);
        }
        let same = |a: &(Fr, Value), b: &(Fr, Value)| {
            self.owner[a.1.0 as usize] == self.owner[b.1.0 as usize]
        };
        let runs: Vec<Vec<(Fr, Value)>> = terms.chunk_by(same).map(<[_]>::to_vec).collect();
        let mut loose = vec![];
        for run in runs {
            if run
                .iter()
                .any(|(_, value)| self.unchecked[value.0 as usize])
            {
                self.sum_rows(&run);
            } else {
                loose.extend(run);
            }
        }
        self.sum_rows(&loose);
    }

    fn sum_rows(&mut self, terms: &[(Fr, Value)]) {
        for chunk in terms.chunks(self.lanes) {
            let cells: Vec<Cell> = chunk
                .iter()
                .map(|&(weight, value)| Cell {
                    value: Some(value),
                    weight,
                })
                .collect();
            let row = Row {
                kind: Kind::Sum,
                ..Row::default()
            };
            self.push(row, &cells);
        }
    }

    /// Adds a constant.
    pub fn constant(&mut self, constant: Fr) {
        if constant == Fr::zero() {
            return;
        }
        if !self.opening
            && let Some(row) = self.rows.last_mut()
            && row.kind == Kind::Sum
            && row.checked.is_none()
        {
            row.constant += constant;
            return;
        }
        let row = Row {
            kind: Kind::Sum,
            constant,
            ..Row::default()
        };
        self.push(row, &[]);
    }

    /// Adds a multiple of a second-phase value.
    pub fn add(&mut self, weight: Fr, late: Late) {
        self.factor(Kind::Sum, Factor::Late(late), weight);
    }

    /// Multiplies by a second-phase value.
    pub fn multiply(&mut self, late: Late) {
        self.factor(Kind::Multiply, Factor::Late(late), Fr::zero());
    }

    /// Multiplies by a first-phase value.
    pub fn multiply_early(&mut self, value: Value) {
        self.factor(Kind::Multiply, Factor::Early(value), Fr::zero());
    }

    /// Takes the accumulator as a new second-phase value and closes the chain.
    pub fn emit(&mut self) -> Late {
        let late = self.new_late();
        self.factor(Kind::Sum, Factor::Defined(late), -Fr::one());
        self.begin();
        late
    }

    fn factor(&mut self, kind: Kind, factor: Factor, factor_weight: Fr) {
        let row = Row {
            kind,
            factor,
            factor_weight,
            ..Row::default()
        };
        self.push(row, &[]);
    }

    /// Fills up to a row, which begins a chain.
    pub fn advance(&mut self, row: usize) {
        self.begin();
        while self.rows.len() < row {
            self.push(Row::default(), &[]);
            self.begin();
        }
    }

    /// Moves the rows from `start` on to `target`, whose rows are idle.
    pub fn relocate(&mut self, start: usize, target: usize) {
        let tail = self.rows.split_off(start);
        for (at, row) in tail.into_iter().enumerate() {
            self.rows[target + at] = row;
        }
        let columns = self.values.iter_mut().zip(&mut self.weights);
        for (values, weights) in columns {
            for at in start..values.len() {
                values[target + at - start] = values[at];
                weights[target + at - start] = weights[at];
            }
            values.truncate(start);
            weights.truncate(start);
        }
        self.begin();
    }

    /// Looks up what no row has looked up, and closes the last chain.
    pub fn finish(&mut self) {
        self.begin();
        for index in 0..self.blocks.len() {
            let Block {
                first, len, table, ..
            } = self.blocks[index];
            let Some(table) = table else { continue };
            let left: Vec<Value> = (first..first + len as u32)
                .map(Value)
                .filter(|value| self.unchecked[value.0 as usize])
                .collect();
            for chunk in left.chunks(self.lanes) {
                let cells: Vec<Cell> = chunk
                    .iter()
                    .map(|&value| Cell {
                        value: Some(value),
                        weight: Fr::zero(),
                    })
                    .collect();
                let row = Row {
                    checked: Some(table),
                    ..Row::default()
                };
                self.push(row, &cells);
            }
        }
        self.begin();
        self.push(Row::default(), &[]);
    }
}
