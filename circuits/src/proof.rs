//! Proving and native verification.

use halo2_axiom::{
    halo2curves::bn256::{Bn256, Fr, G1Affine},
    plonk::create_proof_from_advice,
    poly::{
        commitment::{CommitmentScheme, Prover},
        kzg::{commitment::KZGCommitmentScheme, multiopen::ProverSHPLONK},
    },
    transcript::TranscriptWriterBuffer,
};
use rand::{CryptoRng, RngCore, rngs::OsRng};
use snark_verifier::{loader::native::NativeLoader, system::halo2::transcript::evm::EvmTranscript};

use crate::{
    Error,
    field::Word,
    keys::{ProvingKey, VerifyingKey},
    public::PublicInputs,
    srs::Srs,
    tape::Witness,
};

/// A proof and the statement that it proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Keccak-transcript proof and hint, [`VerifyingKey::proof_bytes`] long.
    pub bytes: Vec<u8>,
    /// The statement.
    pub public_inputs: PublicInputs,
}

/// Runs the model on `inputs` and proves the result, with the system's randomness.
///
/// # Errors
/// [`Error::Input`] or [`Error::PublicInput`] for a statement that cannot be, [`Error::Prover`]
/// when the proving system fails.
pub fn prove(key: &ProvingKey, srs: &Srs, inputs: &[i16], binding: Word) -> Result<Proof, Error> {
    let witness = Witness::generate(key.layout(), inputs, binding)?;
    prove_witness(key, srs, witness, OsRng)
}

/// Proves a filled tape. A tape that breaks a gate yields bytes that no verifier accepts.
///
/// # Errors
/// As [`prove`].
pub fn prove_witness(
    key: &ProvingKey,
    srs: &Srs,
    witness: Witness,
    rng: impl RngCore + CryptoRng,
) -> Result<Proof, Error> {
    create::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>>(srs.params(), key, witness, rng)
}

/// Proves a filled tape with any commitment scheme that commits like KZG.
pub(crate) fn create<'params, Scheme, Opening>(
    params: &'params Scheme::ParamsProver,
    key: &ProvingKey,
    witness: Witness,
    rng: impl RngCore + CryptoRng,
) -> Result<Proof, Error>
where
    Scheme: CommitmentScheme<Scalar = Fr, Curve = G1Affine>,
    Scheme::ParamsProver: Sync,
    Opening: Prover<'params, Scheme>,
{
    let Witness {
        lanes: mut columns,
        accumulators,
        public_inputs,
    } = witness;
    columns.push(accumulators);
    for column in &mut columns {
        column.resize(1 << key.layout().k, Fr::zero());
    }
    let scalars = public_inputs.scalars()?;
    let protocol = key.verifying_key().protocol()?;
    let instance = protocol.instance(&scalars);
    let instances: [&[Fr]; 1] = [&instance];
    let mut transcript = EvmTranscript::<G1Affine, NativeLoader, Vec<u8>, Vec<u8>>::init(vec![]);
    create_proof_from_advice::<Scheme, Opening, _, _, _>(
        params,
        &key.plonk,
        &instances,
        columns,
        rng,
        &mut transcript,
    )
    .map_err(|error| Error::Prover(error.to_string()))?;
    let mut bytes = TranscriptWriterBuffer::<_, G1Affine, _>::finalize(transcript);
    bytes.extend(protocol.hint(&scalars, &bytes)?);
    Ok(Proof {
        bytes,
        public_inputs,
    })
}

/// Checks a proof against a statement.
///
/// # Errors
/// [`Error::PublicInput`] for words that no statement has, [`Error::Rejected`] for a proof of the
/// wrong length, a malformed one, or one that does not hold.
pub fn verify(
    key: &VerifyingKey,
    srs: &Srs,
    public_inputs: &PublicInputs,
    proof: &[u8],
) -> Result<(), Error> {
    if srs.sha256() != key.srs_sha256() {
        return Err(Error::Srs {
            place: "verification".into(),
            problem: "not the SRS that the verifying key was made with".into(),
        });
    }
    if public_inputs.schema() != key.schema() {
        return Err(Error::Rejected(format!(
            "statement of {:?}, the key wants {:?}",
            public_inputs.schema(),
            key.schema()
        )));
    }
    let scalars = public_inputs.scalars()?;
    key.protocol()?.verify(srs.params(), &scalars, proof)
}
