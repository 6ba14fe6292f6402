//! Classes that are not the largest output's.

use halo2_axiom::halo2curves::ff::{Field, PrimeField};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use veriregime_circuits::field::{Fr, from_int};

use crate::{case::Case, gates::repair, scale::Scale, tally::Tally};

pub fn run(case: &Case, scale: Scale) -> Tally {
    let mut tally = Tally::default();
    let mut rng = ChaCha20Rng::seed_from_u64(13);
    let first = |meaning: &str| Some(case.blocks(meaning).first()?.values.start);
    let (Some(top), Some(hot)) = (first("TopKey"), first("OneHot")) else {
        return tally;
    };
    let outputs = case.trace.output();
    let count = outputs.len() as i128;
    let key = |output: usize| count * i128::from(outputs[output]) + count - 1 - output as i128;
    let class = case.trace.class();
    for other in (0..outputs.len()).filter(|&other| other != class) {
        // The gaps are from the other's key.
        let mut values = case.values.clone();
        values[top] = from_int(key(other));
        for output in 0..outputs.len() {
            values[hot + output] = from_int(i128::from(output == other));
            case.write(&mut values, "KeyGap", output, key(other) - key(output));
        }
        tally.judge(case, &case.restated(&values), || {
            format!("class {other} instead of {class}, with gaps from it")
        });
        // The gaps stay, one product is not zero.
        let halves = [Fr::TWO_INV, Fr::TWO_INV];
        for [mine, its] in [[Fr::ZERO, Fr::ONE], halves, [Fr::ONE + Fr::ONE, -Fr::ONE]] {
            let mut values = case.values.clone();
            (values[hot + class], values[hot + other]) = (mine, its);
            let draft = case.restated(&values);
            tally.judge(case, &draft, || format!("class {other}, with a gap"));
            repair(case, &draft, scale, &mut rng, &mut tally);
        }
        // Two classes, or none.
        for [mine, its] in [[Fr::ONE, Fr::ONE], [Fr::ZERO, Fr::ZERO]] {
            let mut values = case.values.clone();
            (values[hot + class], values[hot + other]) = (mine, its);
            let draft = case.restated(&values);
            tally.judge(case, &draft, || {
                format!("classes {class} and {other}: {mine:?}")
            });
            repair(case, &draft, scale, &mut rng, &mut tally);
        }
    }
    tally
}
