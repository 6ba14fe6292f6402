//! What a filled sheet breaks, and which constraints could be taken away.

use halo2_axiom::{halo2curves::ff::Field, plonk::Expression};
use veriregime_circuits::field::Fr;

use crate::{
    fill::Filled,
    key::{Kind, Sheet, Slot},
};

/// What a row breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    Gate(Kind),
    Open,
    Helper,
    Total,
    First,
    Last,
    /// Cells that must be equal are not; whether those in the remaining columns are.
    Copy {
        without_lanes: bool,
        without_factor: bool,
        without_boundary: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Violation {
    pub rule: Rule,
    pub row: usize,
}

/// A constraint that one may take away without another proving key: those that stay are the same
/// polynomials of the same columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    Gate(Kind),
    Open,
    Definitions,
    Words,
    One,
    Helpers,
    Total,
    First,
    Last,
    Lanes,
    Factors,
    Boundary,
}

/// All of them, with their names in docs/design/soundness.md.
pub const REMOVALS: [(&str, Removal); 16] = [
    ("sum gate", Removal::Gate(Kind::Sum)),
    ("multiplication gate", Removal::Gate(Kind::Multiply)),
    ("positions gate", Removal::Gate(Kind::Positions)),
    ("channels gate", Removal::Gate(Kind::Channels)),
    ("mixed gate", Removal::Gate(Kind::Mixed)),
    ("chain boundary gate", Removal::Open),
    ("definition of late values", Removal::Definitions),
    ("sum gate where a public word enters", Removal::Words),
    ("chain of the constant 1", Removal::One),
    ("definition of the inverses", Removal::Helpers),
    ("step of the total", Removal::Total),
    ("total is zero in the first row", Removal::First),
    ("total is zero in the last row", Removal::Last),
    ("copies in the lanes", Removal::Lanes),
    ("copies in the factor column", Removal::Factors),
    ("copies in the boundary columns", Removal::Boundary),
];

impl Removal {
    /// Whether a violation is none without the constraint. `one` is the chain of the constant 1.
    pub fn covers(self, sheet: &Sheet, one: &std::ops::Range<usize>, found: Violation) -> bool {
        let Violation { rule, row } = found;
        match (self, rule) {
            (Self::Gate(kind), Rule::Gate(other)) => kind == other,
            (Self::Definitions, Rule::Gate(_)) => {
                matches!(sheet.rows[row].slot, Slot::Define(_))
            }
            (Self::Words, Rule::Gate(_)) => (0..sheet.words).any(|w| sheet.word_row(w) == row),
            (Self::One, Rule::Gate(_)) => one.contains(&row),
            (Self::One, Rule::Open) => one.end == row,
            (Self::Open, Rule::Open)
            | (Self::Helpers, Rule::Helper)
            | (Self::Total, Rule::Total)
            | (Self::First, Rule::First)
            | (Self::Last, Rule::Last) => true,
            (Self::Lanes, Rule::Copy { without_lanes, .. }) => without_lanes,
            (Self::Factors, Rule::Copy { without_factor, .. }) => without_factor,
            (
                Self::Boundary,
                Rule::Copy {
                    without_boundary, ..
                },
            ) => without_boundary,
            _ => false,
        }
    }
}

impl Sheet {
    fn evaluate(&self, expression: &Expression<Fr>, filled: &Filled, row: usize) -> Fr {
        let rows = self.size as i64;
        let at = |rotation: i32| (row as i64 + i64::from(rotation)).rem_euclid(rows) as usize;
        expression.evaluate(
            &|constant| constant,
            &|_| unreachable!("sheets have no selectors"),
            &|query| self.fixed[query.column_index()][at(query.rotation().0)],
            &|query| filled.advice[query.column_index()][at(query.rotation().0)],
            &|query| filled.instance[at(query.rotation().0)],
            &|challenge| self.challenges[challenge.index()],
            &|a| -a,
            &|a, b| a + b,
            &|a, b| a * b,
            &|a, scalar| a * scalar,
        )
    }

    /// Everything that a filled sheet breaks.
    pub fn violations(&self, filled: &Filled) -> Vec<Violation> {
        let mut found = vec![];
        let helpers = self.shape.helpers();
        for row in 0..=self.height() {
            let mut look = |gate: usize, rule: Rule| {
                if self.evaluate(&self.gates[gate], filled, row) != Fr::ZERO {
                    found.push(Violation { rule, row });
                }
            };
            // A gate whose fixed columns are zero holds whatever the cells are.
            if let Some(of) = self.rows.get(row) {
                if let Some(kind) = of.kind {
                    look(0, Rule::Gate(kind));
                }
                if of.open {
                    look(1, Rule::Open);
                }
                if of.checked {
                    for helper in 0..helpers {
                        look(2 + helper, Rule::Helper);
                    }
                }
            }
            if row < self.height() {
                look(2 + helpers, Rule::Total);
            }
            if row == 0 {
                look(3 + helpers, Rule::First);
            }
            if row == self.height() {
                look(3 + helpers, Rule::Last);
            }
        }
        self.unequal(filled, &mut found);
        found
    }

    fn unequal(&self, filled: &Filled, found: &mut Vec<Violation>) {
        let boundary = 0..self.shape.boundary;
        let lanes = boundary.end..self.uses();
        for group in &self.copies {
            let equal = |keep: &dyn Fn(usize) -> bool| {
                let mut cells = group.iter().filter(|(column, _)| keep(*column));
                let Some(&(column, row)) = cells.next() else {
                    return true;
                };
                let first = filled.advice[column][row];
                cells.all(|&(column, row)| filled.advice[column][row] == first)
            };
            if !equal(&|_| true) {
                found.push(Violation {
                    rule: Rule::Copy {
                        without_lanes: equal(&|column| !lanes.contains(&column)),
                        without_factor: equal(&|column| column != self.factor()),
                        without_boundary: equal(&|column| !boundary.contains(&column)),
                    },
                    row: group[0].1,
                });
            }
        }
    }
}
