//! Finding the SRS: an option, the cache, the public mirror; else a development one, loudly.

use std::{path::Path, time::Duration};

use veriregime_circuits::{
    Error,
    srs::{Srs, SrsKind},
};

use crate::working::Working;

/// Public mirror of contribution 0085's points in halo2's format. What it serves is checked against the pinned digest,
/// so the mirror need not be trusted.
const MIRROR: &str = "https://axiom-crypto.s3.amazonaws.com/challenge_0085";
/// 2^16 points in both bases take 8 MB.
const DOWNLOAD_LIMIT: usize = 64 << 20;

/// Opens the ceremony's SRS for circuits of 2^k rows, or makes a development one if none can be had.
///
/// Order: `given` (an error there is final: what was asked for must work), the cache, a download from the mirror.
///
/// # Errors
/// Only for a path that was given and does not hold the ceremony's points.
pub async fn locate(given: Option<&Path>, k: u32, cache: &Path) -> Result<Srs, Error> {
    if let Some(path) = given {
        return Srs::open(path, k, Some(&cache.join("given")));
    }
    // Points that were given once are not used unasked: what a command uses follows from its options alone.
    let mirrored = cache.join("mirror");
    if let Some(srs) = Srs::cached(k, &mirrored) {
        return Ok(srs);
    }
    match download(k, &mirrored).await {
        Ok(srs) => Ok(srs),
        Err(reason) => {
            tracing::warn!(
                code = "srs.development",
                %reason,
                "no ceremony SRS (give --srs or VERIREGIME_SRS): using a DEVELOPMENT SRS; its proofs can be forged by anybody"
            );
            Ok(Srs::development(k))
        }
    }
}

/// The label of an SRS as reports show it.
pub fn label(kind: SrsKind) -> &'static str {
    kind.as_str()
}

async fn download(k: u32, cache: &Path) -> Result<Srs, String> {
    let file = Srs::mirror_file(k);
    let client = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(4))
        .timeout(Duration::from_secs(120))
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| error.to_string())?;
    let mut response = client
        .get(format!("{MIRROR}/{file}"))
        .send()
        .await
        .and_then(reqwest::Response::error_for_status)
        .map_err(|error| format!("mirror: {error}"))?;
    let working = Working::download(format!("ceremony points {file}"), response.content_length());
    let mut points = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| format!("mirror: {error}"))?
    {
        points.extend_from_slice(&chunk);
        working.advance(chunk.len());
        if points.len() > DOWNLOAD_LIMIT {
            return Err(format!("mirror: more than {DOWNLOAD_LIMIT} bytes"));
        }
    }
    drop(working);
    std::fs::create_dir_all(cache).map_err(|error| format!("{}: {error}", cache.display()))?;
    let path = cache.join(format!("{file}.download.{}", std::process::id()));
    let opened = std::fs::write(&path, points)
        .map_err(|error| format!("{}: {error}", path.display()))
        .and_then(|()| Srs::open(&path, k, Some(cache)).map_err(|error| error.to_string()));
    // The checked points are in the cache now; the raw download has done its work either way.
    if let Err(error) = std::fs::remove_file(&path) {
        tracing::debug!(path = %path.display(), %error, "download not removed");
    }
    opened
}
