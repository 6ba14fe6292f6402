//! Filling a sheet from its fixed columns, with one thing wrong where the forger wants it.

use halo2_axiom::halo2curves::ff::{BatchInvert, Field};
use veriregime_circuits::field::Fr;

use crate::key::{Kind, Sheet, Slot};

/// Degree 5 allows this many lanes a column of inverses.
const GROUP: usize = 3;

/// One thing that does not follow from the rest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Patch {
    None,
    /// The accumulator after a row is this much larger than its gate says.
    Row(usize, Fr),
    /// The late value that a row defines is this much larger than what was accumulated.
    Define(usize, Fr),
    /// One copy of a value in the factor column is this much larger.
    Factor(usize, Fr),
}

/// Where the lookup argument does not add up, if it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Balance {
    /// At its end.
    Last,
    /// At its beginning.
    First,
    /// After a row.
    Total(usize),
    /// In a row's inverses.
    Helper(usize),
    /// Nowhere: multiplicities make up for it, which needs beta.
    Uses,
}

/// What a forger chooses.
#[derive(Debug, Clone)]
pub struct Draft {
    pub boundary: Vec<Vec<Fr>>,
    pub lanes: Vec<Vec<Fr>>,
    /// Values of phase 1 in the factor column.
    pub factors: Vec<Fr>,
    pub words: Vec<Fr>,
    pub patch: Patch,
    /// Whether accumulators go on where a chain should begin at zero.
    pub carry: bool,
    pub balance: Balance,
    /// Multiplicities, if they are not to be counted.
    pub uses: Option<Vec<Fr>>,
}

/// All advice columns.
#[derive(Debug, Clone)]
pub struct Filled {
    pub advice: Vec<Vec<Fr>>,
    pub instance: Vec<Fr>,
    /// Rows with a value that is not in their table.
    pub strays: Vec<usize>,
}

/// Accumulators and factors.
#[derive(Debug)]
pub struct Sums {
    pub accumulators: Vec<Fr>,
    pub factors: Vec<Fr>,
    /// Ends of chains that are not zero.
    pub residuals: Vec<(usize, Fr)>,
}

impl Sheet {
    /// Runs the accumulator forward.
    pub fn sum(&self, draft: &Draft) -> Sums {
        let [t, s, _] = self.challenges;
        let lanes = self.shape.lanes;
        let mut late = vec![Fr::ZERO; self.late];
        let mut sums = Sums {
            accumulators: vec![Fr::ZERO; self.size],
            factors: vec![Fr::ZERO; self.size],
            residuals: vec![],
        };
        let mut acc = Fr::ZERO;
        let mut values = vec![Fr::ZERO; lanes];
        for (index, row) in self.rows.iter().enumerate() {
            if row.open && !draft.carry && acc != Fr::ZERO {
                sums.residuals.push((index, acc));
                acc = Fr::ZERO;
            }
            sums.accumulators[index] = acc;
            let Some(kind) = row.kind else {
                acc = Fr::ZERO;
                continue;
            };
            for (lane, value) in values.iter_mut().enumerate() {
                let weight = self.weight(lane, index);
                *value = if weight == Fr::ZERO {
                    Fr::ZERO
                } else {
                    weight * draft.lanes[lane][index]
                };
            }
            let plain = || values.iter().fold(Fr::ZERO, |sum, value| sum + value);
            let horner = |x: Fr, first: Fr| {
                let values = values.iter().rev();
                values.fold(first, |acc, value| acc * x + value)
            };
            let mut factor = match row.slot {
                Slot::Early => draft.factors[index],
                Slot::Use(value) => late[value],
                _ => Fr::ZERO,
            };
            if let Patch::Factor(at, more) = draft.patch
                && at == index
            {
                factor += more;
            }
            let mut next = match kind {
                Kind::Sum => {
                    let mut sum = acc + plain();
                    if !row.checked {
                        sum += self.fixed[self.base_column()][index];
                    }
                    if index.is_multiple_of(self.stride) {
                        sum += draft.words.get(index / self.stride).unwrap_or(&Fr::ZERO);
                    }
                    if let Slot::Define(value) = row.slot {
                        let more = match draft.patch {
                            Patch::Define(at, more) if at == index => more,
                            _ => Fr::ZERO,
                        };
                        factor = sum + more;
                        late[value] = factor;
                        Fr::ZERO
                    } else {
                        sum + self.factor_weight(index) * factor
                    }
                }
                Kind::Multiply => acc * factor + plain(),
                Kind::Positions => horner(t, acc),
                Kind::Channels => horner(s, acc),
                Kind::Mixed => acc * t + horner(s, Fr::ZERO),
            };
            if let Patch::Row(at, more) = draft.patch
                && at == index
            {
                next += more;
            }
            sums.factors[index] = factor;
            acc = next;
        }
        sums
    }

    /// Fills every column.
    pub fn fill(&self, draft: &Draft) -> Filled {
        let sums = self.sum(draft);
        let lanes = self.shape.lanes;
        let beta = self.challenges[2];
        let base = &self.fixed[self.base_column()];
        let mut counts = vec![0u64; self.size];
        let mut strays = vec![];
        let checked: Vec<usize> = (0..self.rows.len())
            .filter(|&row| self.rows[row].checked)
            .collect();
        let mut poles = Vec::with_capacity(checked.len() * lanes);
        for &row in &checked {
            for lane in &draft.lanes {
                let key = base[row] + lane[row];
                match self.table.get(&key.to_bytes()) {
                    Some(&entry) => counts[entry] += 1,
                    None => strays.push(row),
                }
                poles.push(beta + key);
            }
        }
        strays.dedup();
        poles.iter_mut().batch_invert();
        let mut uses: Vec<Fr> = match &draft.uses {
            Some(uses) => uses.clone(),
            None => counts.into_iter().map(Fr::from).collect(),
        };
        let mut helpers = vec![vec![Fr::ZERO; self.size]; self.shape.helpers()];
        for (&row, poles) in checked.iter().zip(poles.chunks(lanes)) {
            for (helper, poles) in helpers.iter_mut().zip(poles.chunks(GROUP)) {
                helper[row] = poles.iter().sum();
            }
        }
        let table = &self.fixed[self.table_column()];
        let mut entries: Vec<Fr> = table.iter().map(|entry| beta + entry).collect();
        entries.iter_mut().batch_invert();
        let height = self.height();
        let step = |uses: &[Fr], helpers: &[Vec<Fr>], row: usize| {
            let used = match self.rows[row].checked {
                true => helpers.iter().map(|helper| helper[row]).sum(),
                false => Fr::ZERO,
            };
            match uses[row] == Fr::ZERO {
                true => used,
                false => used - uses[row] * entries[row],
            }
        };
        let end: Fr = (0..height).map(|row| step(&uses, &helpers, row)).sum();
        match draft.balance {
            Balance::Helper(row) => helpers[row % self.shape.helpers()][row] -= end,
            Balance::Uses => uses[0] += end * (beta + table[0]),
            _ => {}
        }
        let mut total = Vec::with_capacity(self.size);
        let mut sum = match draft.balance {
            Balance::First => -end,
            _ => Fr::ZERO,
        };
        for row in 0..height {
            total.push(sum);
            sum += step(&uses, &helpers, row);
            if draft.balance == Balance::Total(row) {
                sum -= end;
            }
        }
        total.push(sum);
        total.resize(self.size, Fr::ZERO);
        let mut advice = draft.boundary.clone();
        advice.extend(draft.lanes.iter().cloned());
        advice.extend([uses, sums.accumulators, sums.factors]);
        advice.extend(helpers);
        advice.push(total);
        let mut instance = vec![Fr::ZERO; self.size];
        for (word, value) in draft.words.iter().enumerate() {
            instance[self.word_row(word)] = *value;
        }
        Filled {
            advice,
            instance,
            strays,
        }
    }

    /// Makes the public words what the rows say that they are.
    pub fn restate(&self, draft: &mut Draft) {
        let blank = Draft {
            words: vec![Fr::ZERO; self.words],
            ..draft.clone()
        };
        let residuals = self.sum(&blank).residuals;
        let chains = self.chains();
        for (word, value) in draft.words.iter_mut().enumerate() {
            let first = self.word_row(word);
            let chain = chains.iter().find(|chain| chain.start == first).unwrap();
            let end = residuals.iter().find(|(row, _)| *row == chain.end);
            *value = end.map_or(Fr::ZERO, |(_, end)| -end);
        }
    }
}
