//! Two honest sheets of different inputs, sewn together where a chain begins: every chain is right,
//! only copies are not.

use rand::{Rng, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha20Rng;

use crate::{case::Case, fill::Draft, scale::Scale, tally::Tally};

pub fn run(case: &Case, scale: Scale) -> Tally {
    let mut tally = Tally::default();
    let mut rng = ChaCha20Rng::seed_from_u64(6);
    let one = case.draft(&case.values);
    for _ in 0..scale.pick(2, 6) {
        let mut input = case.trace.tensors[0].clone();
        let index = rng.gen_range(0..input.len());
        input[index] += if input[index] > 0 { -1 } else { 1 };
        let trace = case.network.trace(&input).unwrap();
        let two = case.restated(&case.values_of(&trace));
        let same = one.lanes == two.lanes;
        for (input, output) in [(&one, &two), (&two, &one)] {
            boundary(case, input, output, &mut tally);
        }
        if same {
            continue;
        }
        let mut seams: Vec<usize> = case.sheet.chains().iter().map(|c| c.start).collect();
        seams.shuffle(&mut rng);
        for row in seams.into_iter().take(scale.pick(6, 20)) {
            let draft = sewn(&one, &two, row);
            if draft.lanes == one.lanes || draft.lanes == two.lanes {
                continue;
            }
            tally.judge(case, &draft, || format!("sewn together at row {row}"));
        }
    }
    tally
}

/// Rows from `row` on are those of the second draft.
fn sewn(one: &Draft, two: &Draft, row: usize) -> Draft {
    let mut draft = one.clone();
    let columns = draft.lanes.iter_mut().zip(&two.lanes);
    for (mine, other) in columns.chain([(&mut draft.factors, &two.factors)]) {
        mine[row..].copy_from_slice(&other[row..]);
    }
    draft
}

/// The committed tensors of one inference, everything else of the other.
fn boundary(case: &Case, one: &Draft, two: &Draft, tally: &mut Tally) {
    let columns = one.boundary.len();
    for column in 0..columns {
        let mut draft = two.clone();
        draft.boundary[column].clone_from(&one.boundary[column]);
        if draft.boundary != two.boundary {
            tally.judge(case, &draft, || format!("boundary column {column}"));
        }
    }
}
