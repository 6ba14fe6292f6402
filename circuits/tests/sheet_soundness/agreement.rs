//! What this harness calls a violation is one to the library's checker and to the real verifier.

use halo2_axiom::dev::MockProver;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use veriregime_circuits::{
    field::{Fr, to_word},
    sheet::{SheetCircuit, Witness, prove_witness},
};

use crate::{case::Case, scale::Scale, tally::Tally};

/// Values changed everywhere they stand, some of them free ones, and the honest ones.
pub fn run(case: &Case, scale: Scale) -> Tally {
    let mut tally = Tally::default();
    let mut rng = ChaCha20Rng::seed_from_u64(15);
    for round in 0..scale.pick(4, 6) {
        let mut values = case.values.clone();
        if round > 0 {
            let index = rng.gen_range(0..values.len());
            values[index] += [Fr::one(), -Fr::one()][round % 2];
        }
        let draft = case.restated(&values);
        let found = case.sheet.violations(&case.sheet.fill(&draft));
        let layout = case.key.layout();
        let words = draft.words.iter().map(to_word).collect();
        let (witness, _) = Witness::assemble(layout, values, words, vec![]);
        let instance = instance(case, &draft.words);
        let circuit = SheetCircuit {
            layout,
            witness: Some(&witness),
            whole: true,
        };
        let mock = MockProver::run(layout.shape.k, &circuit, vec![instance]).unwrap();
        assert_eq!(mock.verify().is_ok(), found.is_empty(), "{}", case.name);
        // Real proofs take long: one network stands for all.
        if round < 2 && (scale == Scale::Full || case.name.starts_with("image")) {
            let holds = prove_witness(&case.key, &case.srs, &witness, &mut rng)
                .is_ok_and(|proof| case.verifies(&proof.words, &proof.bytes));
            assert_eq!(holds, found.is_empty(), "{}", case.name);
        }
        tally.forgeries += usize::from(!found.is_empty());
        tally.single += usize::from(found.len() == 1);
    }
    tally
}

fn instance(case: &Case, words: &[Fr]) -> Vec<Fr> {
    let mut instance = vec![Fr::zero(); (words.len() - 1) * case.sheet.stride + 1];
    for (word, value) in words.iter().enumerate() {
        instance[case.sheet.word_row(word)] = *value;
    }
    instance
}
