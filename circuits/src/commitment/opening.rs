//! Opening proofs for [`FixedBaseScheme`]: the library's SHPLONK, byte for byte.
//!
//! halo2 hides the polynomials inside a `ProverQuery` from other crates, so SHPLONK (Boneh, Drake,
//! Fisch, Gabizon: Efficient polynomial commitment schemes for multiple points and polynomials,
//! 2020) cannot be written outside it on the same queries. The library's prover makes the two
//! commitments of the opening over its own parameters; all others use the tables.

use std::io;

use halo2_axiom::{
    halo2curves::bn256::{Bn256, G1Affine},
    poly::{ProverQuery, commitment::Prover, kzg::multiopen::ProverSHPLONK},
    transcript::{EncodedChallenge, TranscriptWrite},
};
use rand::RngCore;

use super::params::{FixedBaseParams, FixedBaseScheme};

/// SHPLONK over the reference string behind [`FixedBaseParams`].
#[derive(Debug)]
pub struct FixedBaseOpening<'params>(ProverSHPLONK<'params, Bn256>);

impl<'params> Prover<'params, FixedBaseScheme> for FixedBaseOpening<'params> {
    const QUERY_INSTANCE: bool = false;

    fn new(params: &'params FixedBaseParams) -> Self {
        Self(ProverSHPLONK::new(params.params()))
    }

    fn create_proof<'com, E, T, R, I>(
        &self,
        rng: R,
        transcript: &mut T,
        queries: I,
    ) -> io::Result<()>
    where
        E: EncodedChallenge<G1Affine>,
        T: TranscriptWrite<G1Affine, E>,
        I: IntoIterator<Item = ProverQuery<'com, G1Affine>> + Clone,
        R: RngCore,
    {
        self.0.create_proof(rng, transcript, queries)
    }
}
