//! Logits, arg-max and the public outputs.
//!
//! Every class gets a ranking key C y + (C - 1 - index): keys are distinct and the largest belongs
//! to the arg-max with ties to the lowest index. A one-hot vector selects the class; the selected
//! gap to the largest key must be zero and every gap must be a non-negative number of bounded size.

use halo2_axiom::halo2curves::ff::Field;

use super::{build::Tape, dense::Split, row::Value};
use crate::{
    field::{Fr, from_int, power_of_two},
    model::bounds::Interval,
    public::{LOGIT_OFFSET_BITS, LOGITS_PER_WORD},
};

/// Ranges of logits turned into ranges of ranking keys.
#[derive(Debug, Clone)]
pub(super) struct Ranking {
    /// Lower bound of each logit.
    pub logit_lows: Vec<i128>,
    /// The smallest possible key.
    pub key_low: i128,
    /// Base-4 digits of the largest possible gap.
    pub places: u32,
}

impl Ranking {
    pub fn of(logits: &[Interval]) -> Self {
        let lows: Vec<i128> = logits.iter().map(|&y| Split::of(y, 0).low).collect();
        let highs = logits.iter().map(|&y| {
            let split = Split::of(y, 0);
            split.low + (1i128 << (2 * split.places)) - 1
        });
        let classes = logits.len();
        let key_low = lows
            .iter()
            .enumerate()
            .map(|(i, &y)| key(classes, i, y))
            .min()
            .unwrap_or(0);
        let key_high = highs
            .enumerate()
            .map(|(i, y)| key(classes, i, y))
            .max()
            .unwrap_or(0);
        let gap = (key_high - key_low).unsigned_abs();
        Self {
            logit_lows: lows,
            key_low,
            places: (128 - gap.leading_zeros()).div_ceil(2).max(1),
        }
    }
}

/// Ranking key of a class with this logit.
pub(super) fn key(classes: usize, index: usize, logit: i128) -> i128 {
    let classes = classes as i128;
    classes * logit + (classes - 1 - index as i128)
}

/// All rows behind the public logits and class.
pub(super) fn outputs(tape: &mut Tape, logits: &[Interval]) {
    let ranking = Ranking::of(logits);
    pack_logits(tape, &ranking);
    for class in 0..logits.len() {
        gap(tape, &ranking, class, logits.len());
    }
    select(tape, logits.len());
}

fn pack_logits(tape: &mut Tape, ranking: &Ranking) {
    for (word, lows) in ranking.logit_lows.chunks(LOGITS_PER_WORD).enumerate() {
        let first = word * LOGITS_PER_WORD;
        let fields = (0u32..).zip(lows);
        let constant: Fr = fields
            .map(|(field, &low)| {
                power_of_two(64 * field) * from_int(low + (1 << LOGIT_OFFSET_BITS))
            })
            .sum();
        tape.load(constant, Value::Logit(first));
        for (field, index) in (0u32..).zip(first..first + lows.len()) {
            tape.add(power_of_two(64 * field), Value::Logit(index));
        }
        tape.emit(Value::LogitWord(word));
    }
}

/// gap = top key - this key, digits included, so 0 <= gap < 4^places.
fn gap(tape: &mut Tape, ranking: &Ranking, class: usize, classes: usize) {
    tape.define(Value::KeyGap(class), ranking.places);
    let constant = ranking.key_low - key(classes, class, ranking.logit_lows[class]);
    tape.load(from_int(constant), Value::TopKey);
    tape.add(Fr::ONE, Value::TopKey);
    tape.add(-Fr::from(classes as u64), Value::Logit(class));
    tape.emit(Value::KeyGap(class));
}

fn select(tape: &mut Tape, classes: usize) {
    // sum_i hot_i = 1 with every hot_i in 0..=3: exactly one is 1.
    tape.load(-Fr::ONE, Value::OneHot(0));
    for class in 0..classes {
        tape.add_checked(Fr::ONE, Value::OneHot(class));
    }
    tape.end_chain();
    // hot_i gap_i = 0: the selected class has the largest key.
    for class in 0..classes {
        tape.add(Fr::ONE, Value::OneHot(class));
        tape.multiply_add(Value::KeyGap(class), Fr::ZERO);
        tape.demand_zero(Value::OneHot(class));
    }
    for class in 1..classes {
        tape.add(Fr::from(class as u64), Value::OneHot(class));
    }
    tape.emit(Value::Class);
}
