//! Tensors as linear forms of values on the sheet.

use super::{
    block::{Block, Meaning},
    compiler::Compiler,
    lookup::{Kind, bits},
    power::Base,
    row::{Late, Value},
    stream::positions,
};
use crate::{
    field::{Fr, from_int, power_of_two},
    network::{Dims, Interval},
};

/// Most values of an exact range; wider ones are put together from pieces.
pub(super) const MAX_RANGE: u64 = 1 << 15;
/// Bits of a piece.
pub(super) const PIECE: u32 = 11;

/// How long the tables of ranges may be that need not be exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ranges {
    /// Up to 2^12 entries: the fewest values.
    Long,
    /// Up to 2^8 entries where two pieces do: for networks that have few rows.
    Short,
}

impl Ranges {
    /// Bits up to which a range is one table, and bits of a piece where a range is wider.
    fn bits(self, range: u32) -> (u32, u32) {
        match self {
            Self::Short if range <= 16 => (8, 8),
            _ => (PIECE + 1, PIECE),
        }
    }
}

/// A multiple of values, one per value of a tensor.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub weight: Fr,
    pub values: Vec<Value>,
}

/// tensor[i] = lows[channel of i] + sum of parts.
#[derive(Debug, Clone)]
pub(super) struct Form {
    pub dims: Dims,
    pub parts: Vec<Part>,
    pub lows: Vec<i64>,
}

/// Pieces of `width` bits at `offset` that make up a number.
pub(super) fn pieces(bits: u32) -> Vec<(u32, u32)> {
    pieces_of(bits, PIECE)
}

fn pieces_of(bits: u32, most: u32) -> Vec<(u32, u32)> {
    let count = bits.div_ceil(most).max(1);
    let width = bits.div_ceil(count);
    (0..count)
        .map(|index| (index * width, width.min(bits - index * width)))
        .collect()
}

impl Compiler<'_> {
    /// Values in 0..size, as one part if the range is small or must be exact, otherwise as pieces,
    /// which reach up to a power of two.
    /// `meaning` makes a block's meaning from offset and width; width 0 stands for all bits.
    pub(super) fn ranged(
        &mut self,
        count: usize,
        size: u64,
        exact: bool,
        meaning: &dyn Fn(u32, u32) -> Meaning,
    ) -> Vec<Part> {
        let (whole, piece) = self.ranges.bits(bits(size));
        if size <= 1 << whole || exact {
            let table = self.lookup(Kind::Range(size));
            return vec![self.part(count, Some(table), Fr::one(), meaning(0, 0))];
        }
        let pieces = pieces_of(bits(size), piece);
        let parts = pieces.into_iter().map(|(offset, width)| {
            let table = self.lookup(Kind::Range(1 << width));
            let weight = power_of_two(offset);
            self.part(count, Some(table), weight, meaning(offset, width))
        });
        parts.collect()
    }

    /// A part of new values.
    pub(super) fn part(
        &mut self,
        count: usize,
        table: Option<u32>,
        weight: Fr,
        meaning: Meaning,
    ) -> Part {
        let first = self.writer.block(Block::new(count, table, meaning));
        Part {
            weight,
            values: (first.0..first.0 + count as u32).map(Value).collect(),
        }
    }

    /// A tensor in new values with the given range.
    pub(super) fn tensor(&mut self, tensor: usize, interval: Interval) -> Form {
        let dims = self.dims[tensor];
        let low = interval.low;
        let parts = self.ranged(dims.len(), interval.len(), false, &|offset, width| {
            Meaning::Tensor {
                tensor,
                lows: vec![low],
                offset,
                width,
            }
        });
        Form {
            dims,
            parts,
            lows: vec![low; dims.0],
        }
    }

    /// sum_i t^i value_i.
    pub(super) fn flat(&mut self, values: &[Value]) -> Late {
        let terms: Vec<_> = values
            .iter()
            .enumerate()
            .map(|(index, &value)| (index, Fr::one(), value))
            .collect();
        positions(&mut self.writer, &mut self.powers, &terms);
        self.writer.emit()
    }

    /// Terms of sum_i t^i tensor_i: multiples of second-phase values.
    pub(super) fn flat_form(&mut self, form: &Form) -> Vec<(Fr, Late)> {
        let mut terms: Vec<(Fr, Late)> = vec![];
        for part in &form.parts {
            terms.push((part.weight, self.flat(&part.values)));
        }
        terms.extend(self.flat_lows(form));
        terms
    }

    /// Terms of sum_i t^i low_i.
    pub(super) fn flat_lows(&mut self, form: &Form) -> Vec<(Fr, Late)> {
        let positions = form.dims.positions();
        let runs: Vec<(usize, i64)> = form
            .lows
            .chunk_by(|a, b| a == b)
            .map(|run| (run.len(), run[0]))
            .collect();
        let mut terms = vec![];
        let mut start = 0;
        for (channels, low) in runs {
            let count = channels * positions;
            if low != 0 {
                let ones = self.ones(start, &[(1, count)]);
                terms.push((from_int(low.into()), ones));
            }
            start += count;
        }
        terms
    }

    /// t^first times the product of sum_(i < count) t^(stride i).
    pub(super) fn ones(&mut self, first: usize, axes: &[(usize, usize)]) -> Late {
        let mut product = self.powers.power(&mut self.writer, Base::Position, first);
        for &(stride, count) in axes {
            if count > 1 {
                let sum = self
                    .powers
                    .sum(&mut self.writer, Base::Position, stride, count);
                product = self.product(product, sum);
            }
        }
        product
    }

    /// a b, once for every pair.
    pub(super) fn product(&mut self, a: Late, b: Late) -> Late {
        let pair = (a.min(b), a.max(b));
        if let Some(&late) = self.products.get(&pair) {
            return late;
        }
        let late = self.powers.product(&mut self.writer, a, b);
        self.products.insert(pair, late);
        late
    }

    /// Demands that a sum of multiples of second-phase values is zero.
    pub(super) fn vanish(&mut self, terms: &[(Fr, Late)]) {
        self.writer.begin();
        for &(weight, late) in terms {
            if weight != Fr::zero() {
                self.writer.add(weight, late);
            }
        }
        self.writer.begin();
    }
}
