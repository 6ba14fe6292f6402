//! Proving and native verification.

use halo2_axiom::{
    halo2curves::bn256::{Bn256, Fr, G1Affine},
    plonk::{create_proof_from_advice, verify_proof},
    poly::{
        VerificationStrategy,
        commitment::ParamsProver,
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
    tape::{PUBLIC_STRIDE, Witness},
};

/// Length of a proof of the smallest shape, in bytes.
pub const PROOF_BYTES: usize = 960;

/// A proof and the statement that it proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Keccak-transcript proof, [`VerifyingKey::proof_bytes`] long.
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
    let Witness {
        lanes: mut columns,
        accumulators,
        public_inputs,
    } = witness;
    columns.push(accumulators);
    for column in &mut columns {
        column.resize(1 << key.layout().k, Fr::zero());
    }
    let instance = instance_column(&public_inputs)?;
    let instances: [&[Fr]; 1] = [&instance];
    let mut transcript = EvmTranscript::<G1Affine, NativeLoader, Vec<u8>, Vec<u8>>::init(vec![]);
    create_proof_from_advice::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _>(
        srs.params(),
        &key.plonk,
        &instances,
        columns,
        rng,
        &mut transcript,
    )
    .map_err(|error| Error::Prover(error.to_string()))?;
    Ok(Proof {
        bytes: TranscriptWriterBuffer::<_, G1Affine, _>::finalize(transcript),
        public_inputs,
    })
}

/// The instance column: public word i in row i times [`PUBLIC_STRIDE`], zeros between.
///
/// # Errors
/// [`Error::PublicInput`] for words not below r.
pub(crate) fn instance_column(public_inputs: &PublicInputs) -> Result<Vec<Fr>, Error> {
    let words = public_inputs.scalars()?;
    let mut column = vec![Fr::zero(); words.len().saturating_sub(1) * PUBLIC_STRIDE + 1];
    for (row, word) in column.iter_mut().step_by(PUBLIC_STRIDE).zip(words) {
        *row = word;
    }
    Ok(column)
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
    if proof.len() != key.proof_bytes() {
        return Err(Error::Rejected(format!(
            "{} bytes, want {}",
            proof.len(),
            key.proof_bytes()
        )));
    }
    let instance = instance_column(public_inputs)?;
    let columns: [&[Fr]; 1] = [&instance];
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
