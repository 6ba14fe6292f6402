//! Errors of several outputs that cancel at a point: at points that are drawn they do not.

use halo2_axiom::halo2curves::ff::Field;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use veriregime_circuits::{
    field::Fr,
    network::{Linear, Operator, Trace},
    sheet::Method,
};

use crate::{case::Case, gates, resume::resume, scale::Scale, tally::Tally};

const T: &str = "t drawn after the values";
const S: &str = "s drawn after the values";

pub fn run(case: &Case, scale: Scale) -> Tally {
    let mut tally = Tally::default();
    if case.method == Method::Packed {
        return tally;
    }
    let mut rng = ChaCha20Rng::seed_from_u64(14);
    let dims = case.network.dims();
    for (node, of) in case.network.nodes.iter().enumerate() {
        let Operator::Linear(linear) = &of.operator else {
            continue;
        };
        let dims = dims[node + 1];
        let positions = dims.positions();
        if positions == 1 {
            continue;
        }
        let [t, s, beta] = case.sheet.challenges;
        for _ in 0..scale.pick(4, 20) {
            let (channel, other) = (rng.gen_range(0..dims.0), rng.gen_range(0..dims.0));
            let (at, to) = (rng.gen_range(0..positions), rng.gen_range(0..positions));
            let by = rng.gen_range(1..60);
            let here = channel * positions + at;
            let mut moved = |there: usize, known: [Fr; 3], name: &str| {
                if there == here {
                    return;
                }
                let Some(values) = shifted(case, node, linear, &[(here, by), (there, -by)]) else {
                    return;
                };
                tally.knowing(case, &case.restated(&values), known, name, || {
                    format!("node {node}: {by} moved from output {there} to {here}")
                });
            };
            moved(other * positions + at, [t, Fr::ONE, beta], S);
            moved(channel * positions + to, [Fr::ONE, s, beta], T);
            // A weight's contribution to all positions of one output, moved to another.
            if channel != other {
                let moved: Vec<(usize, i64)> = (0..positions)
                    .flat_map(|p| [(channel * positions + p, by), (other * positions + p, -by)])
                    .collect();
                if let Some(values) = shifted(case, node, linear, &moved) {
                    let known = [t, Fr::ONE, beta];
                    tally.knowing(case, &case.restated(&values), known, S, || {
                        format!("node {node}: {by} moved from channel {other} to {channel}")
                    });
                }
            }
            junk(case, node, linear, here, by, &mut rng, &mut tally);
        }
    }
    tally
}

/// Values when some accumulators are others.
fn shifted(case: &Case, node: usize, linear: &Linear, changes: &[(usize, i64)]) -> Option<Vec<Fr>> {
    let mut forged: Trace = case.trace.clone();
    let interval = case.key.layout().bounds().tensors[node + 1];
    let divisor = linear.divisor as i64;
    for &(index, by) in changes {
        let honest = match linear.table {
            Some(_) => forged.nodes[node].quotients[index],
            None => forged.tensors[node + 1][index],
        };
        let remainder = &mut forged.nodes[node].remainders[index];
        let sum = honest * divisor + *remainder + by;
        *remainder = sum.rem_euclid(divisor);
        let quotient = sum.div_euclid(divisor);
        let result = match linear.table {
            Some(table) => {
                forged.nodes[node].quotients[index] = quotient;
                i64::from(case.network.tables[table].get(quotient)?)
            }
            None => quotient,
        };
        if !(interval.low..=interval.high).contains(&result) {
            return None;
        }
        forged.tensors[node + 1][index] = result;
    }
    Some(case.values_of(&resume(&case.network, &forged, node)?))
}

/// One output another, and a junk cell that makes up for it at a known t.
fn junk(
    case: &Case,
    node: usize,
    linear: &Linear,
    here: usize,
    by: i64,
    rng: &mut ChaCha20Rng,
    tally: &mut Tally,
) {
    let meaning = format!("Junk {{ node: {node} }}");
    let blocks = case.blocks(&meaning);
    let (Some(block), Some(values)) = (blocks.first(), shifted(case, node, linear, &[(here, by)]))
    else {
        return;
    };
    let cell = rng.gen_range(block.values.clone());
    let ends = |more: Fr| {
        let mut values = values.clone();
        values[cell] += more;
        let draft = case.restated(&values);
        let residuals = case.sheet.sum(&draft).residuals;
        (draft, residuals)
    };
    let (draft, before) = ends(Fr::ZERO);
    let (_, after) = ends(Fr::ONE);
    if before.len() != 1 || after.len() != 1 {
        return;
    }
    let slope = after[0].1 - before[0].1;
    let Some(inverse) = Option::<Fr>::from(slope.invert()) else {
        return;
    };
    let (solved, _) = ends(-before[0].1 * inverse);
    let known = case.sheet.challenges;
    let sheet = case.sheet.with_challenges(crate::key::challenges(3));
    // The forger knew t and s: the same cells at challenges that he did not know.
    if case.sheet.violations(&case.sheet.fill(&solved)).is_empty() {
        tally.known(T);
    }
    tally.judge_on(case, &sheet, &solved, || {
        format!("node {node}: output {here} {by} more and junk for {known:?}")
    });
    gates::repair(case, &draft, Scale::Small, rng, tally);
}
