//! Activations: exact integer functions of the rescaled accumulator q.
//!
//! An approximation of a real function is a polynomial with rational coefficients; multiplied by
//! their common denominator it is an integer polynomial, and the denominator joins the scale of the
//! next layer. With q at scale 2^s (x = q / 2^s):
//!
//! | function | real | integer, of q | scale of the result |
//! |---|---|---|---|
//! | quadratic | x^2 | q^2 | 2^(2s) |
//! | cubic | x + x^3 / 10 | 10 4^s q + q^3 | 10 8^s |
//! | ReLU approximation | x/2 + x^2/8 - x^3/32 | 16 4^s q + 4 2^s q^2 - q^3 | 32 8^s |
//! | Swish approximation | x/2 + x^2/4 - x^3/20 | 10 4^s q + 5 2^s q^2 - q^3 | 20 8^s |

mod json;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Table, bounds::Interval};

/// Largest degree of an activation polynomial.
pub const MAX_DEGREE: usize = 3;

/// What a hidden layer applies to each of its rescaled accumulators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Activation {
    /// Coefficients c_0, c_1, .. of a polynomial in q; empty in the last layer.
    Polynomial(Vec<i64>),
    /// A function that is not a polynomial.
    Named(Named),
}

/// Activations that a circuit checks by a sign or by a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Named {
    /// max(0, q).
    Relu,
    /// A table of values.
    Table(Table),
}

impl Default for Activation {
    fn default() -> Self {
        Self::Polynomial(vec![])
    }
}

impl From<Vec<i64>> for Activation {
    fn from(coefficients: Vec<i64>) -> Self {
        Self::Polynomial(coefficients)
    }
}

impl Activation {
    /// x^2.
    pub fn quadratic() -> Self {
        Self::Polynomial(vec![0, 0, 1])
    }

    /// x + x^3 / 10 for x = q / 2^bits; the result's scale is 10 8^bits.
    pub fn cubic(bits: u32) -> Self {
        Self::Polynomial(vec![0, 10 << (2 * bits), 0, 1])
    }

    /// x/2 + x^2/8 - x^3/32 (ReLU approximation) for x = q / 2^bits; the result's scale is 32 8^bits.
    pub fn relu_approximation(bits: u32) -> Self {
        Self::Polynomial(vec![0, 16 << (2 * bits), 4 << bits, -1])
    }

    /// x/2 + x^2/4 - x^3/20 (Swish approximation) for x = q / 2^bits; the result's scale is 20 8^bits.
    pub fn swish_approximation(bits: u32) -> Self {
        Self::Polynomial(vec![0, 10 << (2 * bits), 5 << bits, -1])
    }

    /// max(0, q).
    pub fn relu() -> Self {
        Self::Named(Named::Relu)
    }

    /// A table of values.
    pub fn table(table: Table) -> Self {
        Self::Named(Named::Table(table))
    }

    /// The table, if this is one.
    pub fn as_table(&self) -> Option<&Table> {
        match self {
            Self::Named(Named::Table(table)) => Some(table),
            _ => None,
        }
    }

    /// A short name for reports.
    pub fn name(&self) -> String {
        match self {
            Self::Polynomial(c) if c.is_empty() => "none".into(),
            Self::Polynomial(c) => format!("polynomial of degree {}", c.len() - 1),
            Self::Named(Named::Relu) => "relu".into(),
            Self::Named(Named::Table(table)) => format!("{} by table", table.name),
        }
    }

    /// The function's value; a table gives the value of its nearest end outside its domain, which a
    /// validated model never asks for. `None` for a value of more than 128 bits, which no quantity
    /// of a validated model has.
    pub fn apply(&self, q: i128) -> Option<i128> {
        match self {
            Self::Polynomial(coefficients) => {
                coefficients.iter().rev().try_fold(0i128, |sum, &c| {
                    sum.checked_mul(q)?.checked_add(i128::from(c))
                })
            }
            Self::Named(Named::Relu) => Some(q.max(0)),
            Self::Named(Named::Table(table)) => Some(table.value(q)),
        }
    }

    /// Feeds the parameters to the model's digest, each kind under a length that no other has.
    pub(super) fn hash_into(&self, hash: &mut Sha256) {
        match self {
            Self::Polynomial(coefficients) => {
                hash.update((coefficients.len() as u64).to_be_bytes());
                for coefficient in coefficients {
                    hash.update(coefficient.to_be_bytes());
                }
            }
            Self::Named(Named::Relu) => hash.update(u64::MAX.to_be_bytes()),
            Self::Named(Named::Table(table)) => {
                hash.update((u64::MAX - 1).to_be_bytes());
                hash.update(table.low.to_be_bytes());
                hash.update((table.values.len() as u64).to_be_bytes());
                for value in &table.values {
                    hash.update(value.to_be_bytes());
                }
            }
        }
    }

    /// What is wrong with the parameters, `None` if nothing.
    pub(super) fn problem(&self) -> Option<String> {
        match self {
            Self::Polynomial(c) => {
                (!(2..=MAX_DEGREE + 1).contains(&c.len()) || c.last() == Some(&0)).then(|| {
                    format!(
                        "activation {c:?}, want 2 to {} coefficients, the last one not zero",
                        MAX_DEGREE + 1
                    )
                })
            }
            Self::Named(Named::Relu) => None,
            Self::Named(Named::Table(table)) => table.problem(),
        }
    }

    /// Range of the function on a range of q; `None` when a term exceeds 2^`limit` or a table does
    /// not cover the range.
    pub(super) fn range(&self, q: Interval, limit: u32) -> Option<Interval> {
        match self {
            Self::Polynomial(coefficients) => polynomial_range(coefficients, q, limit),
            Self::Named(Named::Relu) => Some(Interval {
                low: q.low.max(0),
                high: q.high.max(0),
            }),
            Self::Named(Named::Table(table)) => table.range(q),
        }
    }
}

/// Above this many points a polynomial's range is bounded term by term instead of enumerated.
const ENUMERATE: i128 = 1 << 16;

fn polynomial_range(coefficients: &[i64], q: Interval, limit: u32) -> Option<Interval> {
    // |h| <= sum |c_k| |q|^k: refuse before anything below could overflow.
    let magnitude = q.low.unsigned_abs().max(q.high.unsigned_abs());
    let mut worst: u128 = 0;
    let mut power: u128 = 1;
    for &c in coefficients {
        let term = power.checked_mul(u128::from(c.unsigned_abs()))?;
        worst = worst.checked_add(term).filter(|sum| *sum < 1 << limit)?;
        power = power.saturating_mul(magnitude);
    }
    if q.high - q.low > ENUMERATE {
        let worst = i128::try_from(worst).ok()?;
        return Some(Interval {
            low: -worst,
            high: worst,
        });
    }
    let value = |q: i128| {
        coefficients
            .iter()
            .rev()
            .fold(0, |sum, &c| sum * q + i128::from(c))
    };
    Some(Interval {
        low: (q.low..=q.high).map(value).min()?,
        high: (q.low..=q.high).map(value).max()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn apply_horner_matches_terms() {
        let activation = Activation::from(vec![7, -3, 0, 2]);
        for q in -20..20i128 {
            assert_eq!(activation.apply(q), Some(7 - 3 * q + 2 * q * q * q));
        }
    }

    #[test]
    fn relu_is_zero_up_to_zero() {
        let relu = Activation::relu();
        assert_eq!(
            [-5, -1, 0, 1, 5].map(|q| relu.apply(q)),
            [0, 0, 0, 1, 5].map(Some)
        );
    }

    proptest! {
        /// The integer polynomials are the documented real ones at the documented scale.
        #[test]
        fn approximations_equal_their_real_definitions(q in -4096i32..4096, bits in 0u32..9) {
            let scale = f64::from(1u32 << bits);
            let x = f64::from(q) / scale;
            let (square, cube) = (x * x, x * x * x);
            let cases = [
                (Activation::cubic(bits), x + 0.1 * cube, 10.0),
                (Activation::relu_approximation(bits), 0.5 * x + 0.125 * square - 0.03125 * cube, 32.0),
                (Activation::swish_approximation(bits), 0.5 * x + 0.25 * square - 0.05 * cube, 20.0),
            ];
            for (activation, real, denominator) in cases {
                let want = real * denominator * scale * scale * scale;
                let got = activation.apply(q.into()).unwrap() as f64;
                prop_assert!((got - want).abs() <= 1e-9 * want.abs().max(1.0), "{got} {want}");
            }
        }

        #[test]
        fn range_holds_every_value_and_reaches_its_ends(
            c in prop::collection::vec(-50i64..50, 2..5), low in -300i128..300, span in 0i128..300,
        ) {
            let activation = Activation::from(c);
            let range = activation.range(Interval { low, high: low + span }, 80).unwrap();
            let values: Vec<i128> = (low..=low + span).map(|q| activation.apply(q).unwrap()).collect();
            prop_assert_eq!(Some(&range.low), values.iter().min());
            prop_assert_eq!(Some(&range.high), values.iter().max());
        }
    }
}
