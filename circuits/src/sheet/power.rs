//! Powers of the challenges and geometric sums of them, as second-phase values.

use std::collections::HashMap;

use super::{
    row::{Cell, Kind, Late, Row},
    writer::Writer,
};
use crate::field::Fr;

/// A challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Base {
    /// t.
    Position,
    /// s.
    Channel,
}

/// Powers and sums that a sheet has already.
#[derive(Debug, Default)]
pub(super) struct Powers {
    powers: HashMap<(Base, usize), Late>,
    sums: HashMap<(Base, usize, usize), Late>,
}

impl Powers {
    /// base^exponent.
    pub fn power(&mut self, writer: &mut Writer, base: Base, exponent: usize) -> Late {
        if let Some(&late) = self.powers.get(&(base, exponent)) {
            return late;
        }
        let late = if exponent < writer.lanes {
            let kind = match base {
                Base::Position => Kind::Positions,
                Base::Channel => Kind::Channels,
            };
            let mut cells = vec![Cell::EMPTY; exponent + 1];
            cells[exponent] = Cell {
                value: Some(writer.one),
                weight: Fr::one(),
            };
            writer.begin();
            writer.push(
                Row {
                    kind,
                    ..Row::default()
                },
                &cells,
            );
            writer.emit()
        } else {
            let high = 1 << exponent.ilog2();
            let high = if high == exponent { exponent / 2 } else { high };
            let a = self.power(writer, base, high);
            let b = self.power(writer, base, exponent - high);
            writer.begin();
            writer.add(Fr::one(), a);
            writer.multiply(b);
            writer.emit()
        };
        self.powers.insert((base, exponent), late);
        late
    }

    /// sum_(i < count) base^(stride i).
    pub fn sum(&mut self, writer: &mut Writer, base: Base, stride: usize, count: usize) -> Late {
        if count <= 1 {
            return self.power(writer, base, 0);
        }
        if let Some(&late) = self.sums.get(&(base, stride, count)) {
            return late;
        }
        let late = if count.is_multiple_of(2) {
            let half = self.sum(writer, base, stride, count / 2);
            let shift = self.power(writer, base, stride * (count / 2));
            writer.begin();
            writer.add(Fr::one(), shift);
            writer.constant(Fr::one());
            writer.multiply(half);
            writer.emit()
        } else {
            let most = self.sum(writer, base, stride, count - 1);
            let last = self.power(writer, base, stride * (count - 1));
            writer.begin();
            writer.add(Fr::one(), most);
            writer.add(Fr::one(), last);
            writer.emit()
        };
        self.sums.insert((base, stride, count), late);
        late
    }

    /// a b.
    pub fn product(&mut self, writer: &mut Writer, a: Late, b: Late) -> Late {
        writer.begin();
        writer.add(Fr::one(), a);
        writer.multiply(b);
        writer.emit()
    }
}
