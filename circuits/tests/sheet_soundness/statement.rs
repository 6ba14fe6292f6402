//! Public words that are not what the rows say, inputs out of range, another constant than 1.

use halo2_axiom::halo2curves::ff::Field;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use veriregime_circuits::{
    field::{Fr, from_int},
    network::Operator,
};

use crate::{
    case::Case,
    fill::{Draft, Patch},
    gates::solve,
    resume::resume,
    scale::Scale,
    tally::Tally,
};

pub fn run(case: &Case, scale: Scale) -> Tally {
    let mut tally = words(case);
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    for _ in 0..scale.pick(2, 8) {
        inputs(case, &mut rng, &mut tally);
    }
    one(case, &mut tally);
    tally
}

/// A word altered alone, two words exchanged; what is wrong stands where the word enters, or where
/// its chain ends.
fn words(case: &Case) -> Tally {
    let mut tally = Tally::default();
    let honest = case.draft(&case.values);
    let mut forged = vec![];
    for word in 0..honest.words.len() {
        for more in [Fr::ONE, -Fr::ONE, Fr::from(1 << 62)] {
            let mut draft = honest.clone();
            draft.words[word] += more;
            forged.push((word, draft));
        }
        let mut draft = honest.clone();
        draft.words.swap(0, word);
        if draft.words != honest.words {
            forged.push((word, draft));
        }
    }
    for (word, draft) in forged {
        tally.judge(case, &draft, || format!("word {word}"));
        let carried = Draft {
            carry: true,
            ..draft.clone()
        };
        tally.judge(case, &carried, || format!("word {word}, carried"));
        let place = Patch::Row(case.sheet.word_row(word), Fr::ONE);
        if let Some(solved) = solve(&case.sheet, &draft, place) {
            tally.judge(case, &solved, || format!("word {word} at its row"));
        }
    }
    tally
}

/// 256 more in one input and one less in the next: the same word. An input below the least.
fn inputs(case: &Case, rng: &mut ChaCha20Rng, tally: &mut Tally) {
    let mut tensor = case.trace.tensors[0].clone();
    let index = rng.gen_range(0..tensor.len() - 1);
    tensor[index] += 256;
    tensor[index + 1] -= 1;
    let low = i64::from(case.network.input.low);
    if tensor[index + 1] < low {
        return;
    }
    let mut forged = case.trace.clone();
    forged.tensors[0] = tensor;
    // Nothing of the first node is forged: it is computed anew.
    let Some(trace) = from_input(case, &forged.tensors[0]) else {
        return;
    };
    let values = case.values_of(&trace);
    tally.judge(case, &case.restated(&values), || {
        format!("input {index} 256 more, the next one less")
    });
}

/// The trace of an input that may be out of range.
fn from_input(case: &Case, input: &[i64]) -> Option<veriregime_circuits::network::Trace> {
    let mut network = case.network.clone();
    (network.input.low, network.input.high) = (i32::MIN, i32::MAX);
    network.trace(input).ok()
}

/// A gather whose tensors have different lower bounds adds multiples of the constant 1.
fn one(case: &Case, tally: &mut Tally) {
    let Operator::Gather { inputs, .. } = &case.network.nodes[1].operator else {
        return;
    };
    if inputs.len() < 2 || case.network.nodes.len() != 4 {
        return;
    }
    let bounds = &case.key.layout().bounds().tensors;
    let step = i128::from(bounds[1].low - bounds[2].low);
    for more in [1, 2, 5, -1] {
        let mut forged = case.trace.clone();
        // Every second value is a hidden one, whose least is above the input's.
        for value in forged.tensors[2].iter_mut().skip(1).step_by(2) {
            *value += more;
        }
        let Some(trace) = resume(&case.network, &forged, 1) else {
            continue;
        };
        let mut values = case.values_of(&trace);
        let inverse = from_int(step).invert().unwrap();
        values[0] = from_int(step + i128::from(more)) * inverse;
        tally.judge(case, &case.restated(&values), || {
            format!("the constant 1 is 1 + {more} / {step}")
        });
    }
}
