//! Native verification of a proof with its hint.

use halo2_axiom::{
    halo2curves::bn256::{Bn256, Fr, G1Affine},
    plonk::verify_proof,
    poly::{
        VerificationStrategy,
        commitment::ParamsProver,
        kzg::{
            commitment::{KZGCommitmentScheme, ParamsKZG},
            multiopen::VerifierSHPLONK,
            strategy::SingleStrategy,
        },
    },
    transcript::TranscriptReadBuffer,
};
use snark_verifier::{loader::native::NativeLoader, system::halo2::transcript::evm::EvmTranscript};

use super::Protocol;
use crate::Error;

impl Protocol<'_> {
    /// Checks a proof of a statement's words.
    ///
    /// # Errors
    /// [`Error::Rejected`] for a proof of the wrong length, a malformed one, one with a point at
    /// infinity or another hint, or one that does not hold.
    pub fn verify(
        &self,
        params: &ParamsKZG<Bn256>,
        words: &[Fr],
        proof: &[u8],
    ) -> Result<(), Error> {
        let (body, hint) = proof
            .split_last_chunk::<32>()
            .ok_or_else(|| Error::Rejected(format!("{} bytes", proof.len())))?;
        if self.hint(words, body)? != *hint {
            return Err(Error::Rejected("the last word is not the hint".into()));
        }
        // The transcript would read (0, 0) as a point; the contract refuses it, and so does this.
        let counts = self.counts();
        let (commitments, rest) = body.split_at(64 * counts.commitments());
        let (_, opening) = rest.split_at(32 * counts.evaluations());
        let infinity = |point: &[u8]| point.iter().all(|&byte| byte == 0);
        if commitments
            .chunks(64)
            .chain(opening.chunks(64))
            .any(infinity)
        {
            return Err(Error::Rejected("a point is infinity".into()));
        }
        let instance = self.instance(words);
        let columns: [&[Fr]; 1] = [&instance];
        let mut transcript = EvmTranscript::<G1Affine, NativeLoader, &[u8], Vec<u8>>::init(body);
        let verifier = params.verifier_params();
        let strategy: SingleStrategy<'_, Bn256> =
            VerificationStrategy::<_, VerifierSHPLONK<'_, Bn256>>::new(verifier);
        verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, _>(
            verifier,
            self.key,
            strategy,
            &[&columns],
            &mut transcript,
        )
        .map_err(|error| Error::Rejected(error.to_string()))
    }
}
