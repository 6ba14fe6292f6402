//! Slices: linked natively and on chain, refused when they do not belong together.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod support;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use support::machine::{
    Called, Machine, address, arguments, bytes, dynamic, selector, slice_chain, verifier, word,
    words,
};
use veriregime_circuits::{
    network::{Convolution, Dims, FORMAT, Input, Linear, Network, Node, Operator, Table},
    sheet::{SheetProof, Visibilities, Visibility, commitment},
    slices::{Chain, ChainProof, Source, cut, plan},
    solidity,
    srs::Srs,
};

const BINDING: [u8; 32] = {
    let mut word = [3; 32];
    word[0] = 0;
    word
};

fn network() -> Network {
    network_of(6, 4)
}

/// A square image of two channels to `outputs` channels, a pool, two dense layers.
fn network_of(side: usize, outputs: usize) -> Network {
    let flat = outputs * (side / 2) * (side / 2);
    let mut rng = ChaCha20Rng::seed_from_u64(11);
    let mut linear = |mut term: Convolution, fan: usize, divisor, table| {
        term.weights = (0..term.outputs * fan)
            .map(|_| rng.gen_range(-7..=7))
            .collect();
        let bias = (0..term.outputs).map(|_| rng.gen_range(-99..=99)).collect();
        Operator::Linear(Linear {
            terms: vec![term],
            bias,
            divisor,
            table,
        })
    };
    let image = Convolution {
        kernel: [3, 3],
        padding: [1; 4],
        ..Convolution::dense(0, outputs, vec![])
    };
    let operators = [
        linear(image, 18, 128, Some(0)),
        Operator::Maximum {
            input: 1,
            kernel: [2, 2],
            stride: [2, 2],
            padding: [0; 4],
        },
        Operator::Gather {
            inputs: vec![2],
            dims: Dims(flat, 1, 1),
            index: vec![],
        },
        linear(
            Convolution::dense(3, 8, vec![]),
            flat,
            256 * flat.div_ceil(36).next_power_of_two() as u64,
            Some(0),
        ),
        linear(Convolution::dense(4, 3, vec![]), 8, 1, None),
    ];
    let nodes = operators
        .into_iter()
        .enumerate()
        .map(|(index, operator)| Node {
            name: format!("node{index}"),
            operator,
        });
    let network = Network {
        format: FORMAT.into(),
        input: Input {
            dims: Dims(2, side, side),
            low: -128,
            high: 127,
        },
        tables: vec![Table {
            name: "relu".into(),
            low: -400,
            values: (-400..400).map(|x: i32| x.clamp(0, 255)).collect(),
        }],
        nodes: nodes.collect(),
    };
    network.validate().unwrap();
    network
}

fn input(seed: u64) -> Vec<i64> {
    input_of(seed, 72)
}

fn input_of(seed: u64, count: usize) -> Vec<i64> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    (0..count).map(|_| rng.gen_range(-128..=127)).collect()
}

fn chain() -> Chain {
    let slices = cut(&network(), &[1, 3], &Visibilities::PUBLIC).unwrap();
    assert_eq!(slices.len(), 3);
    Chain::setup(slices, &Srs::development(11)).unwrap()
}

/// A chain on a chain.
struct Deployed {
    machine: Machine,
    contract: revm::primitives::Address,
}

impl Deployed {
    fn new(chain: &Chain) -> Self {
        let mut machine = Machine::default();
        let srs = Srs::development(11);
        let verifiers: Vec<[u8; 32]> = chain
            .keys()
            .iter()
            .map(|key| {
                let protocol = key.protocol().unwrap();
                let source = solidity::contract(&protocol, srs.params(), "").unwrap();
                address(machine.create(verifier(source)))
            })
            .collect();
        let links: Vec<[u8; 32]> = chain
            .links()
            .iter()
            .flat_map(|link| {
                [
                    link.from,
                    link.to,
                    link.from_offset,
                    link.to_offset,
                    link.length,
                ]
                .map(word)
            })
            .collect();
        let shared: Vec<[u8; 32]> = chain
            .shared()
            .iter()
            .flat_map(|pair| [pair.first, pair.other, pair.words].map(word))
            .collect();
        let array = |fields: &[[u8; 32]], length: usize| {
            let mut encoded = word(fields.len() / length).to_vec();
            encoded.extend(fields.concat());
            encoded
        };
        let mut code = slice_chain();
        code.extend(arguments(&[
            words(&verifiers),
            array(&links, 5),
            array(&shared, 3),
        ]));
        let contract = machine.create(code);
        Self { machine, contract }
    }

    fn verify(&mut self, proof: &ChainProof) -> Called {
        let slices: Vec<_> = proof
            .slices
            .iter()
            .map(|slice| slice.as_ref().unwrap())
            .collect();
        let statements: Vec<_> = slices.iter().map(|slice| words(&slice.words)).collect();
        let proofs: Vec<_> = slices.iter().map(|slice| bytes(&slice.bytes)).collect();
        let mut data = selector("verify(uint256[][],bytes[])");
        data.extend(arguments(&[dynamic(&statements), dynamic(&proofs)]));
        self.machine.call(self.contract, &data)
    }
}

#[test]
fn linked_slices_hold_natively_and_on_chain_and_mixed_ones_do_not() {
    let chain = chain();
    let mut deployed = Deployed::new(&chain);
    let (one, two) = (
        chain.prove(&input(1), BINDING, None).unwrap(),
        chain.prove(&input(2), BINDING, None).unwrap(),
    );
    let whole = network().trace(&input(1)).unwrap();
    assert_eq!(one.slices[2].as_ref().unwrap().output, whole.output());
    for proof in [&one, &two] {
        chain.verify(proof).unwrap();
        let called = deployed.verify(proof);
        assert!(called.success);
        println!("three slices: {} gas", called.gas);
    }
    // Every mixture of two valid inferences.
    for mask in 1..7 {
        let mixed = ChainProof {
            slices: (0..3)
                .map(|slice| {
                    let from = if mask >> slice & 1 == 1 { &two } else { &one };
                    from.slices[slice].clone()
                })
                .collect(),
        };
        let error = chain.verify(&mixed).unwrap_err().to_string();
        assert!(error.contains("do not belong together"), "{error}");
        let called = deployed.verify(&mixed);
        assert!(!called.success);
        assert_eq!(called.output[..4], selector("NotTogether(uint256,uint256)"));
    }
}

#[test]
fn another_binding_is_refused() {
    let chain = chain();
    let mut deployed = Deployed::new(&chain);
    let mut proof = chain.prove(&input(1), BINDING, None).unwrap();
    let other = chain.prove(&input(1), [0; 32], Some(&[1])).unwrap();
    proof.slices[1] = other.slices[1].clone();
    let error = chain.verify(&proof).unwrap_err().to_string();
    assert!(
        error.contains("slice 1") && error.contains("binding"),
        "{error}"
    );
    let called = deployed.verify(&proof);
    assert_eq!(called.output[..4], selector("OtherBinding(uint256)"));
}

#[test]
fn some_slices_can_be_proven_alone_and_name_their_tensors() {
    let chain = chain();
    let srs = Srs::development(11);
    let proof = chain.prove(&input(1), BINDING, Some(&[1])).unwrap();
    assert!(proof.slices[0].is_none() && proof.slices[2].is_none());
    chain.verify(&proof).unwrap();
    // Anyone with the tensors gets the commitments in the proof.
    let key = &chain.keys()[1];
    let (parts, output) = key.boundaries(&proof.slices[1].as_ref().unwrap().bytes);
    let inputs = chain.inputs(&input(1)).unwrap();
    let low = |tensor: usize| key.layout().bounds().tensors[tensor].low;
    let above = |values: &[i64], low: i64| values.iter().map(|x| x - low).collect::<Vec<_>>();
    assert_eq!(
        parts[0],
        commitment(key.layout(), &srs, &above(&inputs[1], low(0))).unwrap()
    );
    let last = chain.slices[1].network.nodes.len();
    assert_eq!(
        output,
        commitment(key.layout(), &srs, &above(&inputs[2], low(last))).unwrap()
    );
}

#[test]
fn cut_refuses_places_where_more_than_one_tensor_passes() {
    let mut network = network();
    network.nodes[4].operator = Operator::Linear(Linear {
        terms: vec![
            Convolution::dense(4, 3, vec![1; 24]),
            Convolution::dense(3, 3, vec![1; 108]),
        ],
        bias: vec![0; 3],
        divisor: 1,
        table: None,
    });
    network.validate().unwrap();
    let error = cut(&network, &[4], &Visibilities::PUBLIC)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("node2") && error.contains("node3"),
        "{error}"
    );
    assert_eq!(cut(&network, &[3], &Visibilities::PUBLIC).unwrap().len(), 2);
    for cuts in [&[0][..], &[3, 3], &[9]] {
        cut(&network, cuts, &Visibilities::PUBLIC).unwrap_err();
    }
}

#[test]
fn plan_splits_a_linear_node_that_does_not_fit_and_links_its_parts() {
    let network = network_of(14, 18);
    // 2^11 rows are too few for the first convolution as a whole.
    let slices = plan(&network, 11, 6, &Visibilities::COMMITTED).unwrap();
    let split: Vec<_> = slices
        .iter()
        .filter(|slice| slice.channels.is_some())
        .collect();
    assert!(
        split.len() > 1,
        "{:?}",
        slices.iter().map(|s| &s.name).collect::<Vec<_>>()
    );
    assert!(slices.iter().any(|slice| slice.sources.len() > 1));
    assert!(
        slices
            .iter()
            .filter(|slice| slice.sources == [Source::Input])
            .count()
            > 1
    );
    let chain = Chain::setup(slices, &Srs::development(11)).unwrap();
    let (one, two) = (
        chain.prove(&input_of(1, 392), BINDING, None).unwrap(),
        chain.prove(&input_of(2, 392), BINDING, None).unwrap(),
    );
    chain.verify(&one).unwrap();
    let last = one.slices.last().unwrap().as_ref().unwrap();
    assert_eq!(
        last.output,
        network.trace(&input_of(1, 392)).unwrap().output()
    );
    for slice in 0..one.slices.len() {
        let mut mixed = one.clone();
        mixed.slices[slice] = two.slices[slice].clone();
        chain.verify(&mixed).unwrap_err();
    }
}

/// The input and a function of it, channel by channel: a tensor whose channels have different lower
/// bounds, then a dense layer.
fn channels_apart() -> Network {
    let linear = |term: Convolution, divisor, table| {
        Operator::Linear(Linear {
            bias: vec![0; term.outputs],
            terms: vec![term],
            divisor,
            table,
        })
    };
    let operators = [
        linear(
            Convolution::dense(0, 4, (0..16).map(|i| i % 7 - 3).collect()),
            8,
            Some(0),
        ),
        Operator::Gather {
            inputs: vec![0, 1],
            dims: Dims(2, 1, 4),
            index: vec![],
        },
        Operator::Gather {
            inputs: vec![2],
            dims: Dims(8, 1, 1),
            index: vec![],
        },
        linear(
            Convolution::dense(3, 3, (0..24).map(|i| i % 9 - 4).collect()),
            1,
            None,
        ),
    ];
    let nodes = operators.into_iter().enumerate();
    let network = Network {
        input: Input {
            dims: Dims(4, 1, 1),
            low: -128,
            high: 127,
        },
        nodes: nodes
            .map(|(index, operator)| Node {
                name: format!("node{index}"),
                operator,
            })
            .collect(),
        ..network()
    };
    network.validate().unwrap();
    network
}

#[test]
fn a_tensor_whose_channels_have_different_lower_bounds_is_linked_by_its_values() {
    let network = channels_apart();
    let input = [100, 90, -80, 70];
    let slices = cut(&network, &[2], &Visibilities::PUBLIC).unwrap();
    let chain = Chain::setup(slices, &Srs::development(11)).unwrap();
    let proof = chain.prove(&input, BINDING, None).unwrap();
    // Values above the channels' own bounds: the function's are 128 too small for the second slice.
    let mut shifted = network.trace(&input).unwrap().tensors[2].clone();
    for value in &mut shifted[4..] {
        *value -= 128;
    }
    let mut forged = proof.clone();
    forged.slices[1] = Some(chain.prove_slice(1, &shifted, BINDING).unwrap());
    assert!(chain.verify(&forged).is_err(), "another tensor is accepted");
    chain.verify(&proof).unwrap();
}

/// A chain of 14 x 14 images whose first node is split, input and output as given.
fn split_chain(visibilities: &Visibilities) -> Chain {
    let slices = plan(&network_of(14, 18), 11, 6, visibilities).unwrap();
    Chain::setup(slices, &Srs::development(11)).unwrap()
}

/// Proofs of all slices of an inference in which one slice takes another tensor than the slices
/// before it made: everything else fits, so one link alone is broken.
fn broken(chain: &Chain, input: &[i64], at: (usize, usize)) -> ChainProof {
    let mut outputs: Vec<Vec<i64>> = vec![];
    let mut slices: Vec<Option<SheetProof>> = vec![];
    for (index, slice) in chain.slices.iter().enumerate() {
        let mut values: Vec<i64> = vec![];
        for (part, source) in slice.sources.iter().enumerate() {
            let mut tensor = match source {
                Source::Input => input.to_vec(),
                Source::Slice(from) => outputs[*from].clone(),
            };
            if (index, part) == at {
                let (low, high) = (slice.network.input.low, slice.network.input.high);
                assert!(low < high);
                tensor[0] += if tensor[0] > low.into() { -1 } else { 1 };
            }
            values.extend(tensor);
        }
        let proof = chain.prove_slice(index, &values, BINDING).unwrap();
        outputs.push(proof.output.clone());
        slices.push(Some(proof));
    }
    ChainProof { slices }
}

#[test]
fn every_link_is_needed() {
    for visibilities in [
        Visibilities::COMMITTED,
        Visibilities::of(Visibility::Public, Visibility::Committed),
    ] {
        let chain = split_chain(&visibilities);
        let mut deployed = Deployed::new(&chain);
        let input = input_of(1, 392);
        let proof = chain.prove(&input, BINDING, None).unwrap();
        chain.verify(&proof).unwrap();
        assert!(deployed.verify(&proof).success);
        let mut first = true;
        for (index, slice) in chain.slices.iter().enumerate() {
            for (part, source) in slice.sources.iter().enumerate() {
                // The first slice's input is what the others are compared with.
                if *source == Source::Input && std::mem::take(&mut first) {
                    continue;
                }
                let proof = broken(&chain, &input, (index, part));
                for (key, slice) in chain.keys().iter().zip(&proof.slices) {
                    let slice = slice.as_ref().unwrap();
                    key.verify(&Srs::development(11), &slice.words, &slice.bytes)
                        .unwrap();
                }
                let error = chain.verify(&proof).unwrap_err().to_string();
                let want = match (source, visibilities.input) {
                    (Source::Input, Visibility::Public) => "carry different ones".into(),
                    (Source::Input, Visibility::Committed) => format!("slices 0 and {index} do"),
                    (Source::Slice(from), _) => format!("slices {from} and {index} do"),
                };
                assert!(error.contains(&want), "{error}, want {want}");
                let reverts = match (source, visibilities.input) {
                    (Source::Input, Visibility::Public) => "NotOneInput(uint256,uint256)",
                    _ => "NotTogether(uint256,uint256)",
                };
                let called = deployed.verify(&proof);
                assert!(!called.success, "slice {index} part {part} on chain");
                assert_eq!(called.output[..4], selector(reverts));
                println!("slice {index} part {part}: {error}");
            }
        }
    }
}

#[test]
fn verify_refuses_a_missing_slice_too_many_and_a_proof_that_does_not_hold() {
    let chain = chain();
    let proof = chain.prove(&input(1), BINDING, None).unwrap();
    for count in [0, 2, 4] {
        let mut other = proof.clone();
        other.slices.resize(count, proof.slices[2].clone());
        let error = chain.verify(&other).unwrap_err().to_string();
        assert!(error.contains(&format!("{count} slices, the chain has 3")));
    }
    for slice in 0..3 {
        // Behind the commitments, so that the links hold.
        let mut other = proof.clone();
        let bytes = &mut other.slices[slice].as_mut().unwrap().bytes;
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        let error = chain.verify(&other).unwrap_err().to_string();
        assert!(error.contains(&format!("slice {slice} (")), "{error}");
        let mut other = proof.clone();
        other.slices[slice].as_mut().unwrap().words[0][31] ^= 1;
        let error = chain.verify(&other).unwrap_err().to_string();
        assert!(error.contains("slice"), "{error}");
    }
}
