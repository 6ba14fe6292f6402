//! Tensors at the challenges: sums of values times powers of t and s, as second-phase values.

use super::{
    power::{Base, Powers},
    row::{Cell, Kind, Late, Row, Value},
    writer::Writer,
};
use crate::field::Fr;

/// Empty rows that are cheaper than a multiplication by a power.
const SHORT: usize = 2;

/// sum t^exponent weight value, in the accumulator, with a chain that begins here. Exponents rise.
pub(super) fn positions(writer: &mut Writer, powers: &mut Powers, terms: &[(usize, Fr, Value)]) {
    let lanes = writer.lanes;
    let blocks: Vec<&[(usize, Fr, Value)]> =
        terms.chunk_by(|a, b| a.0 / lanes == b.0 / lanes).collect();
    // Distance in rows to the block below, of every block.
    let gaps: Vec<usize> = (0..blocks.len())
        .map(|index| {
            let here = blocks[index][0].0 / lanes;
            match index.checked_sub(1) {
                Some(below) => here - blocks[below][0].0 / lanes - 1,
                None => here,
            }
        })
        .collect();
    for &gap in gaps.iter().filter(|&&gap| gap > SHORT) {
        powers.power(writer, Base::Position, gap * lanes);
    }
    writer.begin();
    let row = || Row {
        kind: Kind::Positions,
        ..Row::default()
    };
    for (block, gap) in blocks.iter().zip(gaps).rev() {
        let mut cells = vec![Cell::EMPTY; lanes];
        for &(exponent, weight, value) in *block {
            cells[exponent % lanes] = Cell {
                value: Some(value),
                weight,
            };
        }
        writer.push(row(), &cells);
        if gap > SHORT {
            let power = powers.power(writer, Base::Position, gap * lanes);
            writer.multiply(power);
        } else {
            for _ in 0..gap {
                writer.push(row(), &[]);
            }
        }
    }
}

/// sum s^j weight_j, in the accumulator, with a chain that begins here.
pub(super) fn weights(writer: &mut Writer, weights: &[Fr]) {
    writer.begin();
    let lanes = writer.lanes;
    for chunk in weights.chunks(lanes).rev() {
        let cells: Vec<Cell> = chunk
            .iter()
            .map(|&weight| Cell {
                value: (weight != Fr::zero()).then_some(writer.one),
                weight,
            })
            .collect();
        let row = Row {
            kind: Kind::Channels,
            ..Row::default()
        };
        writer.push(row, &cells);
    }
}

/// Values of some channels at some exponents.
pub(super) struct Planes<'a> {
    pub channels: usize,
    /// Exponent of t of every position, rising.
    pub exponents: &'a [usize],
    /// The value of a channel at a position.
    pub value: &'a dyn Fn(usize, usize) -> Value,
}

/// Rows of planes with channels across the lanes, and with positions.
fn both(lanes: usize, channels: usize, exponents: &[usize]) -> [usize; 2] {
    let span = exponents.last().map_or(0, |last| last + 1);
    let mixed = channels.div_ceil(lanes) * (span.min(2 * exponents.len()) + 3);
    [mixed, channels * (span.div_ceil(lanes) + 3)]
}

/// Rows that planes take.
pub(super) fn planes_rows(lanes: usize, channels: usize, exponents: &[usize]) -> usize {
    if exponents.is_empty() {
        return 0;
    }
    let [mixed, separate] = both(lanes, channels, exponents);
    mixed.min(separate)
}

impl Planes<'_> {
    /// sum_c s^c sum_i t^exponent_i value(c, i).
    pub fn at_challenges(&self, writer: &mut Writer, powers: &mut Powers) -> Late {
        if self.channels == 1 {
            return self.plane(writer, powers, 0);
        }
        let lanes = writer.lanes;
        let [mixed, separate] = both(lanes, self.channels, self.exponents);
        let (step, parts): (usize, Vec<Late>) = if mixed < separate {
            let starts = (0..self.channels).step_by(lanes);
            let parts = starts
                .map(|first| self.mixed(writer, powers, first))
                .collect();
            (lanes, parts)
        } else {
            let channels = 0..self.channels;
            let parts = channels
                .map(|channel| self.plane(writer, powers, channel))
                .collect();
            (1, parts)
        };
        combine(writer, powers, Base::Channel, step, &parts)
    }

    /// One channel, positions across the lanes.
    fn plane(&self, writer: &mut Writer, powers: &mut Powers, channel: usize) -> Late {
        let terms: Vec<_> = self
            .exponents
            .iter()
            .enumerate()
            .map(|(index, &exponent)| (exponent, Fr::one(), (self.value)(channel, index)))
            .collect();
        positions(writer, powers, &terms);
        writer.emit()
    }

    /// Some channels across the lanes, a position a row.
    fn mixed(&self, writer: &mut Writer, powers: &mut Powers, first: usize) -> Late {
        let channels = first..(first + writer.lanes).min(self.channels);
        let gap = |index: usize| match index.checked_sub(1) {
            Some(below) => self.exponents[index] - self.exponents[below] - 1,
            None => self.exponents[index],
        };
        for index in 0..self.exponents.len() {
            if gap(index) > SHORT {
                powers.power(writer, Base::Position, gap(index));
            }
        }
        writer.begin();
        let row = || Row {
            kind: Kind::Mixed,
            ..Row::default()
        };
        for index in (0..self.exponents.len()).rev() {
            let cells: Vec<Cell> = channels
                .clone()
                .map(|channel| Cell {
                    value: Some((self.value)(channel, index)),
                    weight: Fr::one(),
                })
                .collect();
            writer.push(row(), &cells);
            if gap(index) > SHORT {
                let power = powers.power(writer, Base::Position, gap(index));
                writer.multiply(power);
            } else {
                for _ in 0..gap(index) {
                    writer.push(row(), &[]);
                }
            }
        }
        writer.emit()
    }
}

/// sum_i base^(step i) part_i.
pub(super) fn combine(
    writer: &mut Writer,
    powers: &mut Powers,
    base: Base,
    step: usize,
    parts: &[Late],
) -> Late {
    if let [only] = parts {
        return *only;
    }
    let power = powers.power(writer, base, step);
    writer.begin();
    for (index, &part) in parts.iter().enumerate().rev() {
        writer.add(Fr::one(), part);
        if index > 0 {
            writer.multiply(power);
        }
    }
    writer.emit()
}
