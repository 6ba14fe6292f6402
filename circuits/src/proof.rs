//! Proving and native verification.

use halo2_axiom::{
    halo2curves::bn256::{Bn256, Fr, G1Affine},
    plonk::{create_proof_from_advice, verify_proof},
    poly::{
        VerificationStrategy,
        commitment::{CommitmentScheme, ParamsProver, Prover},
        kzg::{
            commitment::KZGCommitmentScheme,
            multiopen::{ProverSHPLONK, VerifierSHPLONK},
            strategy::SingleStrategy,
        },
    },
    transcript::{TranscriptReadBuffer, TranscriptWriterBuffer},
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

/// Points of a proof: advice (2), permutation product, random polynomial, quotient pieces (4),
/// opening (2).
const POINTS: usize = 10;
/// Evaluations of a proof: A; ACC here and next; three fixed columns; random polynomial;
/// permutation column; permutation product here and next.
const EVALUATIONS: usize = 10;
/// Length of every proof in bytes.
pub const PROOF_BYTES: usize = POINTS * 64 + EVALUATIONS * 32;

/// A proof and the statement that it proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Keccak-transcript proof, [`PROOF_BYTES`] long.
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
        mut values,
        mut accumulators,
        public_inputs,
    } = witness;
    let rows = 1usize << key.layout().k;
    values.resize(rows, Fr::zero());
    accumulators.resize(rows, Fr::zero());
    let scalars = public_inputs.scalars()?;
    let instances: [&[Fr]; 1] = [&scalars];
    let mut transcript = EvmTranscript::<G1Affine, NativeLoader, Vec<u8>, Vec<u8>>::init(vec![]);
    create_proof_from_advice::<Scheme, Opening, _, _, _>(
        params,
        &key.plonk,
        &instances,
        vec![values, accumulators],
        rng,
        &mut transcript,
    )
    .map_err(|error| Error::Prover(error.to_string()))?;
    Ok(Proof {
        bytes: TranscriptWriterBuffer::<_, G1Affine, _>::finalize(transcript),
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
    if proof.len() != PROOF_BYTES {
        return Err(Error::Rejected(format!(
            "{} bytes, want {PROOF_BYTES}",
            proof.len()
        )));
    }
    let scalars = public_inputs.scalars()?;
    let columns: [&[Fr]; 1] = [&scalars];
    let mut transcript = EvmTranscript::<G1Affine, NativeLoader, &[u8], Vec<u8>>::init(proof);
    let verifier = srs.params().verifier_params();
    let strategy: SingleStrategy<'_, Bn256> =
        VerificationStrategy::<_, VerifierSHPLONK<'_, Bn256>>::new(verifier);
    verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, _>(
        verifier,
        &key.plonk,
        strategy,
        &[&columns],
        &mut transcript,
    )
    .map_err(|error| Error::Rejected(error.to_string()))
}
