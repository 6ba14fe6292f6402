//! How a file is turned into integers.

use std::collections::BTreeMap;

use super::error::Error;

/// How a file is turned into integers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Bits of inner activations, 2 to 12.
    pub bits: u32,
    /// Bits of the input, 2 to 12.
    pub input_bits: u32,
    /// Bits of weights with their sign, 2 to 16.
    pub weight_bits: u32,
    /// Binary logarithm of a table's most entries, 8 to 14.
    pub table_bits: u32,
    /// Sizes that the file leaves open.
    pub dims: BTreeMap<String, usize>,
    /// The output to prove, where the file has several.
    pub output: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            bits: 8,
            input_bits: 8,
            weight_bits: 12,
            table_bits: 12,
            dims: BTreeMap::new(),
            output: None,
        }
    }
}

impl Options {
    /// Checks that every option is in its range.
    ///
    /// # Errors
    /// [`Error::Option`] naming it.
    pub fn check(&self) -> Result<(), Error> {
        let ranges = [
            ("bits", self.bits, 2..=12, "2 to 12"),
            ("input-bits", self.input_bits, 2..=12, "2 to 12"),
            ("weight-bits", self.weight_bits, 2..=16, "2 to 16"),
            ("table-bits", self.table_bits, 8..=14, "8 to 14"),
        ];
        for (option, got, range, want) in ranges {
            if !range.contains(&got) {
                return Err(Error::Option {
                    option,
                    got: got.to_string(),
                    want: want.into(),
                });
            }
        }
        Ok(())
    }
}
