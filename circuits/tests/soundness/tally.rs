//! Counting forgeries.

use std::ops::Add;

/// What was tried and what got through.
#[derive(Debug, Default)]
pub struct Tally {
    /// Cells, values or words that were corrupted.
    pub cells: usize,
    /// Corruptions.
    pub cases: usize,
    /// Descriptions of those that nothing objected to.
    pub accepted: Vec<String>,
}

impl Tally {
    /// Counts a forgery.
    pub fn case(&mut self, accepted: bool, what: impl FnOnce() -> String) {
        self.cases += 1;
        if accepted {
            self.accepted.push(what());
        }
    }
}

impl Add for Tally {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self.cells += other.cells;
        self.cases += other.cases;
        self.accepted.extend(other.accepted);
        self
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} cells, {} cases, {} accepted",
            self.cells,
            self.cases,
            self.accepted.len()
        )
    }
}
