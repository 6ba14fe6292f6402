//! Pieces of wide numbers that exchange a carry, and packed sums whose limbs do.

use halo2_axiom::halo2curves::ff::Field;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use veriregime_circuits::{
    field::{Fr, from_int, power_of_two},
    network::Operator,
    sheet::Method,
};

use crate::{case::Case, key::Kind, scale::Scale, tally::Tally};

pub fn run(case: &Case, scale: Scale) -> Tally {
    let mut tally = Tally::default();
    let mut rng = ChaCha20Rng::seed_from_u64(10);
    exchanged(case, scale, &mut rng, &mut tally);
    for node in 0..case.network.nodes.len() {
        limbs(case, node, &mut tally);
    }
    tally
}

/// 2^width more in one piece, one less in the next, and the reverse: the same number.
fn exchanged(case: &Case, scale: Scale, rng: &mut ChaCha20Rng, tally: &mut Tally) {
    for low in &case.blocks {
        let (offset, width) = (low.number("offset"), low.number("width"));
        if width == 0 {
            continue;
        }
        let prefix = low.meaning.split("offset").next().unwrap();
        let blocks = case.blocks(prefix);
        let next = blocks.iter().find(|high| {
            high.number("offset") == offset + width && high.values.len() == low.values.len()
        });
        let Some(high) = next else { continue };
        for _ in 0..scale.pick(2, 8) {
            let index = rng.gen_range(0..low.values.len());
            for carry in [1, -1] {
                let mut values = case.values.clone();
                values[low.values.start + index] += from_int(carry << width);
                values[high.values.start + index] -= from_int(carry);
                tally.judge(case, &case.draft(&values), || {
                    format!("{} {index}: carry {carry}", low.meaning)
                });
            }
        }
    }
}

/// Two neighbours of a packed sum: one is a whole limb wrong, the other makes up for it by one.
fn limbs(case: &Case, node: usize, tally: &mut Tally) {
    let step = case.network.dims()[node + 1].positions();
    let packed = step == 1 || case.method == Method::Packed;
    let Operator::Linear(linear) = &case.network.nodes[node].operator else {
        return;
    };
    let last = node + 1 == case.network.nodes.len();
    if !packed || (!last && linear.divisor == 1) {
        return;
    }
    let meaning = match last && linear.table.is_none() && linear.divisor == 1 {
        true => format!("Tensor {{ tensor: {},", node + 1),
        false => format!("Remainder {{ node: {node},"),
    };
    let parts = case.blocks(&meaning);
    let pieces: Vec<_> = parts
        .iter()
        .filter(|block| block.number("width") > 0 || parts.len() == 1)
        .collect();
    // A committed output has a copy in one piece.
    let whole = parts.iter().find(|block| block.number("width") == 0);
    let whole = whole.filter(|_| parts.len() > 1);
    let (lowest, highest) = (pieces[0], pieces[pieces.len() - 1]);
    for pair in 0..lowest.values.len() - step {
        let next = pair + step;
        let (a, b) = (lowest.values.start + pair, lowest.values.start + next);
        let Some(limb) = limb(case, a, b) else {
            continue;
        };
        for carry in [Fr::ONE, -Fr::ONE] {
            // What a is wrong by, in its highest piece or in its lowest.
            for into in [lowest, highest] {
                let share = power_of_two(into.number("offset")).invert().unwrap();
                let mut values = case.values.clone();
                values[into.values.start + pair] -= carry * limb * share;
                values[b] += carry;
                if let Some(whole) = whole {
                    values[whole.values.start + pair] -= carry * limb;
                    values[whole.values.start + next] += carry;
                }
                if last && case.is_public() {
                    gaps(case, &mut values, [pair, next], carry, limb);
                }
                tally.judge(case, &case.restated(&values), || {
                    format!("node {node}: outputs {pair} and the next, carry {carry:?}")
                });
            }
        }
    }
}

/// Gaps that fit the altered outputs.
fn gaps(case: &Case, values: &mut [Fr], [pair, next]: [usize; 2], carry: Fr, limb: Fr) {
    let Some(lowest) = case
        .blocks("KeyGap")
        .first()
        .map(|block| block.values.start)
    else {
        return;
    };
    let outputs = Fr::from((case.trace.output().len() / case.visibilities.windows) as u64);
    values[lowest + pair] += outputs * carry * limb;
    values[lowest + next] -= outputs * carry;
}

/// The ratio of two values' weights in a packed sum, if they are in the same one.
fn limb(case: &Case, a: usize, b: usize) -> Option<Fr> {
    let sheet = &case.sheet;
    let first = sheet.words * sheet.stride;
    let weight = |row: usize, value: usize| {
        let mut lanes = case.lanes.iter().enumerate();
        let lane = lanes.find(|(_, cells)| cells[row] == Some(value));
        lane.map(|(lane, _)| sheet.weight(lane, row))
    };
    for chain in sheet.chains() {
        if chain.start < first {
            continue;
        }
        let rows = || {
            chain
                .clone()
                .filter(|&row| sheet.rows[row].kind == Some(Kind::Sum))
        };
        let found = |value: usize| rows().find_map(|row| weight(row, value));
        if let (Some(a), Some(b)) = (found(a), found(b)) {
            let ratio = b * Option::<Fr>::from(a.invert())?;
            return (ratio != Fr::ONE).then_some(ratio);
        }
    }
    None
}
