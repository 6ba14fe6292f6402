//! Proofs that share a pairing: `accumulate` each, then `decide` all of them at once.
#![allow(missing_docs, clippy::unwrap_used, reason = "test")]

mod support;

use halo2_axiom::halo2curves::{
    bn256::{Fq, Fr, G1, G1Affine},
    ff::{Field, FromUniformBytes, PrimeField},
    group::Curve,
};
use rayon::prelude::*;
use sha3::{Digest, Keccak256};
use support::{
    corpus::corpus,
    evm::{Evm, Settings, accumulate, call, decide},
    random_model_with,
    subject::Subject,
    toy::Shape,
};
use veriregime_circuits::{
    field::{Word, from_word, to_word},
    tape,
};

/// One corrupted call in so many is tried without `VERIREGIME_CORPUS=full`.
const STEP: usize = 12;

fn toy() -> Subject {
    let shape = Shape {
        lanes: 1,
        degree: 4,
        words: 3,
        stride: 1,
        k: 7,
        ..Shape::default()
    };
    Subject::of_toy("toy", shape)
}

fn subjects() -> Vec<Subject> {
    let [model, other] =
        [21, 22].map(|seed| random_model_with(seed, &[3, 2, 2], 4, vec![1, -1, 1].into()));
    let shapes = ["1xbits", "3xbytes"].map(|shape| shape.parse::<tape::Shape>().unwrap());
    let mut subjects: Vec<_> = shapes
        .into_iter()
        .map(|shape| Subject::of_model(&model, &other, shape))
        .collect();
    subjects.push(toy());
    subjects
}

/// Accumulators of the subject's honest proofs.
fn honest(subject: &Subject) -> Vec<Vec<u8>> {
    let accumulator = |(words, proof): &(Vec<Word>, Vec<u8>)| {
        let calldata = accumulate(&call(words, proof));
        subject.contract().answer(&calldata).unwrap()
    };
    subject.honest.iter().map(accumulator).collect()
}

#[test]
fn a_batch_is_accepted_if_and_only_if_every_proof_is_valid() {
    let full = std::env::var("VERIREGIME_CORPUS").as_deref() == Ok("full");
    let mut decided = 0;
    for subject in subjects() {
        let contract = subject.contract();
        let good = honest(&subject);
        let cases: Vec<_> = corpus(&subject)
            .into_iter()
            .enumerate()
            .filter(|(index, case)| case.honest || full || index % STEP == 0)
            .map(|(_, case)| case)
            .collect();
        decided += cases
            .par_iter()
            .map(|case| {
                let Some(other) = contract.answer(&accumulate(&case.calldata)) else {
                    assert!(!case.honest, "{} was refused", case.name);
                    return 0;
                };
                assert_eq!(other.len(), 128, "{}", case.name);
                let batches = [
                    vec![other.clone()],
                    vec![other.clone(), good[0].clone()],
                    vec![good[0].clone(), other.clone()],
                    vec![good[0].clone(), other.clone(), good[1].clone()],
                    vec![other.clone(), other.clone()],
                ];
                for batch in batches {
                    let accepted = contract.call(&decide(&batch)).accepted;
                    assert_eq!(
                        accepted,
                        case.honest,
                        "{} in a batch of {}",
                        case.name,
                        batch.len()
                    );
                }
                1
            })
            .sum::<usize>();
    }
    println!("batches: {decided} accumulators decided, alone and beside valid ones");
}

#[test]
fn decide_refuses_every_other_encoding_and_every_altered_word() {
    let subject = toy();
    let contract = subject.contract();
    let good = honest(&subject);
    let calldata = decide(&good);
    assert!(contract.call(&calldata).accepted);
    assert!(!contract.call(&decide(&[])).accepted, "an empty batch");
    for word in 0..8 {
        let place = 68 + 32 * word + 31;
        for flipped in [1u8, 2, 0x80] {
            let mut altered = calldata.clone();
            altered[place] ^= flipped;
            assert!(!contract.call(&altered).accepted, "word {word} altered");
        }
    }
    let with = |place: usize, value: u8| {
        let mut altered = calldata.clone();
        altered[place] = value;
        altered
    };
    let others = [
        ("count of one", with(67, 1)),
        ("count of three", with(67, 3)),
        ("count plus 2^248", with(36, 1)),
        ("offset of 64", with(35, 64)),
        ("a byte short", calldata[..calldata.len() - 1].to_vec()),
        ("a byte long", [calldata.as_slice(), &[0]].concat()),
        ("a word long", [calldata.as_slice(), &[0; 32]].concat()),
        (
            "an accumulator long",
            [calldata.as_slice(), &good[0]].concat(),
        ),
    ];
    for (name, calldata) in others {
        assert!(!contract.call(&calldata).accepted, "{name}");
    }
    // W at infinity, P at infinity: the equation holds for the neutral elements, and means nothing.
    assert!(!contract.call(&decide(&[vec![0; 128]])).accepted);
}

fn point(bytes: &[u8]) -> G1Affine {
    let coordinate = |bytes: &[u8]| {
        let mut repr: [u8; 32] = bytes.try_into().unwrap();
        repr.reverse();
        Fq::from_repr(repr).unwrap()
    };
    let point = G1Affine {
        x: coordinate(&bytes[..32]),
        y: coordinate(&bytes[32..64]),
    };
    assert_eq!(
        point.y.square(),
        point.x.cube() + Fq::from(3),
        "on the curve"
    );
    point
}

fn bytes(point: G1) -> Vec<u8> {
    let point = point.to_affine();
    [point.x, point.y]
        .iter()
        .flat_map(|coordinate| {
            let mut repr = coordinate.to_repr();
            repr.reverse();
            repr
        })
        .collect()
}

/// A false statement with an honest proof of another one; W_2 is left to be chosen.
struct Forgery {
    words: Vec<Word>,
    proof: Vec<u8>,
    u: Fr,
}

impl Forgery {
    fn of(subject: &Subject, index: usize) -> Self {
        let (words, proof) = &subject.honest[index];
        let mut words = words.clone();
        let bumped = from_word(&words[0]).unwrap() + Fr::ONE;
        words[0] = to_word(&bumped);
        let scalars: Vec<Fr> = words.iter().map(|word| from_word(word).unwrap()).collect();
        let mut proof = proof[..proof.len() - 32].to_vec();
        let protocol = subject.protocol();
        let (_, u) = protocol.challenges(&scalars, &proof);
        proof.extend(protocol.hint(&scalars, &proof).unwrap());
        Self { words, proof, u }
    }

    /// Calldata with a chosen W_2, which no challenge depends on.
    fn call(&self, w2: G1) -> Vec<u8> {
        let mut proof = self.proof.clone();
        let place = proof.len() - 32 - 64;
        proof[place..place + 64].copy_from_slice(&bytes(w2));
        call(&self.words, &proof)
    }

    /// What P is besides u W_2.
    fn rest(&self, contract: &Evm) -> G1 {
        let w2 = G1::from(G1Affine::generator());
        let accumulator = contract.answer(&accumulate(&self.call(w2))).unwrap();
        point(&accumulator[..64]) - w2 * self.u
    }
}

/// Two proofs of false statements whose errors cancel, behind an honest one. With P = A + u W for the first and
/// P' = A' + u' W' for the second, and coefficients c and c^2 that the forger knows, W = (A + c A') / (u' - u) and
/// W' = -W / c make both sums vanish.
fn attack(subject: &Subject, contract: &Evm, c: Fr) -> bool {
    let forgeries = [0, 1].map(|index| Forgery::of(subject, index));
    let [a, b] = forgeries.each_ref().map(|forgery| forgery.rest(contract));
    let [u, v] = forgeries.each_ref().map(|forgery| forgery.u);
    let w = (a + b * c) * (v - u).invert().unwrap();
    let forged = [
        (&forgeries[0], w),
        (&forgeries[1], -w * c.invert().unwrap()),
    ];
    let forged = forged.map(|(forgery, w2)| {
        let calldata = forgery.call(w2);
        assert!(!contract.call(&calldata).accepted, "a forgery alone");
        contract.answer(&accumulate(&calldata)).unwrap()
    });
    let batch = [&honest(subject)[..1], &forged].concat();
    contract.call(&decide(&batch)).accepted
}

#[test]
fn forgeries_that_cancel_are_refused_and_pass_where_the_challenge_is_known() {
    let subject = toy();
    let first = honest(&subject)[0].clone();
    let mut wide = [0u8; 64];
    wide[..32].copy_from_slice(&Keccak256::digest(&first));
    wide[..32].reverse();
    let known = Fr::from_uniform_bytes(&wide);
    for (instead, c) in [("1", Fr::ONE), ("mod(keccak256(0, 128), r)", known)] {
        assert!(!attack(&subject, subject.contract(), c), "{instead}");
        let source = subject.source();
        let right = "mod(keccak256(0, size), r)";
        assert!(source.contains(right));
        let careless = Evm::deploy(&source.replace(right, instead), Settings::PROJECT);
        assert!(
            attack(&subject, &careless, c),
            "the attack works on {instead}"
        );
    }
}
