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

use std::sync::Arc;

use halo2_axiom::{dev::MockProver, halo2curves::ff::PrimeField};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use veriregime_circuits::{
    field::{Fr, from_word},
    network::{Convolution, Dims, FORMAT, Input, Linear, Network, Node, Norm, Operator, Table},
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

struct Maker {
    rng: ChaCha20Rng,
    network: Network,
}

impl Maker {
    fn new(seed: u64, dims: Dims) -> Self {
        Self {
            rng: ChaCha20Rng::seed_from_u64(seed),
            network: Network {
                format: FORMAT.into(),
                input: Input {
                    dims,
                    low: -128,
                    high: 127,
                },
                tables: vec![relu(), square()],
                nodes: vec![],
            },
        }
    }

    fn weights(&mut self, count: usize) -> Vec<i32> {
        (0..count).map(|_| self.rng.gen_range(-7..=7)).collect()
    }

    fn push(&mut self, operator: Operator) -> usize {
        let index = self.network.nodes.len();
        self.network.nodes.push(Node {
            name: format!("{}{index}", operator.kind()),
            operator,
        });
        index + 1
    }

    /// A convolution whose quotients fit the tables.
    fn convolution(&mut self, mut term: Convolution, table: Option<usize>, last: bool) -> usize {
        let channels = self.network.dims()[term.input].0;
        let fan = channels / term.groups * term.kernel[0] * term.kernel[1];
        term.weights = self.weights(term.outputs * fan);
        let bias = (0..term.outputs)
            .map(|_| self.rng.gen_range(-500..500))
            .collect();
        let reach = 256 * 7 * fan as u64 + 500;
        let divisor = if last {
            1
        } else {
            reach.div_ceil(500).next_power_of_two()
        };
        self.push(Operator::Linear(Linear {
            terms: vec![term],
            bias,
            divisor,
            table,
        }))
    }

    fn dense(&mut self, input: usize, outputs: usize, last: bool) -> usize {
        let table = (!last).then_some(0);
        self.convolution(Convolution::dense(input, outputs, vec![]), table, last)
    }

    fn input(&mut self) -> Vec<i64> {
        let count = self.network.input.dims.len();
        (0..count).map(|_| self.rng.gen_range(-128..=127)).collect()
    }
}

fn relu() -> Table {
    Table {
        name: "relu".into(),
        low: -600,
        values: (-600..600).map(|x: i32| x.clamp(0, 255)).collect(),
    }
}

fn square() -> Table {
    Table {
        name: "square".into(),
        low: -600,
        values: (-600..600)
            .map(|x: i32| (x * x / 512).min(255) - 100)
            .collect(),
    }
}

fn flatten(maker: &mut Maker, input: usize) -> usize {
    let count = maker.network.dims()[input].len();
    maker.push(Operator::Gather {
        inputs: vec![input],
        dims: Dims(count, 1, 1),
        index: vec![],
    })
}

fn conv(input: usize, outputs: usize, kernel: [usize; 2]) -> Convolution {
    Convolution {
        input,
        outputs,
        weights: vec![],
        kernel,
        stride: [1, 1],
        padding: [0; 4],
        dilation: [1, 1],
        groups: 1,
    }
}

/// Small networks with every operator and attribute.
fn networks() -> Vec<(&'static str, Network, Vec<i64>)> {
    let mut all = vec![];
    let mut add = |name, mut maker: Maker| {
        let input = maker.input();
        maker.network.validate().unwrap();
        all.push((name, maker.network, input));
    };

    let mut maker = Maker::new(1, Dims(20, 1, 1));
    let hidden = maker.dense(0, 9, false);
    maker.dense(hidden, 3, true);
    add("dense", maker);

    let mut maker = Maker::new(2, Dims(3, 1, 12));
    let hidden = maker.convolution(conv(0, 5, [1, 3]), Some(0), false);
    let hidden = maker.convolution(conv(hidden, 4, [1, 3]), Some(1), false);
    let flat = flatten(&mut maker, hidden);
    maker.dense(flat, 3, true);
    add("sequence", maker);

    let mut maker = Maker::new(3, Dims(2, 7, 6));
    let term = Convolution {
        padding: [1, 1, 1, 1],
        ..conv(0, 4, [3, 3])
    };
    let hidden = maker.convolution(term, Some(0), false);
    let pool = maker.push(Operator::Maximum {
        input: hidden,
        kernel: [2, 2],
        stride: [2, 2],
        padding: [0; 4],
    });
    let flat = flatten(&mut maker, pool);
    maker.dense(flat, 3, true);
    add("image", maker);

    let mut maker = Maker::new(4, Dims(4, 9, 8));
    let term = Convolution {
        stride: [2, 3],
        padding: [2, 1, 0, 2],
        dilation: [2, 1],
        groups: 2,
        ..conv(0, 6, [3, 2])
    };
    let hidden = maker.convolution(term, Some(1), false);
    let term = Convolution {
        padding: [1, 1, 1, 1],
        groups: 6,
        ..conv(hidden, 6, [3, 3])
    };
    let hidden = maker.convolution(term, None, false);
    let pool = maker.push(Operator::Maximum {
        input: hidden,
        kernel: [3, 2],
        stride: [2, 1],
        padding: [1, 1, 1, 0],
    });
    let flat = flatten(&mut maker, pool);
    maker.dense(flat, 2, true);
    add("strided, dilated, grouped, depthwise", maker);

    // Residual sum, average pool with a divisor that is no power of two, concatenation.
    let mut maker = Maker::new(5, Dims(3, 6, 6));
    let term = Convolution {
        padding: [1, 1, 1, 1],
        ..conv(0, 3, [3, 3])
    };
    let hidden = maker.convolution(term, Some(1), false);
    let sum = maker.push(Operator::Linear(Linear {
        terms: vec![
            Convolution::scale(0, &[3, 3, 3]),
            Convolution::scale(hidden, &[2, 1, -2]),
        ],
        bias: vec![4, 5, 6],
        divisor: 4,
        table: Some(0),
    }));
    let pool = Convolution {
        stride: [3, 3],
        groups: 3,
        weights: vec![1; 27],
        ..conv(sum, 3, [3, 3])
    };
    let pool = maker.push(Operator::Linear(Linear {
        terms: vec![pool],
        bias: vec![4; 3],
        divisor: 9,
        table: None,
    }));
    let other = maker.push(Operator::Maximum {
        input: hidden,
        kernel: [3, 3],
        stride: [3, 3],
        padding: [0; 4],
    });
    let both = maker.push(Operator::Gather {
        inputs: vec![pool, other],
        dims: Dims(24, 1, 1),
        index: (0..24).rev().collect(),
    });
    maker.dense(both, 4, true);
    add("residual, pools, concatenation", maker);

    // A gather whose channels mix lower bounds, a lookup, a normalisation.
    let mut maker = Maker::new(6, Dims(12, 1, 1));
    let hidden = maker.dense(0, 12, false);
    let mixed = maker.push(Operator::Gather {
        inputs: vec![0, hidden],
        dims: Dims(2, 1, 12),
        index: (0..24).map(|i| i / 2 + i % 2 * 12).collect(),
    });
    let norm = maker.push(Operator::Norm(Norm {
        input: mixed,
        group: 12,
        epsilon: 144,
        precision: 10,
        scale: (0..12).map(|i| 90 + i).collect(),
        bias: (0..12).map(|i| 1000 * i - 300).collect(),
        divisor: 1 << 10,
    }));
    let table = Table {
        name: "clamp".into(),
        low: -1000,
        values: (-1000..1000)
            .map(|x: i32| (x / 4).clamp(-128, 127))
            .collect(),
    };
    maker.network.tables.push(table);
    let clamped = maker.push(Operator::Lookup {
        input: norm,
        table: 2,
    });
    let flat = flatten(&mut maker, clamped);
    maker.dense(flat, 3, true);
    add("gather, normalisation, lookup", maker);
    all
}

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
    let full = std::env::var("VERIREGIME_SOUNDNESS").is_ok_and(|extent| extent == "full");
    // One of so many forgeries is made.
    let rarity = if full { 1 } else { 8 };
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
