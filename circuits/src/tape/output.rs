//! Logits, arg-max and the public outputs.
//!
//! Every class gets a ranking key C y + (C - 1 - index): keys are distinct and the largest belongs
//! to the arg-max with ties to the lowest index. A one-hot vector selects the class; the selected
//! gap to the largest key must be zero and every gap must be a non-negative number of bounded size.

use halo2_axiom::halo2curves::ff::Field;

use super::{
    build::Tape,
    range::RangeCheck,
    row::Value,
    split::{Split, bit_length},
};
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
    /// Bits of the largest possible gap.
    pub bits: u32,
}

impl Ranking {
    pub fn of(logits: &[Interval], range: RangeCheck) -> Self {
        let splits: Vec<Split> = logits.iter().map(|&y| Split::of(y, 0, range)).collect();
        let classes = logits.len();
        let keys = |logit: fn(&Split) -> i128| {
            let logits = splits.iter().map(logit).enumerate();
            logits.map(move |(class, y)| key(classes, class, y))
        };
        let key_low = keys(|split| split.low).min().unwrap_or(0);
        let key_high = keys(|split| split.low + (1i128 << split.bits) - 1);
        let gap = key_high.max().unwrap_or(0) - key_low;
        Self {
            logit_lows: splits.iter().map(|split| split.low).collect(),
            key_low,
            bits: bit_length(gap),
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
    let ranking = Ranking::of(logits, tape.shape.range);
    pack_logits(tape, &ranking);
    for class in 0..logits.len() {
        gap(tape, &ranking, class, logits.len());
    }
    select(tape, logits.len());
}

fn pack_logits(tape: &mut Tape, ranking: &Ranking) {
    for (word, lows) in ranking.logit_lows.chunks(LOGITS_PER_WORD).enumerate() {
        let mut chain = tape.from_zero();
        let classes = word * LOGITS_PER_WORD..;
        for ((field, &low), class) in (0u32..).zip(lows).zip(classes) {
            let weight = power_of_two(64 * field);
            chain.constant(weight * from_int(low + (1 << LOGIT_OFFSET_BITS)));
            chain.add(weight, Value::Logit(class));
        }
        // The word's cell is one more than the word.
        chain.constant(Fr::ONE);
        chain.add(-Fr::ONE, Value::LogitWord(word));
        tape.push(chain);
    }
}

/// gap = top key - this key, and 0 <= gap < 2^capacity(bits).
fn gap(tape: &mut Tape, ranking: &Ranking, class: usize, classes: usize) {
    tape.define(Value::KeyGap(class), ranking.bits);
    let mut chain = tape.from_zero();
    let constant = ranking.key_low - key(classes, class, ranking.logit_lows[class]);
    chain.constant(from_int(constant));
    chain.add(Fr::ONE, Value::TopKey);
    chain.add(-Fr::from(classes as u64), Value::Logit(class));
    chain.add(-Fr::ONE, Value::KeyGap(class));
    tape.push(chain);
}

fn select(tape: &mut Tape, classes: usize) {
    // sum_i hot_i = 1 with every hot_i one digit: exactly one is 1.
    let mut chain = tape.from_zero();
    chain.constant(-Fr::ONE);
    for class in 0..classes {
        chain.bit(Fr::ONE, Value::OneHot(class));
    }
    tape.push(chain);
    // hot_i gap_i = 0: the selected class has the largest key.
    for class in 0..classes {
        let mut chain = tape.from_one();
        chain.multiply(Value::OneHot(class));
        chain.multiply(Value::KeyGap(class));
        tape.push(chain);
    }
    // The class's cell is one more than the class.
    let mut chain = tape.from_zero();
    chain.constant(Fr::ONE);
    for class in 1..classes {
        chain.add(Fr::from(class as u64), Value::OneHot(class));
    }
    chain.add(-Fr::ONE, Value::Class);
    tape.push(chain);
}
