//! A circuit with everything that can judge its proofs: the native verifier, our contract and
//! snark-verifier's.

use halo2_axiom::{
    halo2curves::{
        bn256::{Bn256, Fr, G1Affine},
        ff::PrimeField,
    },
    plonk,
    poly::kzg::commitment::ParamsKZG,
};
use veriregime_circuits::{
    field::{Word, from_word, to_word},
    keys::ProvingKey,
    model::IntegerModel,
    proof::prove,
    protocol::Protocol,
    solidity::{contract, reference_contract},
    srs::Srs,
    tape::{self, Layout, PUBLIC_STRIDE},
};

use super::{
    crafted::Trick,
    evm::{Evm, Settings},
    keyed::Keyed,
    random_inputs,
    toy::Shape,
};

/// A statement's words and their proof.
pub type Proven = (Vec<Word>, Vec<u8>);

/// A circuit under test.
pub struct Subject {
    pub name: String,
    key: plonk::VerifyingKey<G1Affine>,
    params: ParamsKZG<Bn256>,
    words: usize,
    stride: usize,
    /// Proofs that everybody accepts.
    pub honest: Vec<Proven>,
    /// Proofs that are honest elsewhere: under another key, size or reference string.
    pub foreign: Vec<Proven>,
    /// Proofs of true statements that only the encoding speaks against.
    pub crafted: Vec<(String, Proven)>,
    ours: Evm,
    theirs: Evm,
}

impl Subject {
    /// A model compiled to the tape, and another one of the same widths for the foreign proofs.
    pub fn of_model(model: &IntegerModel, other: &IntegerModel, shape: tape::Shape) -> Self {
        let layout = Layout::compile(model, shape, None).unwrap();
        let name = format!(
            "{:?}, {}, {shape}",
            model.widths(),
            model.layers[0].activation.name()
        );
        let srs = Srs::development(layout.k);
        let key = ProvingKey::generate(layout, &srs).unwrap();
        let proven = |key: &ProvingKey, seed: u64| {
            let inputs = random_inputs(seed, model.input.len);
            let proof = prove(key, &srs, &inputs, [0; 32]).unwrap();
            (proof.public_inputs.words().to_vec(), proof.bytes)
        };
        let elsewhere = Layout::compile(other, shape, None).unwrap();
        let elsewhere = ProvingKey::generate(elsewhere, &srs).unwrap();
        let vk = key.plonk().get_vk().clone();
        let words = key.verifying_key().schema().words();
        let mut subject = Self::new(&name, vk, srs.params().clone(), (words, PUBLIC_STRIDE));
        subject.honest = (0..2).map(|seed| proven(&key, seed)).collect();
        subject.foreign = vec![proven(&elsewhere, 0)];
        subject
    }

    /// A toy circuit; the foreign proofs come from another salt, size and reference string.
    pub fn of_toy(name: &str, shape: Shape) -> Self {
        let words = |(words, proof): (Vec<Fr>, Vec<u8>)| -> Proven {
            (words.iter().map(to_word).collect(), proof)
        };
        let keyed = Keyed::new(shape, 1);
        let vk = keyed.key.get_vk().clone();
        let public = (shape.words, shape.stride);
        let mut subject = Self::new(name, vk, keyed.params.clone(), public);
        subject.honest = vec![words(keyed.prove(1)), words(keyed.prove(2))];
        let (salted, larger) = (
            Shape {
                salt: 1_000,
                ..shape
            },
            Shape {
                k: shape.k + 1,
                ..shape
            },
        );
        subject.foreign = [(salted, 1), (larger, 1), (shape, 2)]
            .into_iter()
            .map(|(shape, seed)| words(Keyed::new(shape, seed).prove(1)))
            .collect();
        if shape.idle {
            // The random polynomial's value is only ever added: no subtraction from r betrays it.
            let counts = subject.protocol().counts();
            let random = counts.advice_queries + counts.fixed_queries;
            // Infinity as the precompiles write it, and as a point off the curve.
            subject.crafted = [
                ("commitment at infinity", Trick::Infinity([0; 64])),
                ("commitment off the curve", Trick::Infinity([1; 64])),
                ("words with r added", Trick::Words),
                ("random evaluation with r added", Trick::Evaluation(random)),
            ]
            .map(|(name, trick)| (name.to_string(), keyed.prove_crafted(trick)))
            .to_vec();
        }
        // In the first round of a loop, in its last one, behind it.
        if shape.words > 64 {
            for word in [0, 63, shape.words - 1] {
                let proven = keyed.prove_crafted(Trick::Word(word * shape.stride));
                let name = format!("word {word} with r added");
                subject.crafted.push((name, proven));
            }
        }
        // The index behind the circuit's own challenges is theta's.
        for index in 0..shape.challenges {
            let chosen = format!("challenge {index} chosen");
            let proven = keyed.prove_crafted(Trick::Chosen(index));
            subject.crafted.push((chosen, proven));
            let repeated = format!("challenge {} the one before", index + 1);
            let proven = keyed.prove_crafted(Trick::Repeated(index + 1));
            subject.crafted.push((repeated, proven));
        }
        subject
    }

    fn new(
        name: &str,
        key: plonk::VerifyingKey<G1Affine>,
        params: ParamsKZG<Bn256>,
        (words, stride): (usize, usize),
    ) -> Self {
        let (ours, theirs) = {
            let protocol = Protocol::new(&key, words, stride).unwrap();
            let theirs = reference_contract(&protocol, &params).unwrap();
            let ours = contract(&protocol, &params, "").unwrap();
            (
                Evm::deploy(&ours, Settings::PROJECT),
                Evm::deploy(&theirs, Settings::PLAIN),
            )
        };
        Self {
            name: name.into(),
            key,
            params,
            words,
            stride,
            honest: vec![],
            foreign: vec![],
            crafted: vec![],
            ours,
            theirs,
        }
    }

    pub fn protocol(&self) -> Protocol<'_> {
        Protocol::new(&self.key, self.words, self.stride).unwrap()
    }

    /// Source of our contract.
    pub fn source(&self) -> String {
        contract(&self.protocol(), &self.params, "").unwrap()
    }

    /// Our contract, as the project compiles it.
    pub fn contract(&self) -> &Evm {
        &self.ours
    }

    /// Answers of the native verifier, our contract and the reference behind canonical checks.
    pub fn answers(&self, calldata: &[u8]) -> [bool; 3] {
        let decoded = self.decode(calldata);
        let native = decoded.as_ref().is_some_and(|(words, proof)| {
            self.protocol().verify(&self.params, words, proof).is_ok()
        });
        let reference = decoded
            .as_ref()
            .is_some_and(|(words, proof)| self.reference(words, proof));
        [native, self.ours.call(calldata).accepted, reference]
    }

    /// Words and proof of a canonically encoded call, the words below r.
    fn decode(&self, calldata: &[u8]) -> Option<(Vec<Fr>, Vec<u8>)> {
        let start = 4 + 96 + 32 * self.words + 32;
        let length = self.protocol().counts().proof_bytes();
        let body = calldata.get(100..start - 32)?;
        let proof = calldata.get(start..)?.to_vec();
        let words: Vec<Word> = body.chunks(32).map(|w| w.try_into().unwrap()).collect();
        // Only the canonical encoding is the encoding of what it says.
        if proof.len() != length || super::evm::call(&words, &proof) != calldata {
            return None;
        }
        let words: Option<Vec<Fr>> = words.iter().map(from_word).collect();
        Some((words?, proof))
    }

    /// The reference checks neither ranges nor infinity nor the hint.
    fn reference(&self, words: &[Fr], proof: &[u8]) -> bool {
        let counts = self.protocol().counts();
        let (body, hint) = proof.split_at(proof.len() - 32);
        let points = 64 * counts.commitments();
        let (points, rest) = body.split_at(points);
        let (scalars, opening) = rest.split_at(32 * counts.evaluations());
        let is_scalar = |word: &[u8]| {
            let mut repr: [u8; 32] = word.try_into().unwrap();
            repr.reverse();
            bool::from(Fr::from_repr(repr).is_some())
        };
        if !scalars.chunks(32).all(is_scalar) {
            return false;
        }
        let at_infinity = |point: &[u8]| point.iter().all(|&byte| byte == 0);
        if points.chunks(64).chain(opening.chunks(64)).any(at_infinity) {
            return false;
        }
        if self
            .protocol()
            .hint(words, body)
            .is_ok_and(|right| right != *hint)
        {
            return false;
        }
        let rows = self.protocol().instance(words);
        let mut calldata: Vec<u8> = rows.iter().flat_map(to_word).collect();
        calldata.extend(body);
        self.theirs.call(&calldata).accepted
    }
}
