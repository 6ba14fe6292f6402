//! Proving and verifying keys, on disk with a header that names what they belong to.

use std::{fs, path::Path};

use halo2_axiom::{
    SerdeFormat,
    halo2curves::{
        bn256::{G1Affine, G2Affine},
        ff::PrimeField,
    },
    plonk::{self, keygen_pk2},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sha3::Keccak256;

use crate::{
    Error,
    field::to_word,
    public::Schema,
    srs::{Srs, SrsKind},
    tape::{Layout, TapeCircuit},
};

/// Format of key files; changes whenever the circuit or the serialisation does.
pub const FORMAT: &str = "veriregime-key/1 halo2-axiom-0.5.3 tape/3";

/// What a verifier needs, native or on chain.
#[derive(Debug, Clone)]
pub struct VerifyingKey {
    pub(crate) plonk: plonk::VerifyingKey<G1Affine>,
    schema: Schema,
    s_g2: G2Affine,
    srs_kind: SrsKind,
    srs_sha256: [u8; 32],
}

/// What a prover needs.
#[derive(Debug)]
pub struct ProvingKey {
    pub(crate) plonk: plonk::ProvingKey<G1Affine>,
    verifying_key: VerifyingKey,
    layout: Layout,
}

/// First line of a key file.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    model: String,
    layout: String,
    srs: String,
    k: u32,
    payload_sha256: String,
}

impl Header {
    fn of(layout: &Layout, srs_sha256: [u8; 32], payload: &[u8]) -> Self {
        Self {
            format: FORMAT.into(),
            model: hex::encode(layout.model().digest()),
            layout: layout.describe(),
            srs: hex::encode(srs_sha256),
            k: layout.k,
            payload_sha256: hex::encode(Sha256::digest(payload)),
        }
    }
}

impl VerifyingKey {
    fn new(plonk: plonk::VerifyingKey<G1Affine>, schema: Schema, srs: &Srs) -> Self {
        Self {
            plonk,
            schema,
            s_g2: srs.params().s_g2(),
            srs_kind: srs.kind(),
            srs_sha256: srs.sha256(),
        }
    }

    /// Keccak-256 over everything that decides what the key accepts: the constraint system and the
    /// commitments to every weight (through halo2's key digest), the schema and the SRS's tau G2.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Keccak256::new();
        hash.update(b"veriregime-vk/1");
        hash.update(to_word(&self.plonk.transcript_repr()));
        hash.update((self.schema.inputs as u64).to_be_bytes());
        hash.update((self.schema.classes as u64).to_be_bytes());
        for coordinate in [&self.s_g2.x, &self.s_g2.y] {
            for part in [&coordinate.c1, &coordinate.c0] {
                let mut bytes = part.to_repr();
                bytes.reverse();
                hash.update(bytes);
            }
        }
        hash.finalize().into()
    }

    /// The first four bytes of the digest.
    pub fn model_id(&self) -> [u8; 4] {
        let digest = self.digest();
        [digest[0], digest[1], digest[2], digest[3]]
    }

    /// Shape of the public inputs.
    pub fn schema(&self) -> Schema {
        self.schema
    }

    /// log2 of the number of rows.
    pub fn k(&self) -> u32 {
        self.plonk.get_domain().k()
    }

    /// Kind of the SRS that the key was made with.
    pub fn srs_kind(&self) -> SrsKind {
        self.srs_kind
    }

    /// Digest of the SRS that the key was made with.
    pub fn srs_sha256(&self) -> [u8; 32] {
        self.srs_sha256
    }

    /// tau G2 of the SRS that the key was made with.
    pub fn s_g2(&self) -> G2Affine {
        self.s_g2
    }

    /// The proving system's key.
    pub fn plonk(&self) -> &plonk::VerifyingKey<G1Affine> {
        &self.plonk
    }
}

impl ProvingKey {
    /// Makes the keys of a layout.
    ///
    /// # Errors
    /// [`Error::Srs`] for an SRS of another size.
    pub fn generate(layout: Layout, srs: &Srs) -> Result<Self, Error> {
        check_size(&layout, srs)?;
        let circuit = TapeCircuit {
            layout: &layout,
            witness: None,
        };
        let plonk = keygen_pk2(srs.params(), &circuit, false)
            .map_err(|error| Error::Prover(format!("key generation: {error}")))?;
        let verifying_key = VerifyingKey::new(plonk.get_vk().clone(), layout.schema, srs);
        Ok(Self {
            plonk,
            verifying_key,
            layout,
        })
    }

    /// Reads the key if the file is there and belongs to this layout, SRS and version; otherwise
    /// makes it and writes the file.
    ///
    /// # Errors
    /// As [`Self::generate`] and [`Self::write`].
    pub fn read_or_generate(path: &Path, layout: Layout, srs: &Srs) -> Result<Self, Error> {
        match Self::read(path, layout.clone(), srs) {
            Ok(key) => Ok(key),
            Err(Error::Io { .. } | Error::Key { .. }) => {
                let key = Self::generate(layout, srs)?;
                key.write(path)?;
                Ok(key)
            }
            Err(error) => Err(error),
        }
    }

    /// Writes the key.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let io = |source| Error::Io {
            action: "cannot write key",
            path: path.into(),
            source,
        };
        let payload = self.plonk.to_bytes(SerdeFormat::RawBytesUnchecked);
        let header = Header::of(&self.layout, self.verifying_key.srs_sha256, &payload);
        let mut bytes = serde_json::to_vec(&header).map_err(|e| io(e.into()))?;
        bytes.push(b'\n');
        bytes.extend(payload);
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory).map_err(io)?;
        }
        let partial = path.with_extension(format!("{}.partial", std::process::id()));
        fs::write(&partial, bytes).map_err(io)?;
        fs::rename(&partial, path).map_err(io)
    }

    /// Reads a key and checks that it belongs to this layout, SRS and version.
    ///
    /// # Errors
    /// [`Error::Io`] for an unreadable file, [`Error::Key`] naming what differs.
    pub fn read(path: &Path, layout: Layout, srs: &Srs) -> Result<Self, Error> {
        check_size(&layout, srs)?;
        let bytes = fs::read(path).map_err(|source| Error::Io {
            action: "cannot read key",
            path: path.into(),
            source,
        })?;
        let refuse = |problem: String| Error::Key {
            path: path.into(),
            problem,
        };
        let end = bytes
            .iter()
            .position(|&b| b == b'\n')
            .unwrap_or(bytes.len());
        let (first, rest) = bytes.split_at(end);
        let payload = rest.get(1..).unwrap_or_default();
        let header: Header = serde_json::from_slice(first)
            .map_err(|error| refuse(format!("no key header: {error}")))?;
        let want = Header::of(&layout, srs.sha256(), payload);
        if header != want {
            return Err(refuse(format!("belongs to {header:?}, want {want:?}")));
        }
        let plonk = plonk::ProvingKey::from_bytes::<TapeCircuit<'static>>(
            payload,
            SerdeFormat::RawBytesUnchecked,
            layout.shape,
        )
        .map_err(|error| refuse(error.to_string()))?;
        let verifying_key = VerifyingKey::new(plonk.get_vk().clone(), layout.schema, srs);
        Ok(Self {
            plonk,
            verifying_key,
            layout,
        })
    }

    /// The verifying key.
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying_key
    }

    /// The proving system's key.
    pub fn plonk(&self) -> &plonk::ProvingKey<G1Affine> {
        &self.plonk
    }

    /// The compiled model.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }
}

fn check_size(layout: &Layout, srs: &Srs) -> Result<(), Error> {
    if srs.k() == layout.k {
        return Ok(());
    }
    Err(Error::Srs {
        place: format!("k = {}", srs.k()),
        problem: format!(
            "the model's circuit has k = {}; open the SRS with that size",
            layout.k
        ),
    })
}
