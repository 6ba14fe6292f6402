//! Activations by table: any function of a small integer, stored value by value.
//!
//! The table is part of the model, so that the reference and the circuit never evaluate a
//! transcendental function; [`Table::sample`] makes one, on the machine that trains.

use serde::{Deserialize, Serialize};

use super::bounds::Interval;

/// Longest table: what a circuit of 2^15 rows holds beside its tape.
pub const MAX_TABLE: usize = 1 << 14;
/// Largest magnitude of a table's value (16 bits).
pub const MAX_TABLE_VALUE: i32 = 32_767;

/// A function on consecutive integers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// What the values were sampled from, for reports.
    pub name: String,
    /// The integer that the first value belongs to.
    pub low: i64,
    /// One value per integer from `low` on.
    pub values: Vec<i32>,
}

/// Functions that [`Table::sample`] knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// max(0, x).
    Relu,
    /// x / (1 + e^-x).
    Silu,
    /// tanh x.
    Tanh,
    /// 1 / (1 + e^-x).
    Sigmoid,
}

impl Function {
    /// Name in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Relu => "relu",
            Self::Silu => "silu",
            Self::Tanh => "tanh",
            Self::Sigmoid => "sigmoid",
        }
    }

    fn at(self, x: f64) -> f64 {
        match self {
            Self::Relu => x.max(0.0),
            Self::Silu => x / (1.0 + (-x).exp()),
            Self::Tanh => x.tanh(),
            Self::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        }
    }
}

impl Table {
    /// Samples a function: q stands for q / 2^`input_bits`, a value v for v / 2^`output_bits`;
    /// rounded to nearest, clamped to 16 bits.
    pub fn sample(function: Function, q: Interval, input_bits: u32, output_bits: u32) -> Self {
        let scale = |bits: u32| f64::from(bits).exp2();
        let limit = f64::from(MAX_TABLE_VALUE);
        let values = (q.low..=q.high).map(|q| {
            let y = function.at(q as f64 / scale(input_bits)) * scale(output_bits);
            y.round().clamp(-limit, limit) as i32
        });
        Self {
            name: function.name().into(),
            low: i64::try_from(q.low).unwrap_or(i64::MIN),
            values: values.collect(),
        }
    }

    /// The value at q, that of the nearest end outside the domain.
    pub(super) fn value(&self, q: i128) -> i128 {
        let last = self.values.len().saturating_sub(1);
        let index = usize::try_from(q - i128::from(self.low)).unwrap_or(0);
        self.values
            .get(index.min(last))
            .copied()
            .unwrap_or_default()
            .into()
    }

    pub(super) fn problem(&self) -> Option<String> {
        if self.values.is_empty() || self.values.len() > MAX_TABLE {
            return Some(format!(
                "table {} has {} values, want 1 to {MAX_TABLE}",
                self.name,
                self.values.len()
            ));
        }
        if self.low.unsigned_abs() > 1 << 40 {
            return Some(format!(
                "table {} begins at {}, want a magnitude up to 2^40",
                self.name, self.low
            ));
        }
        let beyond = |v: &&i32| v.unsigned_abs() > MAX_TABLE_VALUE.unsigned_abs();
        self.values.iter().find(beyond).map(|value| {
            format!(
                "table {} has value {value}, want -{MAX_TABLE_VALUE}..={MAX_TABLE_VALUE}",
                self.name
            )
        })
    }

    /// The smallest and largest integer that the table has a value for.
    pub fn domain(&self) -> Interval {
        let low = i128::from(self.low);
        Interval {
            low,
            high: low + self.values.len() as i128 - 1,
        }
    }

    /// Smallest and largest value on a part of the domain; `None` if the part leaves the domain.
    pub(super) fn range(&self, q: Interval) -> Option<Interval> {
        let start = usize::try_from(q.low - i128::from(self.low)).ok()?;
        let end = usize::try_from(q.high - i128::from(self.low)).ok()?;
        let part = self.values.get(start..=end)?;
        Some(Interval {
            low: (*part.iter().min()?).into(),
            high: (*part.iter().max()?).into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sample_known_points() {
        let q = Interval { low: -64, high: 64 };
        let table = |function| Table::sample(function, q, 4, 8);
        assert_eq!(table(Function::Relu).value(-1), 0);
        assert_eq!(table(Function::Relu).value(16), 256);
        assert_eq!(table(Function::Sigmoid).value(0), 128);
        assert_eq!(table(Function::Tanh).value(0), 0);
        // SiLU(1) = 0.731059.
        assert_eq!(table(Function::Silu).value(16), 187);
    }

    #[test]
    fn range_outside_the_domain_is_none() {
        let table = Table::sample(Function::Tanh, Interval { low: -8, high: 7 }, 2, 6);
        let range = |low, high| table.range(Interval { low, high });
        assert!(range(-8, 7).is_some());
        assert!(range(-9, 7).is_none());
        assert!(range(-8, 8).is_none());
    }
}
