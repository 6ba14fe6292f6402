//! The structured reference string: powers of a secret that nobody knows.
//!
//! A proof is worth what its SRS is worth. [`Srs::open`] accepts only the points of one public
//! ceremony (Perpetual Powers of Tau for BN254, contribution 0085), whatever file format they come
//! in: the pinned digests are taken over the points. [`Srs::development`] makes an SRS whose secret
//! is public; everything made with it is labelled and refused outside chain 31337.

mod cache;
mod check;
mod gnark;
mod halo2;
mod pinned;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use halo2_axiom::{
    halo2curves::bn256::{Bn256, G1Affine, G2Affine},
    poly::{
        commitment::{Params, ParamsProver},
        kzg::commitment::ParamsKZG,
    },
};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde::{Deserialize, Serialize};

use crate::Error;

/// Where an SRS comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SrsKind {
    /// The pinned public ceremony.
    Ceremony,
    /// A secret known to everybody: for development on chain 31337 only.
    Development,
}

impl SrsKind {
    /// `ceremony` or `development`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ceremony => "ceremony",
            Self::Development => "development",
        }
    }
}

/// A reference string for circuits of 2^k rows.
#[derive(Debug, Clone)]
pub struct Srs {
    params: Arc<ParamsKZG<Bn256>>,
    kind: SrsKind,
    sha256: [u8; 32],
}

/// The points of a reference string, before they are trusted.
#[derive(Debug, Clone)]
struct Points {
    /// tau^i G1 for i below a power of two.
    g1: Vec<G1Affine>,
    /// tau G2.
    s_g2: G2Affine,
    /// Where they were read.
    place: PathBuf,
}

/// Seed of the development SRS: public on purpose.
const DEVELOPMENT_SEED: [u8; 32] = *b"VeriRegime development SRS v1 !!";

impl Srs {
    /// Reads and checks the ceremony's points for circuits of 2^k rows.
    ///
    /// `path` is a halo2 `.srs` file, or a directory that holds `kzg_bn254_<k>.srs` (any k that is
    /// large enough) or `g1_64k.gnark` with `g2_powers.gnark`. With a `cache` directory, points that
    /// passed (curve, subgroup, pairing, digest) are kept there and read back without the checks.
    ///
    /// # Errors
    /// [`Error::Io`] for unreadable files, [`Error::Srs`] for malformed or foreign points.
    pub fn open(path: &Path, k: u32, cache: Option<&Path>) -> Result<Self, Error> {
        let want = pinned::digest(k).ok_or_else(|| Error::Srs {
            place: format!("k = {k}"),
            problem: "no pinned digest for this size".into(),
        })?;
        if !path.exists() {
            return Err(Error::Io {
                action: "cannot read SRS",
                path: path.to_path_buf(),
                source: std::io::ErrorKind::NotFound.into(),
            });
        }
        if let Some(params) = cache.and_then(|dir| cache::read(dir, k, &want)) {
            return Ok(Self {
                params: params.into(),
                kind: SrsKind::Ceremony,
                sha256: want,
            });
        }
        let points = Self::read_points(path, k)?;
        check::check(&points)?;
        let got = pinned::digest_of(&points.g1, &points.s_g2);
        if got != want {
            return Err(Error::Srs {
                place: points.place.display().to_string(),
                problem: format!(
                    "digest of the points is {}, want {} (Perpetual Powers of Tau, contribution 0085, k = {k}): use the ceremony's file",
                    hex::encode(got),
                    hex::encode(want)
                ),
            });
        }
        let params = assemble(points, k);
        if let Some(dir) = cache {
            cache::write(dir, k, &want, &params)?;
        }
        Ok(Self {
            params: params.into(),
            kind: SrsKind::Ceremony,
            sha256: want,
        })
    }

    /// The ceremony's points for 2^k rows from the cache alone, if they were checked before.
    pub fn cached(k: u32, cache: &Path) -> Option<Self> {
        let want = pinned::digest(k)?;
        let params = cache::read(cache, k, &want)?;
        Some(Self {
            params: params.into(),
            kind: SrsKind::Ceremony,
            sha256: want,
        })
    }

    /// Name of the public mirror's file that holds 2^k points.
    pub fn mirror_file(k: u32) -> String {
        format!("kzg_bn254_{k}.srs")
    }

    /// An SRS whose secret is public: anyone can forge proofs under it. Chain 31337 only.
    pub fn development(k: u32) -> Self {
        let params = ParamsKZG::setup(k, ChaCha20Rng::from_seed(DEVELOPMENT_SEED));
        let sha256 = pinned::digest_of(params.get_g(), &params.s_g2());
        Self {
            params: params.into(),
            kind: SrsKind::Development,
            sha256,
        }
    }

    fn read_points(path: &Path, k: u32) -> Result<Points, Error> {
        if path.is_file() {
            return halo2::read(path, k);
        }
        let larger = (k..=crate::tape::MAX_K).map(|size| path.join(Self::mirror_file(size)));
        if let Some(file) = larger.into_iter().find(|file| file.is_file()) {
            return halo2::read(&file, k);
        }
        gnark::read(path, k)
    }

    /// Ceremony or development.
    pub fn kind(&self) -> SrsKind {
        self.kind
    }

    /// SHA-256 over the points in a canonical order and encoding, for this k.
    pub fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// log2 of the largest circuit.
    pub fn k(&self) -> u32 {
        self.params.k()
    }

    /// The proving system's view.
    pub fn params(&self) -> &ParamsKZG<Bn256> {
        &self.params
    }

    /// The proving system's view, shared: the points are kept once.
    pub fn shared_params(&self) -> Arc<ParamsKZG<Bn256>> {
        self.params.clone()
    }
}

fn assemble(points: Points, k: u32) -> ParamsKZG<Bn256> {
    // `from_parts` takes a receiver that it does not read.
    let any = ParamsKZG::<Bn256>::setup(1, ChaCha20Rng::from_seed(DEVELOPMENT_SEED));
    any.from_parts(k, points.g1, None, any.g2(), points.s_g2)
}
