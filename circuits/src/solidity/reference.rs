//! snark-verifier's Solidity code for the same key: an independent check of ours.
//!
//! It reduces scalars instead of rejecting them, checks no lengths and returns nothing, so it
//! stands behind canonical checks wherever it is compared. Compile it with the optimiser off.

use std::rc::Rc;

use halo2_axiom::{
    halo2curves::bn256::{Bn256, Fq, Fr, G1Affine},
    poly::{commitment::ParamsProver, kzg::commitment::ParamsKZG},
};
use snark_verifier::{
    loader::evm::EvmLoader,
    pcs::kzg::{Bdfg21, KzgAs, KzgDecidingKey},
    system::halo2::{Config, compile, transcript::evm::EvmTranscript},
    verifier::{SnarkVerifier, plonk::PlonkVerifier},
};

use crate::{Error, keys::VerifyingKey, protocol::Protocol, srs::Srs};

type Verifier = PlonkVerifier<KzgAs<Bn256, Bdfg21>>;

/// Solidity source of the reference verifier, `contract Halo2Verifier` with a fallback that takes
/// the instance column down to the last public word, then the proof without its hint.
///
/// # Errors
/// [`Error::Prover`] when snark-verifier refuses the key.
pub fn reference(key: &VerifyingKey, srs: &Srs) -> Result<String, Error> {
    reference_contract(&key.protocol()?, srs.params())
}

/// The same for any circuit that the protocol supports.
///
/// # Errors
/// [`Error::Prover`] when snark-verifier refuses the key.
pub fn reference_contract(
    protocol: &Protocol<'_>,
    params: &ParamsKZG<Bn256>,
) -> Result<String, Error> {
    let count = vec![protocol.instance_rows()];
    let config = Config::kzg().with_num_instance(count.clone());
    let compiled = compile(params, protocol.key(), config);
    let deciding: KzgDecidingKey<Bn256> = (params.get_g()[0], params.g2(), params.s_g2()).into();
    let loader = EvmLoader::new::<Fq, Fr>();
    let protocol = compiled.loaded(&loader);
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
