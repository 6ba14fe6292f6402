//! Maxima that are none: a raise and its entry changed together.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use veriregime_circuits::{field::from_int, network::Operator};

use crate::{case::Case, resume::resume, scale::Scale, tally::Tally};

pub fn run(case: &Case, scale: Scale) -> Tally {
    let mut tally = Tally::default();
    let mut rng = ChaCha20Rng::seed_from_u64(11);
    for (node, of) in case.network.nodes.iter().enumerate() {
        let Operator::Maximum { kernel, .. } = &of.operator else {
            continue;
        };
        let interval = case.key.layout().bounds().tensors[node + 1];
        let bits = 64 - (2 * interval.len() - 2).leading_zeros();
        let last = kernel[0] * kernel[1] - 1;
        let count = case.trace.tensors[node + 1].len();
        let first = |meaning: &str| case.blocks(meaning)[0].values.start;
        let step =
            |name: &str, step: usize| first(&format!("{name} {{ node: {node}, step: {step} }}"));
        for _ in 0..scale.pick(6, 30) {
            let index = rng.gen_range(0..count);
            for more in [1, -1] {
                let mut forged = case.trace.clone();
                forged.tensors[node + 1][index] += more;
                let result = forged.tensors[node + 1][index];
                if result < interval.low || result > interval.high {
                    continue;
                }
                let Some(trace) = resume(&case.network, &forged, node) else {
                    continue;
                };
                let mut values = case.values_of(&trace);
                let more = i128::from(more);
                values[step("Step", last) + index] += from_int(more);
                values[step("StepEntry", last) + index] += from_int(more << bits);
                tally.judge(case, &case.restated(&values), || {
                    format!("node {node}: window {index} {more} above its maximum")
                });
                // The same raise in a step too early: the steps behind see another maximum.
                let mut values = case.values.clone();
                if last > 1 {
                    values[step("Step", 1) + index] += from_int(more);
                    values[step("StepEntry", 1) + index] += from_int(more << bits);
                    values[step("Step", last) + index] -= from_int(more);
                    for later in 2..=last {
                        values[step("StepEntry", later) + index] -= from_int(more);
                    }
                    values[step("StepEntry", last) + index] -= from_int(more << bits);
                    tally.judge(case, &case.draft(&values), || {
                        format!("node {node}: window {index} raised {more} in step 1 instead")
                    });
                }
            }
        }
    }
    tally
}
