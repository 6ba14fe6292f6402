//! A proof with its hint, of a circuit that makes its own witness.

use halo2_axiom::{
    halo2curves::bn256::{Fr, G1Affine},
    plonk::{self, Circuit, create_proof},
    poly::commitment::{CommitmentScheme, Prover},
    transcript::TranscriptWriterBuffer,
};
use rand::{CryptoRng, RngCore};
use snark_verifier::{loader::native::NativeLoader, system::halo2::transcript::evm::EvmTranscript};

use super::Protocol;
use crate::Error;

impl Protocol<'_> {
    /// Proves a statement's words with any commitment scheme that commits like KZG. The circuit is
    /// synthesised once per phase and assigns columns of the second phase only when the challenges
    /// are known (`Region::get_challenge`). A witness that breaks a gate yields bytes that no verifier
    /// accepts.
    ///
    /// # Errors
    /// [`Error::Prover`] for a key of another circuit, or when the proving system fails;
    /// [`Error::Rejected`] for another number of words.
    ///
    /// # Panics
    /// The proving system's, when the synthesis fails or assigns an unknown value.
    pub fn prove<'params, Scheme, Opening>(
        &self,
        params: &'params Scheme::ParamsProver,
        key: &plonk::ProvingKey<G1Affine>,
        circuit: impl Circuit<Fr>,
        words: &[Fr],
        rng: impl RngCore + CryptoRng,
    ) -> Result<Vec<u8>, Error>
    where
        Scheme: CommitmentScheme<Scalar = Fr, Curve = G1Affine>,
        Scheme::ParamsProver: Sync,
        Opening: Prover<'params, Scheme>,
    {
        if key.get_vk().transcript_repr() != self.key.transcript_repr() {
            return Err(Error::Prover("the proving key of another circuit".into()));
        }
        let instance = self.instance(words);
        let columns: [&[Fr]; 1] = [&instance];
        let mut transcript =
            EvmTranscript::<G1Affine, NativeLoader, Vec<u8>, Vec<u8>>::init(vec![]);
        create_proof::<Scheme, Opening, _, _, _, _>(
            params,
            key,
            &[circuit],
            &[&columns],
            rng,
            &mut transcript,
        )
        .map_err(|error| Error::Prover(error.to_string()))?;
        let mut proof = TranscriptWriterBuffer::<_, G1Affine, _>::finalize(transcript);
        proof.extend(self.hint(words, &proof)?);
        Ok(proof)
    }
}
