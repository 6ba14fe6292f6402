//! Which columns and gates a circuit has.

use serde::{Deserialize, Serialize};

use super::RangeCheck;

/// Largest number of lanes.
pub const MAX_LANES: usize = 8;
/// Largest degree of the constraint system.
pub const MAX_DEGREE: usize = 6;

/// The free choices of a constraint system; everything else follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Value columns, each with its weight column; all add to one accumulator.
    pub lanes: usize,
    /// How small values are checked.
    pub range: RangeCheck,
    /// Whether there is a lookup argument: always for [`RangeCheck::Bytes`], else for tables.
    pub lookup: bool,
    /// Degree of the constraint system, at least [`Self::least_degree`]: it decides into how many
    /// pieces the quotient is cut (degree - 1) and how many columns one permutation product takes
    /// (degree - 2).
    pub degree: usize,
}

impl Shape {
    /// The smallest degree that the gates and arguments of these columns need.
    pub fn least_degree(range: RangeCheck, lookup: bool) -> usize {
        match range {
            RangeCheck::Bits if !lookup => 3,
            _ => 5,
        }
    }

    /// A shape of the least degree.
    pub fn new(lanes: usize, range: RangeCheck, tables: bool) -> Self {
        let lookup = tables || range == RangeCheck::Bytes;
        Self {
            lanes,
            range,
            lookup,
            degree: Self::least_degree(range, lookup),
        }
    }

    /// The same with a lookup argument if there are tables, and the degree that this needs.
    pub fn carrying(self, tables: bool) -> Self {
        let least = Self::new(self.lanes, self.range, tables || self.lookup);
        Self {
            degree: self.degree.max(least.degree),
            ..least
        }
    }

    /// Advice columns: the lanes and the accumulator.
    pub fn advice(&self) -> usize {
        self.lanes + 1
    }

    /// Fixed columns: weights, row code, multiplication; tag and table.
    pub fn fixed(&self) -> usize {
        self.lanes + 2 + if self.lookup { 3 } else { 0 }
    }

    /// Products of the permutation argument.
    pub fn products(&self) -> usize {
        self.lanes.div_ceil(self.degree - 2)
    }

    /// Pieces of the quotient polynomial.
    pub fn pieces(&self) -> usize {
        self.degree - 1
    }

    /// Points of a proof: advice, lookup (permuted input and table, product), permutation
    /// products, random polynomial, quotient pieces, two openings.
    pub fn points(&self) -> usize {
        self.advice() + if self.lookup { 3 } else { 0 } + self.products() + 1 + self.pieces() + 2
    }

    /// Evaluations of a proof: lanes; accumulator here and next; fixed columns; random polynomial;
    /// permutation columns; products here, next and (all but the last) at the last row; lookup
    /// product here and next, permuted input here and before, permuted table.
    pub fn evaluations(&self) -> usize {
        let permutation = self.lanes + 3 * self.products() - 1;
        self.lanes + 2 + self.fixed() + 1 + permutation + if self.lookup { 5 } else { 0 }
    }
}

impl Default for Shape {
    fn default() -> Self {
        Self::new(1, RangeCheck::Bits, false)
    }
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { lanes, degree, .. } = self;
        let plural = if *lanes == 1 { "" } else { "s" };
        write!(f, "{lanes} lane{plural}, {}", self.range.as_str())?;
        if self.lookup && self.range != RangeCheck::Bytes {
            write!(f, " and tables")?;
        }
        write!(f, ", degree {degree}")
    }
}

/// A shape as it is written on a command line: `2xquads`, or `4xquads:6` with a degree.
impl std::str::FromStr for Shape {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || {
            format!(
                "{text:?} is no layout: want LANESxCHECK[:DEGREE], for example 1xbits, 2xquads, 4xbytes:6"
            )
        };
        let (columns, degree) = match text.split_once(':') {
            Some((columns, degree)) => (columns, Some(degree.parse().map_err(|_| refuse())?)),
            None => (text, None),
        };
        let (lanes, check) = columns.split_once('x').ok_or_else(refuse)?;
        let range = match check {
            "bits" => RangeCheck::Bits,
            "quads" => RangeCheck::Quads,
            "bytes" => RangeCheck::Bytes,
            _ => return Err(refuse()),
        };
        let shape = Self::new(lanes.parse().map_err(|_| refuse())?, range, false);
        Ok(Self {
            degree: degree.unwrap_or(shape.degree),
            ..shape
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_str_reads_lanes_check_and_degree() {
        let shape: Shape = "4xquads:6".parse().unwrap();
        assert_eq!((shape.lanes, shape.degree, shape.lookup), (4, 6, false));
        assert!("2xbytes".parse::<Shape>().unwrap().lookup);
        for text in ["", "quads", "xbits", "1xnibbles", "1xbits:", "1xbits:x"] {
            let error = text.parse::<Shape>().unwrap_err();
            assert!(error.contains("LANESxCHECK"), "{error}");
        }
    }
}
