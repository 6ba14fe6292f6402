//! Keys, proofs and native verification of sheets.

use std::sync::Arc;

use halo2_axiom::{
    halo2curves::bn256::{Bn256, G1Affine},
    plonk::{self, create_proof, keygen_pk2},
    poly::{
        commitment::{CommitmentScheme, Params, Prover},
        kzg::{commitment::KZGCommitmentScheme, multiopen::ProverSHPLONK},
    },
    transcript::TranscriptWriterBuffer,
};
use rand::{CryptoRng, RngCore, rngs::OsRng};
use sha3::{Digest, Keccak256};
use snark_verifier::{loader::native::NativeLoader, system::halo2::transcript::evm::EvmTranscript};

use super::{Layout, SheetCircuit, Witness};
use crate::{
    Error,
    commitment::{FixedBaseOpening, FixedBaseParams, FixedBaseScheme},
    field::{Fr, Word, from_word, to_word},
    protocol::Protocol,
    srs::Srs,
};

/// A proof of a sheet and its public words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetProof {
    /// Keccak-transcript proof and hint.
    pub bytes: Vec<u8>,
    /// The public words.
    pub words: Vec<Word>,
    /// The network's output.
    pub output: Vec<i64>,
}

/// Keys of a sheet.
#[derive(Debug)]
pub struct SheetKey {
    plonk: plonk::ProvingKey<G1Affine>,
    layout: Layout,
    srs_sha256: [u8; 32],
}

/// A sheet's prover: keys, reference string and tables of multiples of its points.
#[derive(Debug)]
pub struct SheetProver {
    key: Arc<SheetKey>,
    srs: Srs,
    params: FixedBaseParams,
}

impl SheetKey {
    /// Makes the keys of a layout.
    ///
    /// # Errors
    /// [`Error::Srs`] for an SRS of another size, [`Error::Prover`] when key generation fails.
    pub fn generate(layout: Layout, srs: &Srs) -> Result<Self, Error> {
        if srs.k() != layout.shape.k {
            return Err(Error::Srs {
                place: format!("k = {}", srs.k()),
                problem: format!("the network's circuit has k = {}", layout.shape.k),
            });
        }
        let circuit = SheetCircuit {
            layout: &layout,
            witness: None,
            whole: true,
        };
        let plonk = keygen_pk2(srs.params(), &circuit, false)
            .map_err(|error| Error::Prover(format!("key generation: {error}")))?;
        Ok(Self {
            plonk,
            layout,
            srs_sha256: srs.sha256(),
        })
    }

    /// The layout.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The proving system's key.
    pub fn plonk(&self) -> &plonk::ProvingKey<G1Affine> {
        &self.plonk
    }

    /// Keccak-256 over what decides what the key accepts: constraint system, weights, statement.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Keccak256::new();
        hash.update(b"veriregime-sheet-vk/1");
        hash.update(to_word(&self.plonk.get_vk().transcript_repr()));
        hash.update(self.layout.network().digest());
        hash.update(self.layout.describe().as_bytes());
        hash.update(self.srs_sha256);
        hash.finalize().into()
    }

    /// The proof as its verifiers see it.
    ///
    /// # Errors
    /// [`Error::Prover`] naming what is not supported.
    pub fn protocol(&self) -> Result<Protocol<'_>, Error> {
        Protocol::new(
            self.plonk.get_vk(),
            self.layout.words(),
            self.layout.stride(),
        )
    }

    /// Checks a proof against public words.
    ///
    /// # Errors
    /// [`Error::PublicInput`] for a word not below r, [`Error::Rejected`] for a proof that does not
    /// hold.
    pub fn verify(&self, srs: &Srs, words: &[Word], proof: &[u8]) -> Result<(), Error> {
        if srs.sha256() != self.srs_sha256 {
            return Err(Error::Srs {
                place: "verification".into(),
                problem: "not the SRS that the key was made with".into(),
            });
        }
        self.protocol()?
            .verify(srs.params(), &scalars(words)?, proof)
    }

    /// Commitments to each part of the input, then to the output, in a proof.
    pub fn boundaries<'p>(&self, proof: &'p [u8]) -> (Vec<&'p [u8]>, &'p [u8]) {
        let (parts, output) = self.layout.boundary_columns();
        let mut rest = proof;
        let mut take = |columns: usize| {
            let (points, after) = rest.split_at_checked(64 * columns).unwrap_or_default();
            rest = after;
            points
        };
        let parts = parts.into_iter().map(&mut take).collect();
        (parts, take(output))
    }
}

impl SheetProver {
    /// Builds the tables, in at most `memory_budget` bytes; 0 builds none.
    pub fn new(key: Arc<SheetKey>, srs: Srs, memory_budget: usize) -> Self {
        let params = FixedBaseParams::build(srs.shared_params(), memory_budget);
        Self { key, srs, params }
    }

    /// The keys.
    pub fn key(&self) -> &SheetKey {
        &self.key
    }

    /// The reference string.
    pub fn srs(&self) -> &Srs {
        &self.srs
    }

    /// Runs the network and proves the result, with the system's randomness.
    ///
    /// # Errors
    /// As [`Witness::generate`], and [`Error::Prover`].
    pub fn prove(&self, input: &[i64], binding: Word) -> Result<SheetProof, Error> {
        let witness = Witness::generate(self.key.layout(), input, binding)?;
        self.prove_witness(&witness, OsRng)
    }

    /// Proves a filled sheet. One that breaks a gate yields bytes that no verifier accepts.
    ///
    /// # Errors
    /// [`Error::Prover`] when the proving system fails.
    pub fn prove_witness(
        &self,
        witness: &Witness,
        rng: impl RngCore + CryptoRng,
    ) -> Result<SheetProof, Error> {
        create::<FixedBaseScheme, FixedBaseOpening<'_>>(&self.params, &self.key, witness, rng)
    }
}

/// Proves a filled sheet with the library's own commitments.
///
/// # Errors
/// [`Error::Prover`] when the proving system fails.
pub fn prove_witness(
    key: &SheetKey,
    srs: &Srs,
    witness: &Witness,
    rng: impl RngCore + CryptoRng,
) -> Result<SheetProof, Error> {
    create::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>>(srs.params(), key, witness, rng)
}

fn scalars(words: &[Word]) -> Result<Vec<Fr>, Error> {
    let scalar = |(index, word)| {
        from_word(word).ok_or(Error::PublicInput {
            index,
            problem: "not below the scalar modulus".into(),
        })
    };
    words.iter().enumerate().map(scalar).collect()
}

fn create<'params, Scheme, Opening>(
    params: &'params Scheme::ParamsProver,
    key: &SheetKey,
    witness: &Witness,
    rng: impl RngCore + CryptoRng,
) -> Result<SheetProof, Error>
where
    Scheme: CommitmentScheme<Scalar = Fr, Curve = G1Affine>,
    Scheme::ParamsProver: Sync,
    Opening: Prover<'params, Scheme>,
{
    let circuit = SheetCircuit {
        layout: &key.layout,
        witness: Some(witness),
        whole: false,
    };
    let scalars = scalars(&witness.words)?;
    let protocol = key.protocol()?;
    let instance = protocol.instance(&scalars);
    let instances: [&[Fr]; 1] = [&instance];
    let mut transcript = EvmTranscript::<G1Affine, NativeLoader, Vec<u8>, Vec<u8>>::init(vec![]);
    let boundary = key.layout.shape.boundary;
    let rng = Unblinded {
        zeros: 8 * boundary * protocol.reserved_rows(),
        rng,
    };
    create_proof::<Scheme, Opening, _, _, _, _>(
        params,
        &key.plonk,
        &[circuit],
        &[&instances],
        rng,
        &mut transcript,
    )
    .map_err(|error| Error::Prover(error.to_string()))?;
    let mut bytes = TranscriptWriterBuffer::<_, G1Affine, _>::finalize(transcript);
    bytes.extend(protocol.hint(&scalars, &bytes)?);
    let proof = SheetProof {
        bytes,
        words: witness.words.clone(),
        output: witness.output.clone(),
    };
    Ok(proof)
}

/// Randomness whose first numbers are zero: those that would blind the boundary columns.
///
/// The library fills the reserved rows of the columns in order, eight 64-bit numbers a field
/// element; the boundary columns come first. [`commitment`] says what their commitments must be.
struct Unblinded<R> {
    zeros: usize,
    rng: R,
}

impl<R: RngCore> RngCore for Unblinded<R> {
    fn next_u32(&mut self) -> u32 {
        self.rng.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        if self.zeros > 0 {
            self.zeros -= 1;
            return 0;
        }
        self.rng.next_u64()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.rng.fill_bytes(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand::Error> {
        self.rng.try_fill_bytes(bytes)
    }
}

/// Commitments to a tensor as every proof of a sheet of this size carries them: `values` are the
/// tensor's minus its lower bound. Points of 64 bytes.
///
/// # Errors
/// [`Error::Prover`] when a commitment is infinity, which it never is for values below r.
pub fn commitment(layout: &Layout, srs: &Srs, values: &[i64]) -> Result<Vec<u8>, Error> {
    use halo2_axiom::{
        arithmetic::CurveAffine,
        halo2curves::group::Curve,
        poly::{EvaluationDomain, commitment::Blind},
    };
    let k = layout.shape.k;
    let domain = EvaluationDomain::<Fr>::new(1, k);
    let mut bytes = vec![];
    for column in values.chunks(layout.shape.column()) {
        let mut scalars: Vec<Fr> = column
            .iter()
            .map(|&value| crate::field::from_int(value.into()))
            .collect();
        scalars.resize(layout.shape.column(), Fr::zero());
        scalars.push(Fr::one());
        scalars.resize(1 << k, Fr::zero());
        let polynomial = domain.lagrange_from_vec(scalars);
        let point = srs
            .params()
            .commit_lagrange(&polynomial, Blind::default())
            .to_affine();
        let coordinates = Option::from(point.coordinates())
            .ok_or_else(|| Error::Prover("the commitment of a tensor is infinity".into()));
        let coordinates: halo2_axiom::halo2curves::Coordinates<G1Affine> = coordinates?;
        for coordinate in [coordinates.x(), coordinates.y()] {
            use halo2_axiom::halo2curves::ff::PrimeField;
            let mut word = coordinate.to_repr();
            word.reverse();
            bytes.extend(word);
        }
    }
    Ok(bytes)
}
