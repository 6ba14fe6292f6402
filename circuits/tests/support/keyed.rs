//! A toy circuit with its key, proving statements.

use halo2_axiom::{
    halo2curves::bn256::{Bn256, Fr, G1Affine},
    plonk::{ProvingKey, create_proof, keygen_pk2},
    poly::kzg::{
        commitment::{KZGCommitmentScheme, ParamsKZG},
        multiopen::ProverSHPLONK,
    },
    transcript::{EncodedChallenge, TranscriptWrite, TranscriptWriterBuffer},
};
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use snark_verifier::{loader::native::NativeLoader, system::halo2::transcript::evm::EvmTranscript};
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

    fn protocol(&self) -> Protocol<'_> {
        Protocol::new(self.key.get_vk(), self.shape.words, self.shape.stride).unwrap()
    }

    /// Words and proof of a statement.
    pub fn prove(&self, seed: u64) -> (Vec<Fr>, Vec<u8>) {
        let transcript = EvmTranscript::<G1Affine, NativeLoader, Vec<u8>, Vec<u8>>::init(vec![]);
        let rng = ChaCha20Rng::seed_from_u64(seed);
        let (words, transcript) = self.prove_with(seed, rng, transcript);
        let mut proof = TranscriptWriterBuffer::<_, G1Affine, _>::finalize(transcript);
        proof.extend(self.protocol().hint(&words, &proof).unwrap());
        (words, proof)
    }

    /// Words and proof of a true statement, encoded with a trick. The idle column is not blinded
    /// if its commitment shall be infinity.
    pub fn prove_crafted(&self, trick: Trick) -> (Vec<Word>, Vec<u8>) {
        let zeros = match trick {
            Trick::Infinity(_) => 64 * self.protocol().reserved_rows(),
            Trick::Words | Trick::Evaluation(_) => 0,
        };
        let (words, crafted) = self.prove_with(1, Zeros::new(zeros), Crafted::new(trick));
        let words = words.iter().map(|word| encode(word, trick == Trick::Words));
        // theta, beta, gamma, y, x, SHPLONK's y, v, u
        let (x, u) = (crafted.challenges[4], crafted.challenges[7]);
        let mut proof = crafted.proof;
        proof.extend(self.protocol().hint_at(x, u).unwrap());
        (words.collect(), proof)
    }

    fn prove_with<E: EncodedChallenge<G1Affine>, T: TranscriptWrite<G1Affine, E>>(
        &self,
        seed: u64,
        rng: impl RngCore + Send + Sync,
        mut transcript: T,
    ) -> (Vec<Fr>, T) {
        let words: Vec<Fr> = (0..self.shape.words as u64)
            .map(|i| Fr::from(seed * 1_000 + i))
            .collect();
        let circuit = Toy {
            shape: self.shape,
            words: words.clone(),
        };
        let instance = self.protocol().instance(&words);
        let columns: [&[Fr]; 1] = [&instance];
        create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
            &self.params,
            &self.key,
            &[circuit],
            &[&columns],
            rng,
            &mut transcript,
        )
        .unwrap();
        (words, transcript)
    }
}
