//! Normalisations by another inverse, by squares that are none, all that follows adapted.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use veriregime_circuits::{
    field::{Fr, from_int, power_of_two},
    network::{Norm, Operator},
};

use crate::{case::Case, resume::resume, scale::Scale, tally::Tally};

pub fn run(case: &Case, scale: Scale) -> Tally {
    let mut tally = Tally::default();
    for (node, of) in case.network.nodes.iter().enumerate() {
        let Operator::Norm(norm) = &of.operator else {
            continue;
        };
        let forger = Forger { case, node, norm };
        for group in 0..case.trace.nodes[node].inverses.len() {
            forger.inverses(group, &mut tally);
            forger.squares(group, scale, &mut tally);
        }
    }
    tally
}

struct Forger<'a> {
    case: &'a Case,
    node: usize,
    norm: &'a Norm,
}

impl Forger<'_> {
    fn group(&self, group: usize) -> &[i64] {
        let size = self.norm.group;
        &self.case.trace.tensors[self.norm.input][group * size..][..size]
    }

    /// V, if sum x^2 were `more` larger.
    fn spread(&self, group: usize, more: i128) -> i128 {
        let x = self.group(group);
        let n = x.len() as i128;
        let sum: i128 = x.iter().map(|&x| i128::from(x)).sum();
        let squares: i128 = x.iter().map(|&x| i128::from(x).pow(2)).sum();
        n * n * (squares + more) - n * sum * sum + i128::from(self.norm.epsilon)
    }

    fn target(&self) -> i128 {
        (self.norm.group as i128) << (2 * self.norm.precision)
    }

    /// Values with another r and V of a group and all that follows.
    fn values(&self, group: usize, r: i128, spread: i128) -> Option<Vec<Fr>> {
        let (case, node, norm) = (self.case, self.node, self.norm);
        let x = self.group(group);
        let n = x.len() as i128;
        let sum: i128 = x.iter().map(|&x| i128::from(x)).sum();
        let mut forged = case.trace.clone();
        forged.nodes[node].inverses[group] = r as i64;
        for (at, &x) in x.iter().enumerate() {
            let scaled = i128::from(norm.scale[at]) * (n * i128::from(x) - sum) * r;
            let product = scaled + i128::from(norm.bias[at]);
            let index = group * norm.group + at;
            let divisor = i128::from(norm.divisor);
            forged.tensors[node + 1][index] = product.div_euclid(divisor) as i64;
            forged.nodes[node].remainders[index] = product.rem_euclid(divisor) as i64;
        }
        let interval = case.key.layout().bounds().tensors[node + 1];
        let fits = |y: &i64| (interval.low..=interval.high).contains(y);
        if !forged.tensors[node + 1].iter().all(fits) {
            return None;
        }
        let mut values = case.values_of(&resume(&case.network, &forged, node)?);
        let part = |part: &str| format!("Norm {{ node: {node}, part: {part},");
        let target = self.target();
        case.write(&mut values, &part("Inverse"), group, r);
        case.write(&mut values, &part("Below"), group, target - r * r * spread);
        let above = (r + 1) * (r + 1) * spread - target - 1;
        case.write(&mut values, &part("Above"), group, above);
        Some(values)
    }

    /// r one more or less, or negative.
    fn inverses(&self, group: usize, tally: &mut Tally) {
        let honest = i128::from(self.case.trace.nodes[self.node].inverses[group]);
        for r in [honest + 1, honest - 1, honest + 2, honest / 2, -honest, 0] {
            let spread = self.spread(group, 0);
            let Some(values) = self.values(group, r, spread) else {
                continue;
            };
            tally.judge(self.case, &self.case.restated(&values), || {
                format!("node {}: r = {r} instead of {honest}", self.node)
            });
        }
    }

    /// A square that is one more, with an entry of its own; two entries of neighbours, whose squares
    /// are fractions that cancel in their sum.
    fn squares(&self, group: usize, scale: Scale, tally: &mut Tally) {
        let case = self.case;
        let mut rng = ChaCha20Rng::seed_from_u64(12);
        let size = self.norm.group;
        let part = |part: &str| format!("Norm {{ node: {}, part: {part},", self.node);
        let entries = case.blocks(&part("Entry"))[0].values.start + group * size;
        let squares = case.blocks(&part("Square"))[0].values.start + group * size;
        let interval = case.key.layout().bounds().tensors[self.norm.input];
        let bits = 64 - (interval.len() - 1).leading_zeros();
        let x = self.group(group);
        for _ in 0..scale.pick(6, 30) {
            let (a, b) = (rng.gen_range(0..size), rng.gen_range(0..size));
            let more = rng.gen_range(1..40);
            let spread = self.spread(group, more);
            let r = (self.target() / spread).isqrt();
            if let Some(mut values) = self.values(group, r, spread) {
                values[entries + a] += from_int(more << bits);
                values[squares + a] += from_int(more);
                tally.judge(case, &case.restated(&values), || {
                    format!("node {}: square {a} is {more} more", self.node)
                });
            }
            let above = |at: usize| i128::from(x[at] - interval.low);
            if a == b || x[a] == interval.high || x[b] == interval.low {
                continue;
            }
            let more = 2 * (above(a) - above(b) + 1);
            let spread = self.spread(group, more);
            if spread <= 0 {
                continue;
            }
            let r = (self.target() / spread).isqrt();
            let Some(mut values) = self.values(group, r, spread) else {
                continue;
            };
            let step = power_of_two(bits).invert().unwrap();
            for (at, by) in [(a, 1), (b, -1)] {
                let other = above(at) + by;
                let entry = from_int(other + ((other * other) << bits));
                let change = entry - values[entries + at];
                values[entries + at] = entry;
                values[squares + at] += change * step;
            }
            tally.judge(case, &case.restated(&values), || {
                format!(
                    "node {}: entries of {a} and {b} of their neighbours",
                    self.node
                )
            });
        }
    }
}
