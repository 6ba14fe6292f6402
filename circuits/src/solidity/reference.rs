//! snark-verifier's Solidity code for the same key: an independent check of ours.
//!
//! It reduces scalars instead of rejecting them, checks no lengths and returns nothing, so it
//! stands behind canonical checks wherever it is compared. Compile it with the optimiser off.

use std::rc::Rc;

use halo2_axiom::{
    halo2curves::bn256::{Bn256, Fq, Fr, G1Affine},
    poly::commitment::ParamsProver,
};
use snark_verifier::{
    loader::evm::EvmLoader,
    pcs::kzg::{Bdfg21, KzgAs, KzgDecidingKey},
    system::halo2::{Config, compile, transcript::evm::EvmTranscript},
    verifier::{SnarkVerifier, plonk::PlonkVerifier},
};

use crate::{Error, keys::VerifyingKey, srs::Srs};

type Verifier = PlonkVerifier<KzgAs<Bn256, Bdfg21>>;

/// Solidity source of the reference verifier, `contract Halo2Verifier` with a fallback that takes
/// the public inputs, then the proof.
///
/// # Errors
/// [`Error::Prover`] when snark-verifier refuses the key.
pub fn reference(key: &VerifyingKey, srs: &Srs) -> Result<String, Error> {
    let params = srs.params();
    let count = vec![key.schema().words()];
    let protocol = compile(
        params,
        key.plonk(),
        Config::kzg().with_num_instance(count.clone()),
    );
    let deciding: KzgDecidingKey<Bn256> = (params.get_g()[0], params.g2(), params.s_g2()).into();
    let loader = EvmLoader::new::<Fq, Fr>();
    let protocol = protocol.loaded(&loader);
    let mut transcript = EvmTranscript::<G1Affine, Rc<EvmLoader>, _, _>::new(&loader);
    let instances = transcript.load_instances(count);
    let refuse = |error| Error::Prover(format!("snark-verifier: {error:?}"));
    let proof =
        Verifier::read_proof(&deciding, &protocol, &instances, &mut transcript).map_err(refuse)?;
    Verifier::verify(&deciding, &protocol, &instances, &proof).map_err(refuse)?;
    Ok(loader
        .solidity_code()
        .replace("pragma solidity 0.8.19;", "pragma solidity ^0.8.19;"))
}
