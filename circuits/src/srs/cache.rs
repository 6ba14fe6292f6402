//! Checked points, kept so that the checks and the Lagrange transform run once per machine.

use std::{
    fs,
    path::{Path, PathBuf},
};

use halo2_axiom::{
    SerdeFormat,
    halo2curves::bn256::Bn256,
    poly::{
        commitment::{Params, ParamsProver},
        kzg::commitment::ParamsKZG,
    },
};
use sha2::{Digest, Sha256};

use super::pinned;
use crate::Error;

fn path(directory: &Path, k: u32, digest: &[u8; 32]) -> PathBuf {
    directory.join(format!("srs-{k}-{}.bin", hex::encode(&digest[..8])))
}

/// `None` when there is no such file or it is damaged: the caller then reads the original.
pub(super) fn read(directory: &Path, k: u32, digest: &[u8; 32]) -> Option<ParamsKZG<Bn256>> {
    let bytes = fs::read(path(directory, k, digest)).ok()?;
    let (sum, payload) = bytes.split_first_chunk::<32>()?;
    if Sha256::digest(payload).as_slice() != sum {
        return None;
    }
    let mut payload = payload;
    let params = ParamsKZG::read_custom(&mut payload, SerdeFormat::RawBytesUnchecked).ok()?;
    let same = params.k() == k && pinned::digest_of(params.get_g(), &params.s_g2()) == *digest;
    same.then_some(params)
}

pub(super) fn write(
    directory: &Path,
    k: u32,
    digest: &[u8; 32],
    params: &ParamsKZG<Bn256>,
) -> Result<(), Error> {
    let path = path(directory, k, digest);
    let io = |source| Error::Io {
        action: "cannot write",
        path: path.clone(),
        source,
    };
    let mut payload = vec![];
    params
        .write_custom(&mut payload, SerdeFormat::RawBytesUnchecked)
        .map_err(io)?;
    let mut bytes = Sha256::digest(&payload).to_vec();
    bytes.append(&mut payload);
    fs::create_dir_all(directory).map_err(io)?;
    // Rename, so that a reader never sees half a file.
    let partial = path.with_extension(format!("{}.partial", std::process::id()));
    fs::write(&partial, bytes).map_err(io)?;
    fs::rename(&partial, &path).map_err(io)
}
