//! What the lookup argument knows: ranges and functions, one after the other in one column.
//!
//! Table i stands at offset 2^40 i, so that no value of one table is one of another. A function's
//! entry for argument x and value y is (x - low) + 2^bits (y - least value).

use std::collections::HashMap;

use crate::network::Table;

/// Distance of tables.
pub(super) const OFFSET_BITS: u32 = 40;

/// A table of the lookup argument.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// 0..size.
    Range(u64),
    /// Entries of a function: index of the network's table.
    Function(usize),
    /// Entries of x -> max(x, 0) for |x| < size.
    Positive(u64),
    /// Entries of x -> x^2 for 0 <= x < size.
    Square(u64),
}

/// Entries of one table.
#[derive(Debug, Clone)]
pub(super) struct Entries {
    /// Row of its first entry in the table column.
    pub start: usize,
    pub kind: Kind,
    /// Entries without the offset.
    pub values: Vec<i64>,
    /// Bits of the argument; 0 for ranges.
    pub bits: u32,
}

/// All tables of a sheet.
#[derive(Debug, Clone, Default)]
pub(super) struct Lookups {
    pub tables: Vec<Entries>,
    known: HashMap<Kind, u32>,
}

impl Entries {
    /// Where a value of a cell stands among the entries; `None` if it is not there.
    pub fn find(&self, value: i64) -> Option<usize> {
        let index = match self.kind {
            Kind::Range(_) => value,
            _ => value & ((1 << self.bits) - 1),
        };
        let index = usize::try_from(index).ok()?;
        (self.values.get(index) == Some(&value)).then_some(index)
    }
}

/// Bits that hold 0..size.
pub(super) fn bits(size: u64) -> u32 {
    (64 - (size - 1).leading_zeros()).max(1)
}

impl Lookups {
    /// The table of a kind; `functions` are the network's tables.
    pub fn table(&mut self, kind: Kind, functions: &[Table]) -> u32 {
        if let Some(&index) = self.known.get(&kind) {
            return index;
        }
        let (values, bits) = match &kind {
            Kind::Range(size) => ((0..*size as i64).collect(), 0),
            Kind::Function(index) => {
                let table = &functions[*index];
                let bits = bits(table.values.len() as u64);
                let least = table.range().0;
                let entry = |(x, &y): (usize, &i32)| x as i64 + (i64::from(y - least) << bits);
                (table.values.iter().enumerate().map(entry).collect(), bits)
            }
            Kind::Positive(size) => {
                let size = *size as i64;
                let bits = bits((2 * size - 1) as u64);
                let entry = |x: i64| (x + size - 1) + (x.max(0) << bits);
                ((1 - size..size).map(entry).collect(), bits)
            }
            Kind::Square(size) => {
                let bits = bits(*size);
                let entry = |x: i64| x + ((x * x) << bits);
                ((0..*size as i64).map(entry).collect(), bits)
            }
        };
        let index = self.tables.len() as u32;
        self.tables.push(Entries {
            start: self.len(),
            kind: kind.clone(),
            values,
            bits,
        });
        self.known.insert(kind, index);
        index
    }

    /// Entries in all.
    pub fn len(&self) -> usize {
        self.tables.iter().map(|table| table.values.len()).sum()
    }

    /// Bits of the argument of a table.
    pub fn argument_bits(&self, table: u32) -> u32 {
        self.tables[table as usize].bits
    }
}
