//! Field arithmetic as nested Yul expressions, reduced only where it must be.
//!
//! `mulmod` reduces whatever it is given, so sums need no reduction as long as they do not exceed
//! 2^256. Every value carries a bound in multiples of r; 5 r is below 2^256.

use halo2_axiom::halo2curves::ff::Field;

use crate::field::{Fr, MODULUS, to_word};

/// Largest multiple of r below 2^256.
const LIMIT: usize = 5;

/// A Yul expression that stands for a field element, for a variable `r` in scope.
#[derive(Debug, Clone)]
pub(super) struct Value {
    text: String,
    /// The word is at most this multiple of r.
    bound: usize,
    /// Words that the stack grows by while it is computed.
    height: usize,
    constant: Option<Fr>,
}

impl Value {
    /// A variable, load or call with a value of at most `bound` times r.
    pub fn new(text: impl Into<String>, bound: usize) -> Self {
        Self {
            text: text.into(),
            bound,
            height: 1,
            constant: None,
        }
    }

    /// The same with another height.
    fn of_height(self, height: usize) -> Self {
        Self { height, ..self }
    }

    /// A word of calldata that was checked to be below r.
    pub fn calldata(offset: usize) -> Self {
        Self::new(format!("calldataload({offset})"), 1)
    }

    /// A word of memory of at most r.
    pub fn word(place: usize) -> Self {
        Self::new(load(place), 1)
    }

    /// A word of memory that was not reduced: fit for multiplication only.
    pub fn loose(place: usize) -> Self {
        Self::new(load(place), LIMIT + 1)
    }

    /// A variable that was not reduced: fit for multiplication only.
    pub fn loose_variable(name: &str) -> Self {
        Self::new(name, LIMIT + 1)
    }

    pub fn constant(value: Fr) -> Self {
        Self {
            text: literal(&value),
            bound: 1,
            height: 1,
            constant: Some(value),
        }
    }

    pub fn zero() -> Self {
        Self::constant(Fr::ZERO)
    }

    pub fn one() -> Self {
        Self::constant(Fr::ONE)
    }

    /// The expression, equal to the value modulo r.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Words that the stack grows by while the expression is computed, arguments from the last to
    /// the first.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The value as a word of memory, once it is stored there.
    pub fn stored(&self, place: usize) -> Self {
        Self::new(load(place), self.bound)
    }

    /// The expression as a variable of this name, once it is stored there.
    pub fn named(&self, name: &str) -> Self {
        Self::new(name, self.bound)
    }

    pub fn add(&self, other: &Self) -> Self {
        match (self.constant, other.constant) {
            (Some(a), Some(b)) => return Self::constant(a + b),
            (Some(a), _) if a == Fr::ZERO => return other.clone(),
            (_, Some(b)) if b == Fr::ZERO => return self.clone(),
            _ => {}
        }
        let bound = self.bound + other.bound;
        if bound <= LIMIT {
            let height = other.height.max(self.height + 1);
            Self::new(format!("add({}, {})", self.text, other.text), bound).of_height(height)
        } else {
            Self::new(format!("addmod({}, {}, r)", self.text, other.text), 1)
                .of_height(self.height_over_modulus(other))
        }
    }

    pub fn negate(&self) -> Self {
        if let Some(constant) = self.constant {
            return Self::constant(-constant);
        }
        let value = if self.bound <= LIMIT {
            self.clone()
        } else {
            self.reduced()
        };
        let text = format!("sub({}, {})", multiple(value.bound), value.text);
        Self::new(text, value.bound).of_height(value.height.max(2))
    }

    pub fn subtract(&self, other: &Self) -> Self {
        self.add(&other.negate())
    }

    pub fn mul(&self, other: &Self) -> Self {
        match (self.constant, other.constant) {
            (Some(a), Some(b)) => Self::constant(a * b),
            (Some(a), _) if a == Fr::ONE => other.clone(),
            (_, Some(b)) if b == Fr::ONE => self.clone(),
            _ => Self::new(format!("mulmod({}, {}, r)", self.text, other.text), 1)
                .of_height(self.height_over_modulus(other)),
        }
    }

    /// Height of an operation with another value and the modulus, which is pushed first.
    fn height_over_modulus(&self, other: &Self) -> usize {
        (other.height + 1).max(self.height + 2)
    }

    /// The same value, at most r.
    pub fn reduced(&self) -> Self {
        if self.bound <= 1 {
            self.clone()
        } else {
            Self::new(format!("mod({}, r)", self.text), 1).of_height(self.height + 1)
        }
    }
}

/// A word of memory.
pub(super) fn load(place: usize) -> String {
    format!("mload({place:#x})")
}

/// A scalar as a Yul literal, short ones in decimal.
pub(super) fn literal(value: &Fr) -> String {
    let word = to_word(value);
    match word.iter().position(|&byte| byte != 0) {
        None => "0".into(),
        Some(31) => word[31].to_string(),
        Some(_) => format!("0x{}", hex::encode(word)),
    }
}

/// A multiple of r of at most [`LIMIT`], `r` itself by its name.
fn multiple(count: usize) -> String {
    if count <= 1 {
        return "r".into();
    }
    let mut word = MODULUS;
    let mut carry = 0;
    for byte in word.iter_mut().rev() {
        let sum = usize::from(*byte) * count + carry;
        *byte = (sum & 0xff) as u8;
        carry = sum >> 8;
    }
    format!("0x{}", hex::encode(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(name: &str) -> Value {
        Value::new(name, 1)
    }

    #[test]
    fn add_past_five_moduli_reduces() {
        let mut sum = variable("a");
        for _ in 0..4 {
            sum = sum.add(&variable("b"));
        }
        assert!(!sum.text().contains("addmod"));
        assert_eq!(sum.bound, 5);
        let more = sum.add(&variable("c"));
        assert!(more.text().starts_with("addmod("));
        assert_eq!(more.bound, 1);
    }

    #[test]
    fn five_moduli_fit_a_word_and_six_do_not() {
        assert_eq!(multiple(5)[..4], *"0xf1");
        let sixfold = usize::from(MODULUS[0]) * 6;
        assert!(sixfold > 0xff);
    }

    #[test]
    fn subtract_from_a_sum_uses_a_multiple_that_covers_it() {
        let two = variable("a").add(&variable("b"));
        let text = variable("c").subtract(&two).text;
        assert_eq!(text, format!("add(c, sub({}, add(a, b)))", multiple(2)));
    }

    #[test]
    fn constants_fold() {
        let minus_one = Value::one().negate();
        assert_eq!(minus_one.add(&Value::one()).text(), "0");
        assert_eq!(variable("a").mul(&Value::one()).text(), "a");
        assert_eq!(variable("a").add(&Value::zero()).text(), "a");
    }
}
