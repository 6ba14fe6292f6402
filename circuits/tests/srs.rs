//! Reference strings on disk.
#![allow(missing_docs, clippy::unwrap_used, reason = "test")]

use std::{fs, path::PathBuf};

use halo2_axiom::SerdeFormat;
use veriregime_circuits::{
    Error,
    srs::{Srs, SrsKind},
};

#[test]
fn development_srs_is_labelled_reproducible_and_no_ceremony() {
    let srs = Srs::development(6);
    assert_eq!(srs.kind(), SrsKind::Development);
    assert_eq!(srs.sha256(), Srs::development(6).sha256());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kzg_bn254_6.srs");
    let file = fs::File::create(&path).unwrap();
    srs.params()
        .write_custom(&mut &file, SerdeFormat::RawBytes)
        .unwrap();
    let error = Srs::open(&path, 6, None).unwrap_err().to_string();
    assert!(error.contains("digest of the points"), "{error}");
}

#[test]
fn ceremony_is_accepted_in_either_file_format_and_from_the_cache() {
    let Some(directory) = std::env::var_os("VERIREGIME_SRS").map(PathBuf::from) else {
        eprintln!("skipped: ceremony SRS (set VERIREGIME_SRS)");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let gnark = Srs::open(&directory, 8, Some(folder.path())).unwrap();
    assert_eq!(gnark.kind(), SrsKind::Ceremony);
    let cached = Srs::cached(8, folder.path()).unwrap();
    assert_eq!(cached.sha256(), gnark.sha256());
    let path = folder.path().join(Srs::mirror_file(8));
    let file = fs::File::create(&path).unwrap();
    gnark
        .params()
        .write_custom(&mut &file, SerdeFormat::RawBytes)
        .unwrap();
    assert_eq!(Srs::open(&path, 8, None).unwrap().sha256(), gnark.sha256());
    // A larger file serves a smaller circuit.
    assert!(Srs::open(folder.path(), 7, None).is_ok());
    // One bit of one point.
    let mut bytes = fs::read(&path).unwrap();
    bytes[4 + 64 * 9] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert!(matches!(Srs::open(&path, 8, None), Err(Error::Srs { .. })));
}

#[test]
fn srs_missing_or_malformed_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        Srs::open(folder.path(), 8, None),
        Err(Error::Io { .. })
    ));
    let path = folder.path().join("short.srs");
    fs::write(&path, [0; 100]).unwrap();
    assert!(
        Srs::open(&path, 8, None)
            .unwrap_err()
            .to_string()
            .contains("short.srs")
    );
}
