//! The product-sized network in both profiles: sampled cells, and a few real proofs.

use halo2_axiom::halo2curves::ff::Field;
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha20Rng;
use rayon::prelude::*;
use veriregime_circuits::{
    field::Fr,
    tape::{Layout, Profile},
};

use crate::{
    cells::{assigned, read, replacements},
    scale::Scale,
    setup::{Setup, over},
    support::product_sized_model,
    tally::Tally,
};

pub fn run(_: &[Setup], scale: Scale) -> Tally {
    let model = product_sized_model(9);
    let setups = [Profile::Gas, Profile::Speed].map(|profile| {
        let shape = Layout::plan(&model, profile).unwrap().shape;
        Setup::new(profile.as_str(), &model, shape)
    });
    over(&setups, |setup| attack(setup, scale.pick(1_000, 20_000)))
}

fn attack(setup: &Setup, count: usize) -> Tally {
    let checker = setup.checker();
    let honest = setup.witness(2);
    assert_eq!(checker.first_violation(&honest).unwrap(), None);
    let mut cells = assigned(setup.layout());
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    cells.shuffle(&mut rng);
    cells.truncate(count);
    let tallies = cells
        .par_chunks(count.div_ceil(8))
        .enumerate()
        .map(|(chunk, cells)| {
            let mut rng = ChaCha20Rng::seed_from_u64(chunk as u64);
            let mut witness = honest.clone();
            let mut tally = Tally {
                cells: cells.len(),
                ..Tally::default()
            };
            for &(column, row) in cells {
                let value = read(&witness, column, row);
                for other in replacements(value, &mut rng) {
                    let caught = checker.catches(&mut witness, column, row, other).unwrap();
                    tally.case(!caught, || format!("{}: {column:?} row {row}", setup.name));
                }
            }
            tally
        });
    let mut tally = tallies.reduce(Tally::default, |a, b| a + b);
    let mut witness = honest;
    let row = witness.accumulators.len() / 2;
    witness.lanes[0][row] += Fr::ONE;
    tally.case(setup.accepts(witness), || {
        format!("{}: a real proof", setup.name)
    });
    tally
}
