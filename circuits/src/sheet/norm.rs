//! Normalisation of groups.
//!
//! With x' = x - low, S = sum x', Q = sum x'^2: n x - (its sum) = n x' - S and
//! V = n^2 Q - n S^2 + epsilon. r is the only integer with r^2 V <= n 4^precision < (r + 1)^2 V, both
//! as range checks. The products r scale_i (n x'_i - S) + bias_i of a group are checked at t.

use super::{
    block::{Meaning, NormPart},
    compiler::Compiler,
    form::{Form, MAX_RANGE, Part},
    lookup::{Kind, bits},
    power::Base,
    row::{Late, Value},
    stream::positions,
};
use crate::{
    field::{CAPACITY, Fr, from_int, power_of_two},
    network::Norm,
};

/// Bits that hold everything about a group.
struct Widths {
    inverse: u32,
    below: u32,
    above: u32,
}

impl Widths {
    fn of(norm: &Norm, size: u64) -> Result<Self, String> {
        let n = norm.group as u128;
        let spread = n.pow(3) * u128::from(size).pow(2) + u128::from(norm.epsilon);
        let spread = 128 - spread.leading_zeros();
        let target = 128 - (n << (2 * norm.precision)).leading_zeros();
        let widths = Self {
            inverse: target.div_ceil(2) + 1,
            below: target,
            above: ((target + spread) / 2 + 3).max(spread + 2),
        };
        if widths.above > 120 || 2 * (widths.inverse + 1) + spread > CAPACITY {
            return Err(format!(
                "groups of {} with {} bits are too wide",
                norm.group, norm.precision
            ));
        }
        Ok(widths)
    }
}

impl Compiler<'_> {
    pub(super) fn norm(&mut self, node: usize, norm: &Norm) -> Result<Form, String> {
        let values = self.single(norm.input)?.to_vec();
        let lows = &self.forms[norm.input].lows;
        if lows.iter().any(|low| *low != lows[0]) {
            return Err("its input's channels have different ranges".into());
        }
        let size = self.bounds.tensors[norm.input].len();
        if size * size > 1 << 22 || size > MAX_RANGE {
            return Err(format!(
                "normalises {size} possible values, want at most 2048"
            ));
        }
        let widths = Widths::of(norm, size)?;
        let division = self.division(node, norm.divisor, None)?;
        let count = values.len();
        let groups = count / norm.group;
        let part = |part| {
            move |offset, width| Meaning::Norm {
                node,
                part,
                offset,
                width,
            }
        };

        // entry = x' + 2^bits x'^2
        let table = self.lookup(Kind::Square(size));
        let shift = bits(size);
        let entries = self.part(count, Some(table), Fr::one(), part(NormPart::Entry)(0, 0));
        let squares = self.ranged(
            count,
            (size - 1) * (size - 1) + 1,
            false,
            &part(NormPart::Square),
        );
        let mut terms = vec![(-Fr::one(), self.flat(&entries.values))];
        terms.push((Fr::one(), self.flat(&values)));
        for square in &squares {
            terms.push((
                square.weight * power_of_two(shift),
                self.flat(&square.values),
            ));
        }
        self.vanish(&terms);

        let inverse = self.ranged(groups, 1 << widths.inverse, false, &part(NormPart::Inverse));
        let below = self.wide(groups, widths.below, &part(NormPart::Below));
        let above = self.wide(groups, widths.above, &part(NormPart::Above));
        let target = from_int((norm.group as i128) << (2 * norm.precision));
        let mut products = vec![];
        for group in 0..groups {
            let members = group * norm.group..(group + 1) * norm.group;
            let sum = self.total(&values[members.clone()]);
            let squares = self.total(&entries.values[members.clone()]);
            let spread = self.spread(norm, sum, squares, shift);
            let r = self.number(&inverse, group);
            self.bracket(r, spread, target, [&below, &above], group);
            products.push(self.scaled(norm, &values[members], sum, r));
        }
        let power = self
            .powers
            .power(&mut self.writer, Base::Position, norm.group);
        self.writer.begin();
        for (index, &product) in products.iter().enumerate().rev() {
            self.writer.add(Fr::one(), product);
            if index > 0 {
                self.writer.multiply(power);
            }
        }
        let products = self.writer.emit();
        let mut terms = vec![(-Fr::one(), products)];
        for part in &division.parts {
            terms.push((part.weight, self.flat(&part.values)));
        }
        let ones = self.ones(0, &[(1, count)]);
        terms.push((from_int(division.constant), ones));
        self.vanish(&terms);
        Ok(division.form)
    }

    /// Values below 2^bits, always in pieces.
    fn wide(
        &mut self,
        count: usize,
        bits: u32,
        meaning: &dyn Fn(u32, u32) -> Meaning,
    ) -> Vec<Part> {
        let parts = super::form::pieces(bits)
            .into_iter()
            .map(|(offset, width)| {
                let table = self.lookup(Kind::Range(1 << width));
                self.part(
                    count,
                    Some(table),
                    power_of_two(offset),
                    meaning(offset, width),
                )
            });
        parts.collect()
    }

    fn total(&mut self, values: &[Value]) -> Late {
        self.writer.begin();
        self.writer
            .sum(values.iter().map(|&value| (Fr::one(), value)));
        self.writer.emit()
    }

    /// V = n^2 (entries - S) / 2^bits - n S^2 + epsilon.
    fn spread(&mut self, norm: &Norm, sum: Late, entries: Late, shift: u32) -> Late {
        let n = from_int(norm.group as i128);
        let inverse = Option::<Fr>::from(halo2_axiom::halo2curves::ff::Field::invert(
            &power_of_two(shift),
        ));
        let share = n * n * inverse.unwrap_or_default();
        self.writer.begin();
        self.writer.add(-n, sum);
        self.writer.multiply(sum);
        self.writer.add(share, entries);
        self.writer.add(-share, sum);
        self.writer.constant(from_int(norm.epsilon.into()));
        self.writer.emit()
    }

    /// A number of its parts.
    fn number(&mut self, parts: &[Part], index: usize) -> Late {
        self.writer.begin();
        self.writer
            .sum(parts.iter().map(|part| (part.weight, part.values[index])));
        self.writer.emit()
    }

    /// r^2 V + below = target and (r + 1)^2 V = target + 1 + above.
    fn bracket(
        &mut self,
        r: Late,
        spread: Late,
        target: Fr,
        [below, above]: [&[Part]; 2],
        group: usize,
    ) {
        self.writer.begin();
        self.writer.add(Fr::one(), r);
        self.writer.multiply(r);
        self.writer.multiply(spread);
        self.writer
            .sum(below.iter().map(|part| (part.weight, part.values[group])));
        self.writer.constant(-target);
        self.writer.begin();
        self.writer.add(Fr::one(), r);
        self.writer.constant(Fr::one());
        let next = self.writer.emit();
        self.writer.begin();
        self.writer.add(Fr::one(), next);
        self.writer.multiply(next);
        self.writer.multiply(spread);
        self.writer
            .sum(above.iter().map(|part| (-part.weight, part.values[group])));
        self.writer.constant(-target - Fr::one());
        self.writer.begin();
    }

    /// sum t^i (r scale_i (n x'_i - S) + bias_i).
    fn scaled(&mut self, norm: &Norm, values: &[Value], sum: Late, r: Late) -> Late {
        let n = from_int(norm.group as i128);
        let terms: Vec<_> = values
            .iter()
            .zip(&norm.scale)
            .enumerate()
            .map(|(at, (&value, &scale))| (at, n * from_int(scale.into()), value))
            .collect();
        positions(&mut self.writer, &mut self.powers, &terms);
        let scaled = self.writer.emit();
        let scales: Vec<i128> = norm.scale.iter().map(|&scale| scale.into()).collect();
        let scales = self.constants(&scales);
        let biases: Vec<i128> = norm.bias.iter().map(|&bias| bias.into()).collect();
        let biases = self.constants(&biases);
        self.writer.begin();
        if let Some(scales) = scales {
            self.writer.add(-Fr::one(), scales);
        }
        self.writer.multiply(sum);
        self.writer.add(Fr::one(), scaled);
        self.writer.multiply(r);
        if let Some(biases) = biases {
            self.writer.add(Fr::one(), biases);
        }
        self.writer.emit()
    }

    /// sum t^i c_i; none if all are zero.
    fn constants(&mut self, constants: &[i128]) -> Option<Late> {
        let first = constants[0];
        if constants.iter().all(|constant| *constant == first) {
            if first == 0 {
                return None;
            }
            let ones = self.ones(0, &[(1, constants.len())]);
            self.writer.begin();
            self.writer.add(from_int(first), ones);
            return Some(self.writer.emit());
        }
        let one = self.writer.one;
        let terms: Vec<_> = constants
            .iter()
            .enumerate()
            .map(|(at, &constant)| (at, from_int(constant), one))
            .collect();
        positions(&mut self.writer, &mut self.powers, &terms);
        Some(self.writer.emit())
    }
}
