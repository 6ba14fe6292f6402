//! A toy circuit with its key, proving statements.

use halo2_axiom::{
    halo2curves::bn256::{Bn256, Fr, G1Affine},
    plonk::{ProvingKey, create_proof, keygen_pk2},
    poly::kzg::{
        commitment::{KZGCommitmentScheme, ParamsKZG},
        multiopen::ProverSHPLONK,
    },
};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use veriregime_circuits::{field::Word, protocol::Protocol};

use super::{
    crafted::{Crafted, Trick, Zeros, encode},
    toy::{Shape, Toy},
};

/// A toy circuit with its key.
pub struct Keyed {
    pub shape: Shape,
    pub params: ParamsKZG<Bn256>,
    pub key: ProvingKey<G1Affine>,
}

impl Keyed {
    /// Keys a circuit under the reference string of a seed.
    pub fn new(shape: Shape, seed: u64) -> Self {
        let params = ParamsKZG::setup(shape.k, ChaCha20Rng::seed_from_u64(seed));
        let words = vec![Fr::zero(); shape.words];
        let key = keygen_pk2(&params, &Toy { shape, words }, false).unwrap();
        Self { shape, params, key }
    }

    pub fn protocol(&self) -> Protocol<'_> {
        Protocol::new(self.key.get_vk(), self.shape.words, self.shape.stride).unwrap()
    }

    /// Words and proof of a statement.
    pub fn prove(&self, seed: u64) -> (Vec<Fr>, Vec<u8>) {
        let (circuit, words) = self.statement(seed);
        let rng = ChaCha20Rng::seed_from_u64(seed);
        let proof = self
            .protocol()
            .prove::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>>(
                &self.params,
                &self.key,
                circuit,
                &words,
                rng,
            )
            .unwrap();
        (words, proof)
    }

    /// Words and proof of a true statement, encoded with a trick. The idle column is not blinded
    /// if its commitment shall be infinity.
    pub fn prove_crafted(&self, trick: Trick) -> (Vec<Word>, Vec<u8>) {
        let zeros = match trick {
            Trick::Infinity(_) => 64 * self.protocol().reserved_rows(),
            _ => 0,
        };
        let (circuit, words) = self.statement(1);
        let instance = self.protocol().instance(&words);
        let columns: [&[Fr]; 1] = [&instance];
        let mut crafted = Crafted::new(trick);
        create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
            &self.params,
            &self.key,
            &[circuit],
            &[&columns],
            Zeros::new(zeros),
            &mut crafted,
        )
        .unwrap();
        let rows = (0..).step_by(self.shape.stride);
        let words = words.iter().zip(rows);
        let words = words.map(|(word, row)| encode(word, trick.lifts(row)));
        // The circuit's own, then theta, beta, gamma, y, x, SHPLONK's y, v, u.
        let challenges = &crafted.challenges[self.shape.challenges..];
        let (x, u) = (challenges[4], challenges[7]);
        let mut proof = crafted.proof;
        proof.extend(self.protocol().hint_at(x, u).unwrap());
        (words.collect(), proof)
    }

    /// A circuit whose witness fits its words.
    fn statement(&self, seed: u64) -> (Toy, Vec<Fr>) {
        let words = (0..self.shape.words as u64).map(|i| Fr::from(seed * 1_000 + i));
        let words: Vec<Fr> = words.collect();
        let toy = Toy {
            shape: self.shape,
            words: words.clone(),
        };
        (toy, words)
    }
}
