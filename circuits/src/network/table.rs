//! Functions of one integer, written out.

use serde::{Deserialize, Serialize};

/// y = values[x - low] for x in low..low + values.len().
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// What it computes, for reports.
    pub name: String,
    /// Smallest argument.
    pub low: i64,
    /// Value of every argument.
    pub values: Vec<i32>,
}

impl Table {
    /// Largest argument.
    pub fn high(&self) -> i64 {
        self.low + self.values.len() as i64 - 1
    }

    /// Value of an argument; `None` outside the table.
    pub fn get(&self, argument: i64) -> Option<i32> {
        let index = usize::try_from(argument.checked_sub(self.low)?).ok()?;
        self.values.get(index).copied()
    }

    /// Smallest and largest value.
    pub fn range(&self) -> (i32, i32) {
        let low = self.values.iter().min().copied().unwrap_or_default();
        let high = self.values.iter().max().copied().unwrap_or_default();
        (low, high)
    }
}
