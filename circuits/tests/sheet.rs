//! Sheets: completeness on random networks of every operator, with the library's mock prover and
//! with real proofs.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

#[path = "support/networks.rs"]
mod networks;
#[path = "support/scale.rs"]
mod scale;

use std::sync::Arc;

use halo2_axiom::{dev::MockProver, halo2curves::ff::PrimeField};
use networks::{Maker, conv, networks, remainders};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use scale::Scale;
use veriregime_circuits::{
    field::{Fr, from_word},
    network::{Dims, Network, Norm, Operator},
    sheet::{
        Layout, Method, SheetCircuit, SheetKey, SheetProver, Visibilities, Visibility, Witness,
    },
    srs::Srs,
};

const BINDING: [u8; 32] = {
    let mut word = [7; 32];
    word[0] = 0;
    word
};

/// Layouts of a network: public and committed, packed and at random points.
fn layouts(network: &Network, lanes: usize) -> Vec<Layout> {
    let statements = [Visibilities::PUBLIC, Visibilities::COMMITTED];
    let ways = [Method::Packed, Method::RandomPoint];
    let both = statements.iter().flat_map(|see| ways.map(|way| (see, way)));
    both.map(|(see, way)| Layout::with_by(network, see, lanes, None, Some(way)).unwrap())
        .collect()
}

fn mock(layout: &Layout, witness: &Witness) -> Result<(), String> {
    let words: Vec<Fr> = witness
        .words
        .iter()
        .map(|word| from_word(word).unwrap())
        .collect();
    let mut instance = vec![Fr::zero(); (words.len() - 1) * layout.stride() + 1];
    for (row, word) in instance.iter_mut().step_by(layout.stride()).zip(&words) {
        *row = *word;
    }
    let circuit = SheetCircuit {
        layout,
        witness: Some(witness),
        whole: true,
    };
    let prover = MockProver::run(layout.shape.k, &circuit, vec![instance]).unwrap();
    prover
        .verify()
        .map_err(|failures| format!("{:#?}", &failures[..failures.len().min(3)]))
}

#[test]
fn mock_prover_accepts_every_operator_in_every_shape() {
    for (name, network, input) in networks() {
        for lanes in [2, 5, 8] {
            for layout in layouts(&network, lanes) {
                let witness = Witness::generate(&layout, &input, BINDING).unwrap();
                println!("{name}: {}, {} rows", layout.describe(), layout.row_count());
                if let Err(failures) = mock(&layout, &witness) {
                    panic!("{name}, {}: {failures}", layout.describe());
                }
            }
        }
    }
}

/// One cell alone replaced: copies, lookups and multiplicities bind every cell that is bound.
#[test]
fn no_cell_can_be_another() {
    let mut forgeries = 0;
    for (name, network, input) in networks() {
        for layout in layouts(&network, 5) {
            let honest = Witness::generate(&layout, &input, BINDING).unwrap();
            let mut rng = ChaCha20Rng::seed_from_u64(10);
            let count = honest.columns().len();
            for _ in 0..150 {
                let column = rng.gen_range(0..count);
                let rows = honest.columns()[column].len();
                let row = rng.gen_range(0..rows);
                if !layout.is_bound(column, row) {
                    continue;
                }
                let mut forged = honest.clone();
                let cell = &mut forged.columns_mut()[column][row];
                *cell += [Fr::one(), -Fr::one(), Fr::from(256)][rng.gen_range(0..3)];
                forgeries += 1;
                assert!(
                    mock(&layout, &forged).is_err(),
                    "{name}, {}: column {column} row {row}",
                    layout.describe()
                );
            }
        }
    }
    println!("{forgeries} forgeries, none accepted");
}

/// Long tables decide the size of a network with few rows: shorter ones take their place, and the
/// same layout comes from its numbers of lanes and rows.
#[test]
fn short_tables_make_small_networks_smaller() {
    let (network, input) = remainders();
    for see in [Visibilities::PUBLIC, Visibilities::COMMITTED] {
        let long = Layout::with(&network, &see, 5, None).unwrap();
        assert!(
            long.shape.k >= 13,
            "4,096 remainders and some: {}",
            long.describe()
        );
        let planned = Layout::plan(&network, &see, None).unwrap();
        assert!(planned.shape.k <= 10, "{}", planned.describe());
        let (lanes, k) = (planned.shape.lanes, Some(planned.shape.k));
        let srs = Srs::development(planned.shape.k);
        let digest = |layout| SheetKey::generate(layout, &srs).unwrap().digest();
        for again in [
            Layout::with(&network, &see, lanes, k),
            Layout::plan(&network, &see, k),
        ] {
            assert_eq!(digest(again.unwrap()), digest(planned.clone()));
        }
        for layout in [long, planned] {
            let witness = Witness::generate(&layout, &input, BINDING).unwrap();
            assert_eq!(witness.output, network.trace(&input).unwrap().output());
            mock(&layout, &witness).unwrap();
        }
    }
}

#[test]
fn batches_give_every_window_its_output() {
    for (name, network, _) in networks() {
        let windows = 3;
        let batch = network.batch(windows);
        batch.validate().unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let count = network.input.dims.len();
        let inputs: Vec<Vec<i64>> = (0..windows)
            .map(|_| (0..count).map(|_| rng.gen_range(-128..=127)).collect())
            .collect();
        let want: Vec<i64> = inputs
            .iter()
            .flat_map(|input| network.trace(input).unwrap().output().to_vec())
            .collect();
        let layout = Layout::with(&batch, &Visibilities::windows(windows), 5, None).unwrap();
        let witness = Witness::generate(&layout, &inputs.concat(), BINDING).unwrap();
        assert_eq!(witness.output, want, "{name}");
        println!("{name}: {} rows for {windows} windows", layout.row_count());
        mock(&layout, &witness).unwrap_or_else(|failures| panic!("{name}: {failures}"));
    }
}

#[test]
fn a_committed_output_may_have_a_wider_range() {
    for (name, network, input) in networks() {
        let interval = Some((-(1 << 20), 1 << 20));
        let visibilities = Visibilities {
            interval,
            ..Visibilities::COMMITTED
        };
        let layout = Layout::with(&network, &visibilities, 5, None).unwrap();
        let witness = Witness::generate(&layout, &input, BINDING).unwrap();
        mock(&layout, &witness).unwrap_or_else(|failures| panic!("{name}: {failures}"));
    }
    // A function's values above a lower bound that is not the table's.
    let mut maker = Maker::new(8, Dims(20, 1, 1));
    maker.dense(0, 9, false);
    let input = maker.input();
    let visibilities = Visibilities {
        interval: Some((-100, 300)),
        ..Visibilities::COMMITTED
    };
    let layout = Layout::with(&maker.network, &visibilities, 5, None).unwrap();
    let witness = Witness::generate(&layout, &input, BINDING).unwrap();
    mock(&layout, &witness).unwrap();
}

#[test]
fn proofs_of_every_operator_hold_and_name_their_output() {
    for (name, network, input) in networks() {
        let layout = Layout::with(&network, &Visibilities::PUBLIC, 5, None).unwrap();
        let srs = Srs::development(layout.shape.k);
        let key = Arc::new(SheetKey::generate(layout, &srs).unwrap());
        let prover = SheetProver::new(Arc::clone(&key), srs.clone(), 0);
        let proof = prover.prove(&input, BINDING).unwrap();
        assert_eq!(
            proof.output,
            network.trace(&input).unwrap().output(),
            "{name}"
        );
        key.verify(&srs, &proof.words, &proof.bytes).unwrap();
        let mut words = proof.words.clone();
        words[1][31] ^= 1;
        key.verify(&srs, &words, &proof.bytes).unwrap_err();
    }
}

/// Every value of the sheet replaced, in every cell that carries it and with everything that depends
/// on it recomputed, by its neighbours and by another number.
#[test]
fn no_value_can_be_another() {
    // One of so many forgeries is made.
    let rarity = Scale::from_environment().pick(4, 1);
    let mut forgeries = 0;
    for (name, network, input) in networks() {
        for layout in layouts(&network, 5) {
            let honest = Witness::generate(&layout, &input, BINDING).unwrap();
            mock(&layout, &honest).unwrap();
            let mut rng = ChaCha20Rng::seed_from_u64(9);
            // The value of a committed input or output may be another: it is another statement.
            for index in 0..honest.values().len() {
                let old = honest.values()[index];
                let other = Fr::from(rng.gen_range(0..2u64));
                for new in [old + Fr::one(), old - Fr::one(), other] {
                    if new == old || rng.gen_range(0..rarity) > 0 {
                        continue;
                    }
                    let mut values = honest.values().to_vec();
                    values[index] = new;
                    let (words, output) = (honest.words.clone(), honest.output.clone());
                    let (forged, _) = Witness::assemble(&layout, values, words, output);
                    forgeries += 1;
                    if mock(&layout, &forged).is_err() {
                        continue;
                    }
                    // A committed input may be another one; everything else must follow from it.
                    let input: Vec<i64> = (1..=input.len())
                        .map(|at| i64::from(forged.values()[at].to_repr().as_ref()[0]) - 128)
                        .collect();
                    let honest = Witness::generate(&layout, &input, BINDING).unwrap();
                    assert!(
                        layout.visibilities().input == Visibility::Committed && honest == forged,
                        "{name}, {}: value {index} can be {new:?} instead of {old:?}: {:?}",
                        layout.describe(),
                        layout.meaning_of(index)
                    );
                }
            }
        }
    }
    println!("{forgeries} forgeries, none accepted");
}

/// Every way to prove a linear node accepts what the network computes, and nothing else.
#[test]
fn every_method_binds_every_value() {
    let mut forgeries = 0;
    for (name, network, input) in networks() {
        for method in Method::ALL {
            let see = Visibilities::PUBLIC;
            let lanes = 5;
            let layout = Layout::with_by(&network, &see, lanes, None, Some(method)).unwrap();
            let honest = Witness::generate(&layout, &input, BINDING).unwrap();
            println!("{name}, {method}: {} rows", layout.row_count());
            mock(&layout, &honest)
                .unwrap_or_else(|failures| panic!("{name}, {method}: {failures}"));
            let mut rng = ChaCha20Rng::seed_from_u64(11);
            for _ in 0..40 {
                let index = rng.gen_range(0..honest.values().len());
                let mut values = honest.values().to_vec();
                values[index] += [Fr::one(), -Fr::one()][rng.gen_range(0..2)];
                let (words, output) = (honest.words.clone(), honest.output.clone());
                let (forged, _) = Witness::assemble(&layout, values, words, output);
                forgeries += 1;
                let meaning = layout.meaning_of(index);
                assert!(
                    mock(&layout, &forged).is_err(),
                    "{name}, {method}: {meaning}"
                );
            }
        }
    }
    println!("{forgeries} forgeries, none accepted");
}

/// Left to itself, a layout takes the way with fewer rows, or one that is a tenth longer at most.
#[test]
fn the_shorter_method_is_taken() {
    let mut maker = Maker::new(12, Dims(96, 1, 1));
    let hidden = maker.dense(0, 40, false);
    maker.dense(hidden, 3, true);
    let dense = maker.network;
    let mut cases: Vec<(String, Network)> = [1, 2, 4, 8, 16, 64]
        .map(|windows| (format!("{windows} windows"), dense.batch(windows)))
        .into();
    for size in [3, 4, 6, 10, 20] {
        let mut maker = Maker::new(13, Dims(6, size, size));
        let hidden = maker.convolution(conv(0, 8, [3, 3]), Some(0), false);
        maker.convolution(conv(hidden, 4, [1, 1]), None, true);
        cases.push((format!("{size} x {size}"), maker.network));
    }
    let mut taken = [0, 0];
    for (name, network) in cases {
        for lanes in [3, 8] {
            let rows = |method| {
                let see = Visibilities::COMMITTED;
                let layout = Layout::with_by(&network, &see, lanes, Some(16), method);
                layout.unwrap().row_count()
            };
            let free = rows(None);
            let [packed, point] = [Method::Packed, Method::RandomPoint].map(|way| rows(Some(way)));
            println!("{name}, {lanes} lanes: {free} rows; packed {packed}, random point {point}");
            let least = packed.min(point);
            assert!(
                10 * free <= 11 * least,
                "{name}: {free} rows, {least} would do"
            );
            taken[usize::from(point < packed)] += 1;
        }
    }
    assert!(
        taken[0] > 0 && taken[1] > 0,
        "both ways are somewhere the shorter one: {taken:?}"
    );
}

/// A normalisation with as many bits as there may be: its inverse deviation is the only one that holds.
#[test]
fn the_finest_normalisation_has_one_reading() {
    let precision = 36;
    let mut maker = Maker::new(14, Dims(16, 1, 1));
    maker.push(Operator::Norm(Norm {
        input: 0,
        group: 16,
        epsilon: 1,
        precision,
        scale: (0..16).map(|i| 90 + i).collect(),
        bias: vec![0; 16],
        divisor: 1 << (precision - 2),
    }));
    let input = maker.input();
    let layout = Layout::with(&maker.network, &Visibilities::COMMITTED, 5, None).unwrap();
    let honest = Witness::generate(&layout, &input, BINDING).unwrap();
    mock(&layout, &honest).unwrap();
    let mut forgeries = 0;
    for index in 0..honest.values().len() {
        if !layout.meaning_of(index).contains("Inverse") {
            continue;
        }
        for by in [Fr::one(), -Fr::one()] {
            let mut values = honest.values().to_vec();
            values[index] += by;
            let (words, output) = (honest.words.clone(), honest.output.clone());
            let (forged, _) = Witness::assemble(&layout, values, words, output);
            mock(&layout, &forged).unwrap_err();
            forgeries += 1;
        }
    }
    assert!(forgeries > 0);
    let Operator::Norm(norm) = &mut maker.network.nodes[0].operator else {
        panic!("a normalisation");
    };
    norm.precision += 1;
    let error = maker.network.validate().unwrap_err().to_string();
    assert!(error.contains("at most 36 bits"), "{error}");
}

/// What fits no other number of lanes is laid out with more.
#[test]
fn more_lanes_are_taken_where_nothing_else_fits() {
    let mut maker = Maker::new(15, Dims(30, 32, 32));
    maker.push(Operator::Lookup { input: 0, table: 0 });
    let input = maker.input();
    let plan = |k| Layout::plan(&maker.network, &Visibilities::COMMITTED, Some(k));
    assert!(!plan(13).unwrap().is_wide());
    let layout = plan(11).unwrap();
    println!("{}, {} rows", layout.describe(), layout.row_count());
    assert!(layout.is_wide());
    let witness = Witness::generate(&layout, &input, BINDING).unwrap();
    mock(&layout, &witness).unwrap();
}
