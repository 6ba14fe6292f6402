//! Sums of multiples of values.

use super::row::Value;
use crate::field::Fr;

/// A sum of multiples of values and a constant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub terms: Vec<(Fr, Value)>,
    pub constant: Fr,
}

impl Sum {
    /// What it amounts to.
    pub fn of(&self, values: &[Fr]) -> Fr {
        let products = self
            .terms
            .iter()
            .map(|(weight, v)| *weight * values[v.0 as usize]);
        products.fold(self.constant, |sum, product| sum + product)
    }

    /// Adds a multiple of another sum.
    pub fn add(&mut self, factor: Fr, other: &Self) {
        self.constant += factor * other.constant;
        let terms = other
            .terms
            .iter()
            .map(|&(weight, value)| (factor * weight, value));
        self.terms.extend(terms);
    }
}

impl From<Value> for Sum {
    fn from(value: Value) -> Self {
        Self {
            terms: vec![(Fr::one(), value)],
            constant: Fr::zero(),
        }
    }
}
