//! halo2's parameter file: k, 2^k G1 points, their Lagrange form, G2 and tau G2, all raw.

use std::{fs::File, io::BufReader, path::Path};

use halo2_axiom::{
    SerdeFormat,
    halo2curves::bn256::Bn256,
    poly::{
        commitment::{Params, ParamsProver},
        kzg::commitment::ParamsKZG,
    },
};

use super::Points;
use crate::{Error, tape::MAX_K};

/// Largest k of a file worth reading.
const MAX_FILE_K: u32 = 22;

pub(super) fn read(path: &Path, k: u32) -> Result<Points, Error> {
    let io = |source| Error::Io {
        action: "cannot read SRS",
        path: path.to_path_buf(),
        source,
    };
    let refuse = |problem: String| Error::Srs {
        place: path.display().to_string(),
        problem,
    };
    let file = File::open(path).map_err(io)?;
    let length = file.metadata().map_err(io)?.len();
    // k, then 2 x 2^k G1 points of 64 bytes, then 2 G2 points of 128 bytes.
    let size = (k..=MAX_FILE_K).find(|size| length == 4 + 256 + (128u64 << size)).ok_or_else(|| {
        refuse(format!(
            "{length} bytes is not a halo2 parameter file for {k} <= k <= {MAX_FILE_K}; at most {MAX_K} is needed"
        ))
    })?;
    let params = ParamsKZG::<Bn256>::read_custom(&mut BufReader::new(file), SerdeFormat::RawBytes)
        .map_err(|error| refuse(format!("{error}; the file is damaged")))?;
    if params.k() != size {
        return Err(refuse(format!(
            "says k = {} but holds k = {size}",
            params.k()
        )));
    }
    Ok(Points {
        g1: params.get_g()[..1 << k].to_vec(),
        s_g2: params.s_g2(),
        place: path.to_path_buf(),
    })
}
