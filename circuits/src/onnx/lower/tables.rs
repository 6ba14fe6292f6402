//! Tables under construction: those of one function and scale become one.

use crate::{network::Table, onnx::function::Function};

/// A function from integers to integers: y = round(f(q step) / unit), within low..=high.
#[derive(Debug, Clone)]
pub(in crate::onnx) struct Rule {
    pub(in crate::onnx) function: Function,
    /// What an argument of 1 stands for.
    pub(in crate::onnx) step: f64,
    /// What a value of 1 stands for.
    pub(in crate::onnx) unit: f64,
    pub(in crate::onnx) low: i32,
    pub(in crate::onnx) high: i32,
}

impl Rule {
    /// The value before it is cut off.
    fn exact(&self, q: i64) -> f64 {
        let q = q as f64;
        if self.function.is_homogeneous() {
            // Depends on the ratio alone: a power of two here is one everywhere.
            return self.function.at(q * (self.step / self.unit)).round();
        }
        (self.function.at(q * self.step) / self.unit).round()
    }

    /// The value of an argument; 0 if the function has none there.
    pub(in crate::onnx) fn at(&self, q: i64) -> i32 {
        let value = self.exact(q);
        if value.is_nan() {
            return 0.max(self.low).min(self.high);
        }
        value.max(self.low.into()).min(self.high.into()) as i32
    }

    /// Whether a value is cut off.
    pub(in crate::onnx) fn saturates(&self, q: i64) -> bool {
        let value = self.exact(q);
        value < self.low.into() || value > self.high.into()
    }

    /// Whether the value is the argument, for arguments within the limits.
    pub(in crate::onnx) fn is_identity(&self) -> bool {
        self.function.is_identity() && self.step == self.unit
    }

    fn name(&self) -> String {
        let ratio = self.step / self.unit;
        if self.function.is_homogeneous() {
            format!(
                "{}, {ratio} to 1, {}..={}",
                self.function, self.low, self.high
            )
        } else {
            format!(
                "{}, {} to {}, {}..={}",
                self.function, self.step, self.unit, self.low, self.high
            )
        }
    }
}

/// Tables under construction.
#[derive(Debug, Default)]
pub(in crate::onnx) struct Tables(Vec<Draft>);

#[derive(Debug)]
struct Draft {
    name: String,
    rule: Rule,
    low: i64,
    high: i64,
}

impl Tables {
    /// The index of a table for arguments low..=high, of at most `most` entries.
    pub(in crate::onnx) fn index(&mut self, rule: &Rule, low: i64, high: i64, most: i64) -> usize {
        let name = rule.name();
        for (index, draft) in self.0.iter_mut().enumerate() {
            let (least, largest) = (draft.low.min(low), draft.high.max(high));
            if draft.name == name && largest - least < most {
                (draft.low, draft.high) = (least, largest);
                return index;
            }
        }
        self.0.push(Draft {
            name,
            rule: rule.clone(),
            low,
            high,
        });
        self.0.len() - 1
    }

    /// The tables written out.
    pub(in crate::onnx) fn write(self) -> Vec<Table> {
        let tables = self.0.into_iter().map(|draft| Table {
            values: (draft.low..=draft.high).map(|q| draft.rule.at(q)).collect(),
            name: draft.name,
            low: draft.low,
        });
        tables.collect()
    }
}
